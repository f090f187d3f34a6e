import { expireItems } from '../inventory/expireItems.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { lockOwned, type OwnedChange } from './ownership.ts';
import { isOverStatus } from './status.ts';
import { returnStock } from './stock.ts';

/**
 * Ends what was won and not claimed in its time, and brings its stock back where the campaign says so and still runs: both or
 * neither (L-9, RL-9). Items that were claimed meanwhile stay as they are. @returns how many have ended
 */
export async function expirePrizes(tx: Tx, change: OwnedChange, itemIds: readonly number[]): Promise<number> {
  const { return_unclaimed: returns, status } = await lockOwned(tx, change);
  const { campaignId, nowMs } = change;
  const isReturned = returns && !isOverStatus(status);
  const counts = await expireItems(tx, { campaignId, itemIds, isReturned }, nowMs);
  if (isReturned && counts.size > 0) await returnStock(tx, change, counts);
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
