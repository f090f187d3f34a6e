import { InventoryDelivery, type DeliveryAddress } from '../../entities/inventory/InventoryDelivery.ts';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { insertOne } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { changeItem, conflict, isOver, lockItem, type WonRow } from './changeItem.ts';
import type { ItemCodes } from './codes.ts';

export interface Claim {
  userId: number;
  drawId: number;
  /** undefined: it is fetched. */
  address: DeliveryAddress | undefined;
}

/**
 * Takes what a draw has given, once (L-9). From then on it has no end, and its code leads to it.
 * @throws AppError NOT_FOUND for another's draw, and one that gave no item; PRIZE_ALREADY_CLAIMED, PRIZE_EXPIRED, CONFLICT
 */
export async function claimItem(
  tx: Tx,
  codes: ItemCodes,
  { userId, drawId, address }: Claim,
  nowMs: number,
): Promise<WonRow> {
  const item = await lockOfDraw(tx, drawId);
  if (item?.user_id !== userId) throw new AppError('NOT_FOUND');
  if (item.status === 'claimed' || item.status === 'redeemed') throw new AppError('PRIZE_ALREADY_CLAIMED');
  if (item.status === 'void') throw conflict('void');
  if (isOver(item, nowMs)) throw new AppError('PRIZE_EXPIRED');
  const claimed_at = new Date(nowMs);
  await changeItem(tx, item, { status: 'claimed', claimed_at, expires_at: null });
  if (address !== undefined) await requestDelivery(tx, item, address, nowMs);
  await codes.show(tx, item, nowMs);
  const { inventory_id: item_id, draw_id, campaign_id, prize_id } = item;
  const data = { user_id: userId, item_id, draw_id, campaign_id, prize_id, is_sent: address !== undefined };
  await emitEvents(tx, [{ type: 'lottery:prize_claimed', userId, data }], nowMs);
  return { ...item, status: 'claimed', claimed_at, expires_at: null };
}

/** Found first and locked by its key: nothing is locked of a draw that gave nothing. */
async function lockOfDraw(tx: Tx, drawId: number): Promise<WonRow | undefined> {
  const found = await tx.manager.findOne(UserInventory, {
    select: { inventory_id: true },
    where: { draw_id: drawId },
  });
  return found === null ? undefined : lockItem(tx, found.inventory_id);
}

async function requestDelivery(
  tx: Tx,
  { inventory_id, user_id }: WonRow,
  address: DeliveryAddress,
  nowMs: number,
): Promise<void> {
  const created_at = new Date(nowMs);
  const row = { inventory_id, user_id, status: 'requested' as const, address, created_at };
  await insertOne(tx, InventoryDelivery, { ...row, updated_at: created_at });
}
