/** Items that are sent: requested with a claim, then only forwards, until they have arrived (L-9). */
import { InventoryDelivery, type DeliveryStatus } from '../../entities/inventory/InventoryDelivery.ts';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { In } from 'typeorm';
import { recordAction } from '../admin/adminLog.ts';
import type { Actor } from '../platform/caller.ts';
import {
  listNumbered,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../platform/database/numberedList.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { conflict, lockItem, type WonRow } from './changeItem.ts';
import { handOver } from './redemption.ts';

const ORDER: readonly DeliveryStatus[] = ['requested', 'preparing', 'shipped', 'delivered'];

export interface ListedDelivery {
  delivery: InventoryDelivery;
  item: UserInventory;
}

const DELIVERIES: NumberedTable<InventoryDelivery> = {
  entity: InventoryDelivery,
  key: 'inventory_id',
  indexed: ['status'],
};

/** Newest first. */
export async function listDeliveries(
  database: Database,
  { status, ...query }: NumberedQuery & { status?: DeliveryStatus | undefined },
): Promise<LongPage<ListedDelivery>> {
  const reader = database.currentReader;
  const { items: deliveries, ...page } = await listNumbered(reader, DELIVERIES, { status }, query);
  const itemIds = deliveries.map(({ inventory_id: itemId }) => itemId);
  const items = await reader.findBy(UserInventory, { inventory_id: In(itemIds) });
  const byId = new Map(items.map((item) => [item.inventory_id, item]));
  const listed = deliveries.map((delivery) => ({ delivery, item: byId.get(delivery.inventory_id)! }));
  return { ...page, items: listed };
}

/** @throws AppError NOT_FOUND */
export async function readDelivery(database: Database, itemId: number): Promise<ListedDelivery> {
  const reader = database.currentReader;
  const [delivery, item] = await Promise.all([
    reader.findOneBy(InventoryDelivery, { inventory_id: itemId }),
    reader.findOneBy(UserInventory, { inventory_id: itemId }),
  ]);
  if (delivery === null || item === null) throw new AppError('NOT_FOUND');
  return { delivery, item };
}

export interface DeliveryStep {
  actor: Actor;
  itemId: number;
  status: Exclude<DeliveryStatus, 'requested' | 'collected'>;
  /** undefined: as it is. */
  carrier: string | undefined;
  trackingNo: string | undefined;
}

/**
 * Moves a delivery on, or corrects how it is sent. The item is its owner's once it has arrived.
 * @throws AppError NOT_FOUND, CONFLICT backwards, for what was fetched or has no address any more
 */
export async function moveDelivery(tx: Tx, step: DeliveryStep, nowMs: number): Promise<void> {
  const { actor, itemId, status } = step;
  const item = await lockItem(tx, itemId);
  const [delivery] = await tx.lock(InventoryDelivery, { where: { inventory_id: itemId } });
  if (item === undefined || delivery === undefined) throw new AppError('NOT_FOUND');
  const { carrier = delivery.carrier, trackingNo: tracking_no = delivery.tracking_no } = step;
  const before = { status: delivery.status, carrier: delivery.carrier, tracking_no: delivery.tracking_no };
  const after = { status, carrier, tracking_no };
  checkStep(item, delivery, status);
  if (JSON.stringify(after) === JSON.stringify(before)) return;
  await tx.manager.update(
    InventoryDelivery,
    { inventory_id: itemId },
    { ...after, updated_at: new Date(nowMs) },
  );
  if (status === 'shipped' && before.status !== 'shipped') await tellShipped(tx, item, after, nowMs);
  if (status === 'delivered') {
    // The row of the log is that of the item's redemption.
    await handOver(tx, { item, actor, restaurantId: null, delivery: after }, nowMs);
    return;
  }
  const target = { type: 'item', id: itemId };
  await recordAction(tx, { actor, action: 'prize.delivery', target, before, after }, nowMs);
}

function checkStep(
  item: WonRow,
  { status: before, address }: InventoryDelivery,
  status: DeliveryStep['status'],
): void {
  if (before === 'collected' || item.status !== 'claimed') throw conflict(item.status);
  if (ORDER.indexOf(status) < ORDER.indexOf(before))
    throw new AppError('CONFLICT', { details: { reason: 'backwards', status: before } });
  if (address === null && before !== 'shipped') throw conflict('no_address');
}

async function tellShipped(
  tx: Tx,
  { user_id: userId, inventory_id: item_id, draw_id, campaign_id, prize_id }: WonRow,
  { carrier, tracking_no }: Pick<InventoryDelivery, 'carrier' | 'tracking_no'>,
  nowMs: number,
): Promise<void> {
  const data = { user_id: userId, item_id, draw_id, campaign_id, prize_id, carrier, tracking_no };
  await emitEvents(tx, [{ type: 'lottery:prize_shipped', userId, data }], nowMs);
}
