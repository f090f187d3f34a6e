import { z } from 'zod';
import { InventoryDelivery } from '../../entities/inventory/InventoryDelivery.ts';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { ownDeliveryShape, ownDeliveryToWire } from './ownDelivery.ts';
import type { Database } from '../platform/database/transaction.ts';
import { pointsShape, timeShape, toWirePoints } from '../platform/shapes.ts';

export const ownedItemShape = z.object({
  item_id: z.int(),
  source: z.string(),
  type: z.string(),
  name: z.string(),
  value: pointsShape,
  campaign_id: z.int().nullable(),
  prize_id: z.int().nullable(),
  draw_id: z.int().nullable(),
  status: z.string(),
  expires_at: timeShape.nullable(),
  created_at: timeShape,
  claimed_at: timeShape.nullable(),
  redeemed_at: timeShape.nullable(),
  rating: z.int().nullable(),
  delivery: ownDeliveryShape.nullable(),
});
type OwnedItem = z.output<typeof ownedItemShape>;

/** What a user owns, for themself, newest first. */
export async function readItems(database: Database, userId: number, limit: number): Promise<OwnedItem[]> {
  const newestFirst = { where: { user_id: userId }, order: { inventory_id: 'DESC' }, take: limit } as const;
  const [items, deliveries] = await Promise.all([
    database.reader.find(UserInventory, newestFirst),
    database.reader.find(InventoryDelivery, newestFirst),
  ]);
  const sent = new Map(deliveries.map((delivery) => [delivery.inventory_id, ownDeliveryToWire(delivery)]));
  return items.map((item) => ({
    item_id: item.inventory_id,
    source: item.source,
    type: item.item_type,
    name: item.item_name,
    value: toWirePoints(item.item_value),
    campaign_id: item.campaign_id,
    prize_id: item.prize_id,
    draw_id: item.draw_id,
    status: item.status,
    expires_at: item.expires_at?.toISOString() ?? null,
    created_at: item.created_at.toISOString(),
    claimed_at: item.claimed_at?.toISOString() ?? null,
    redeemed_at: item.redeemed_at?.toISOString() ?? null,
    rating: item.rating,
    delivery: sent.get(item.inventory_id) ?? null,
  }));
}
