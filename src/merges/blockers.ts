/**
 * What has to be over before an account can end. What is held, bought or asked for by it is between its owner and somebody else,
 * and may be decided either way: it is waited for, not moved.
 */
import type { EntityManager } from 'typeorm';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import { findUser, type UserRecord } from '../identity/login/store.ts';
import { ownsTooMany } from '../inventory/mergeItems.ts';
import type { Merging } from '../points/mergeAccounts.ts';
import { isInReview } from '../points/transfers/transfer.ts';
import { hasOpenClaims } from '../reviews/claims/claims.ts';
import { hasBoughtTrades } from '../trades/personalTrades.ts';
import type { Blocker } from './messages.ts';

/** Of who the two are. */
export function peopleBlockers(users: readonly (UserRecord | undefined)[]): Blocker[] {
  return [
    ...(users.every((user) => user?.status === 'active') ? [] : (['not_active'] as const)),
    ...(users.every((user) => user === undefined || user.role === 'user') ? [] : (['staff'] as const)),
  ];
}

/** As things are now; nothing is locked. */
export async function findBlockers(
  manager: EntityManager,
  { fromUserId, intoUserId }: Merging,
): Promise<Blocker[]> {
  const users = [await findUser(manager, fromUserId), await findUser(manager, intoUserId)];
  return [...peopleBlockers(users), ...(await findOpenMatters(manager, fromUserId))];
}

/** Of the account that ends. */
export async function findOpenMatters(manager: EntityManager, userId: number): Promise<Blocker[]> {
  const account = await manager.findOneBy(UserPointsAccount, { user_id: userId });
  const matters: [Blocker, boolean][] = [
    ['frozen_points', (account?.frozen_points ?? 0) > 0],
    ['trades', await hasBoughtTrades(manager, userId)],
    ['transfers', await isInReview(manager, userId)],
    ['claims', await hasOpenClaims(manager, userId)],
    ['too_many_items', await ownsTooMany(manager, userId)],
  ];
  return matters.flatMap(([blocker, isThere]) => (isThere ? [blocker] : []));
}
