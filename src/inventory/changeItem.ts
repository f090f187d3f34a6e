/** An item's way from one status to the next: each step is one statement that finds the item as it must be, or fails (RL-9). */
import type { ItemStatus, UserInventory, WonItemStatus } from '../../entities/inventory/UserInventory.ts';
import { UserInventory as Item } from '../../entities/inventory/UserInventory.ts';
import { sqlTime } from '../platform/database/sqlValues.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';

export type ItemRow = UserInventory & { status: ItemStatus };
export type WonRow = UserInventory & { status: WonItemStatus };

type Column =
  'claimed_at' | 'redeemed_at' | 'redeemed_by' | 'redeemed_restaurant_id' | 'user_id' | 'owner_no';
type Changed = Partial<Pick<UserInventory, Column>> & { status: ItemStatus; expires_at?: null };

/** A won item as it is now, which nobody else changes before the transaction ends. */
export async function lockItem(tx: Tx, itemId: number): Promise<WonRow | undefined> {
  const [item] = await tx.lock(Item, { where: { inventory_id: itemId, source: 'lottery' } });
  return item as WonRow | undefined;
}

/** @throws RowCountError when its status is not the one that it was locked with */
export async function changeItem(tx: Tx, item: ItemRow, changed: Changed): Promise<void> {
  const columns = Object.entries(changed);
  const values = columns.map(([, value]) => (value instanceof Date ? sqlTime(value.getTime()) : value));
  await tx.executeExactly(
    1,
    `UPDATE user_inventories SET ${columns.map(([name]) => `${name} = ?`).join(', ')}
     WHERE inventory_id = ? AND status = ?`,
    [...values, item.inventory_id, item.status],
  );
}

/** Its time is over, whether or not that has been noted. */
export function isOver(item: Pick<ItemRow, 'status' | 'expires_at'>, nowMs: number): boolean {
  if (item.status === 'expired') return true;
  const isOpen = item.status === 'unclaimed' || item.status === 'available';
  return isOpen && item.expires_at !== null && nowMs >= item.expires_at.getTime();
}

export function conflict(reason: string): AppError {
  return new AppError('CONFLICT', { details: { reason } });
}
