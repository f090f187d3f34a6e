import { And, LessThanOrEqual, MoreThan } from 'typeorm';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import type { Tx } from '../platform/database/transaction.ts';

/** Where a walk along the ends of items has come to. */
export interface EndPosition {
  endMs: number;
  itemId: number;
}

/** The next of what is won, not claimed, and ends by a time, in the order of the ends and then of the ids. */
export async function endingItems(
  { manager }: Tx,
  after: EndPosition,
  { untilMs, limit }: { untilMs: number; limit: number },
): Promise<UserInventory[]> {
  const until = new Date(untilMs);
  const status = 'unclaimed';
  return manager.find(UserInventory, {
    where: [
      { status, expires_at: new Date(after.endMs), inventory_id: MoreThan(after.itemId) },
      { status, expires_at: And(MoreThan(new Date(after.endMs)), LessThanOrEqual(until)) },
    ],
    order: { expires_at: 'ASC', inventory_id: 'ASC' },
    take: limit,
  });
}
