/*
 * Items that points were exchanged for: how they come, change hands, are locked while they are offered, and end.
 *
 *   available ⇄ locked      an offer holds it; nobody redeems, gives or offers it meanwhile
 *   available → redeemed    at a counter, by the code that its owner is shown (redemption.ts)
 *   available → expired     once its time is over; a locked one waits until the offer has ended
 *
 * Whoever changes one holds its row. Won items go their own way, and stay with whoever has won them.
 */
import { In, LessThanOrEqual, type EntityManager } from 'typeorm';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { isActive } from '../identity/people/isActive.ts';
import { insertAll } from '../platform/database/bulk.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { LIMITS } from '../platform/limits.ts';
import { lockAccounts } from '../points/ledger.ts';
import { changeItem, conflict, isOver, type ItemRow } from './changeItem.ts';
import type { ItemCodes } from './codes.ts';

export interface Exchanged {
  exchangeId: number;
  userId: number;
  productId: number;
  name: string;
  /** 1/100 points, of one piece. */
  value: number;
  quantity: number;
  /** The first moment at which they cannot be used any more; null: they have no end. */
  expiresAtMs: number | null;
}

/** As many items as pieces. @returns their ids, in ascending order */
export async function giveExchangedItems(tx: Tx, given: Exchanged, nowMs: number): Promise<number[]> {
  const { exchangeId: exchange_id, expiresAtMs } = given;
  const piece = {
    user_id: given.userId,
    source: 'exchange',
    item_type: 'product',
    item_name: given.name,
    item_value: given.value,
    product_id: given.productId,
    exchange_id,
    status: 'available',
    expires_at: expiresAtMs === null ? null : new Date(expiresAtMs),
    created_at: new Date(nowMs),
  };
  await insertAll(tx, UserInventory, Array<typeof piece>(given.quantity).fill(piece));
  const items = await tx.manager.find(UserInventory, {
    select: { inventory_id: true },
    where: { exchange_id },
    order: { inventory_id: 'ASC' },
  });
  return items.map(({ inventory_id: itemId }) => itemId);
}

/** Until when each may be used; absent, or null: it has no end. */
export async function endsOfItems(
  manager: EntityManager,
  itemIds: readonly number[],
): Promise<ReadonlyMap<number, Date | null>> {
  if (itemIds.length === 0) return new Map();
  const items = await manager.find(UserInventory, {
    select: { inventory_id: true, expires_at: true },
    where: { inventory_id: In([...itemIds]) },
  });
  return new Map(items.map(({ inventory_id: itemId, expires_at }) => [itemId, expires_at]));
}

/** An exchanged item as it is now, which nobody else changes before the transaction ends. */
export async function lockExchangedItem(tx: Tx, itemId: number): Promise<ItemRow | undefined> {
  const [item] = await tx.lock(UserInventory, { where: { inventory_id: itemId, source: 'exchange' } });
  return item as ItemRow | undefined;
}

/**
 * Locks what somebody owns and may give away.
 * @throws AppError NOT_FOUND for another's, CONFLICT for what was won, is redeemed, locked or over
 */
export async function lockFreeItem(
  tx: Tx,
  { itemId, userId }: { itemId: number; userId: number },
  nowMs: number,
): Promise<ItemRow> {
  const [found] = await tx.lock(UserInventory, { where: { inventory_id: itemId } });
  if (found?.user_id !== userId) throw new AppError('NOT_FOUND');
  const item = found as ItemRow;
  if (item.source !== 'exchange') throw conflict('won');
  if (isOver(item, nowMs)) throw conflict('expired');
  if (item.status !== 'available') throw conflict(item.status);
  return item;
}

/** The item is somebody else's: what its former owner knows of its code leads nowhere any more. */
export async function moveItem(
  tx: Tx,
  codes: Pick<ItemCodes, 'forget'>,
  { item, toUserId }: { item: ItemRow; toUserId: number },
): Promise<void> {
  await changeItem(tx, item, { status: 'available', user_id: toUserId, owner_no: item.owner_no + 1 });
  await codes.forget(tx, item.inventory_id);
}

export interface Giving {
  fromUserId: number;
  toUserId: number;
  itemId: number;
}

/**
 * Gives an item of one's own to somebody. Both accounts are held: nothing comes to one that is about to be merged.
 * @throws AppError as `lockFreeItem`, NOT_FOUND for who is not there any more
 */
export async function transferItem(
  tx: Tx,
  codes: Pick<ItemCodes, 'forget'>,
  { fromUserId, toUserId, itemId }: Giving,
  nowMs: number,
): Promise<void> {
  await lockAccounts(tx, [fromUserId, toUserId]);
  const item = await lockFreeItem(tx, { itemId, userId: fromUserId }, nowMs);
  if (!(await isActive(tx, toUserId))) throw new AppError('NOT_FOUND');
  await moveItem(tx, codes, { item, toUserId });
  const data = {
    item_id: itemId,
    product_id: item.product_id,
    name: item.item_name,
    from_user_id: fromUserId,
    to_user_id: toUserId,
  };
  const type = 'inventory:item_transferred' as const;
  const events = [fromUserId, toUserId].map((userId) => ({ type, userId, data }));
  await emitEvents(tx, events, nowMs);
}

/** Ends what is over of exchanged items, in batches. Every node looks; each item ends once. */
export async function expireExchangedItems(
  { database, nowMs }: { database: Database; nowMs: number },
  stopping?: AbortSignal,
): Promise<void> {
  while (stopping?.aborted !== true) {
    const due = await database.currentReader.find(UserInventory, {
      select: { inventory_id: true },
      where: { status: 'available', expires_at: LessThanOrEqual(new Date(nowMs)) },
      order: { expires_at: 'ASC', inventory_id: 'ASC' },
      take: LIMITS.itemsPerExpiry,
    });
    if (due.length === 0) return;
    const itemIds = due.map(({ inventory_id: itemId }) => itemId);
    await database.retryingTransaction((tx) => endItems(tx, itemIds, nowMs));
    if (due.length < LIMITS.itemsPerExpiry) return;
  }
}

async function endItems(tx: Tx, itemIds: readonly number[], nowMs: number): Promise<void> {
  const locked = (await tx.lock(UserInventory, {
    where: { inventory_id: In([...itemIds]) },
    order: { inventory_id: 'ASC' },
  })) as ItemRow[];
  const ending = locked.filter((item) => item.status === 'available' && isOver(item, nowMs));
  if (ending.length === 0) return;
  const endingIds = ending.map(({ inventory_id: itemId }) => itemId);
  const ended = { inventory_id: In(endingIds), status: 'available' };
  await tx.manager.update(UserInventory, ended, { status: 'expired' });
  const events = ending.map(({ user_id: userId, inventory_id: item_id, product_id, item_name: name }) => ({
    type: 'inventory:item_expired' as const,
    userId,
    data: { user_id: userId, item_id, product_id, name },
  }));
  await emitEvents(tx, events, nowMs);
}
