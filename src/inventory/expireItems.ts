import { In } from 'typeorm';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { isOver, type WonRow } from './changeItem.ts';

export interface ExpiringItems {
  campaignId: number;
  itemIds: readonly number[];
  /** Whoever calls brings their stock back, in this transaction. */
  isReturned: boolean;
}

/**
 * Ends those of a campaign's items that nobody has claimed and whose time is over (RL-9); the others stay as they are. Locks them
 * by their keys, in the order of those, and whoever claims one of them waits or has been faster.
 * @returns by prize, how many have ended
 */
export async function expireItems(
  tx: Tx,
  { campaignId, itemIds, isReturned }: ExpiringItems,
  nowMs: number,
): Promise<Map<number, number>> {
  const items = (await tx.lock(UserInventory, {
    where: { inventory_id: In(itemIds) },
    order: { inventory_id: 'ASC' },
  })) as WonRow[];
  const due = items.filter(
    (item) => item.campaign_id === campaignId && item.status === 'unclaimed' && isOver(item, nowMs),
  );
  const byPrize = Map.groupBy(due, ({ prize_id: prizeId }) => prizeId!);
  const counts = new Map([...byPrize].map(([prizeId, { length }]) => [prizeId, length]));
  if (due.length === 0) return counts;
  await tx.executeExactly(
    due.length,
    `UPDATE user_inventories SET status = 'expired', stock_returned = ?
     WHERE inventory_id IN (?) AND status = 'unclaimed'`,
    [isReturned ? 1 : 0, due.map(({ inventory_id: itemId }) => itemId)],
  );
  const events = due.map(({ user_id, inventory_id: item_id, draw_id, campaign_id, prize_id }) => ({
    type: 'lottery:prize_expired' as const,
    userId: user_id,
    data: { user_id, item_id, draw_id, campaign_id, prize_id, is_returned: isReturned },
  }));
  await emitEvents(tx, events, nowMs);
  return counts;
}
