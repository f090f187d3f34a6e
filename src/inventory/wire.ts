/** Won prizes, as the wire has them. */
import type { z } from 'zod';
import type { WonItemStatus } from '../../entities/inventory/UserInventory.ts';
import { toWirePoints } from '../platform/shapes.ts';
import type { ListedDelivery } from './deliveries.ts';
import type { deliveryShape, listedDeliveryShape, myPrizesShape, userPrizesShape } from './messages.ts';
import type { WonPrize } from './myPrizes.ts';
import { ownDeliveryToWire } from './ownDelivery.ts';

export function wonPrizeToWire({
  item,
  delivery,
  imageUrl,
}: WonPrize): z.output<typeof myPrizesShape>['items'][number] {
  return {
    item_id: item.inventory_id,
    draw_id: item.draw_id,
    campaign_id: item.campaign_id,
    name: item.item_name,
    type: item.item_type,
    value: toWirePoints(item.item_value),
    image_url: imageUrl,
    status: item.status as WonItemStatus,
    won_at: item.created_at.toISOString(),
    expires_at: item.expires_at?.toISOString() ?? null,
    claimed_at: item.claimed_at?.toISOString() ?? null,
    redeemed_at: item.redeemed_at?.toISOString() ?? null,
    redeemed_restaurant_id: item.redeemed_restaurant_id,
    delivery: delivery === undefined ? null : ownDeliveryToWire(delivery),
    rating: item.rating,
  };
}

/** As others have it: without where it is sent to. */
export function othersPrizeToWire(won: WonPrize): z.output<typeof userPrizesShape>['items'][number] {
  const { delivery, ...shown } = wonPrizeToWire(won);
  if (delivery === null) return { ...shown, delivery };
  const { name: _, phone: __, address: ___, ...sent } = delivery;
  return { ...shown, delivery: sent };
}

/** In a list nobody's number is in full. */
export function listedDeliveryToWire({
  delivery,
  item,
}: ListedDelivery): z.output<typeof listedDeliveryShape> {
  const { status, address, carrier, tracking_no } = delivery;
  return {
    item_id: item.inventory_id,
    user_id: item.user_id,
    draw_id: item.draw_id,
    name: item.item_name,
    type: item.item_type,
    status,
    phone: address === null ? null : maskPhone(address.phone),
    carrier,
    tracking_no,
    requested_at: delivery.created_at.toISOString(),
    updated_at: delivery.updated_at.toISOString(),
  };
}

export function deliveryToWire(listed: ListedDelivery): z.output<typeof deliveryShape> {
  const { name = null, phone = null, address = null } = listed.delivery.address ?? {};
  return { ...listedDeliveryToWire(listed), recipient: name, phone, address };
}

/** Its last two digits alone: numbers of all kinds are given here. */
function maskPhone(phone: string): string {
  return `****${phone.slice(-2)}`;
}
