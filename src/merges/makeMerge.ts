/*
 * The merge itself, in the transaction of whatever confirms it last: all of it, or nothing.
 *
 * Locks: the list of changes of access (the caller holds it, and the row of the merge), lock and codes of the number that ends, both
 * users, both accounts (DRAW-9), items. What has moved, and what stays where it happened:
 *   moves   what is available, with its ends; debt; experience and level; pending bills; items; lists, restrictions and blocks; tastes
 *           and what is counted
 *   stays   rows of the ledger, sums, draws and the log of fairness, streaks, messages; logins end, and the number is free
 * Limits count both from then on: draws and wins in a campaign, points given away in a day, caps of rules.
 */
import { AccountMerge } from '../../entities/merges/AccountMerge.ts';
import { recordActions } from '../admin/adminLog.ts';
import { carryInteractions } from '../analytics/interactions/personalInteractions.ts';
import { carryProfile } from '../analytics/profiles.ts';
import { carryRestrictions } from '../chat/personalChats.ts';
import { deleteCodes, deleteLock } from '../identity/people/personalStore.ts';
import { removePerson } from '../identity/people/removePerson.ts';
import { lockUsers } from '../identity/people/userStore.ts';
import { findUser } from '../identity/login/store.ts';
import { mergeItems } from '../inventory/mergeItems.ts';
import { carryLists } from '../lottery/personalLists.ts';
import type { Actor } from '../platform/caller.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { toWirePoints } from '../platform/shapes.ts';
import type { Levels } from '../points/levels.ts';
import { lockMerging, mergeAccounts, type Merging } from '../points/mergeAccounts.ts';
import { leaveTrades } from '../trades/personalTrades.ts';
import { findOpenMatters, peopleBlockers } from './blockers.ts';
import type { Blocker } from './messages.ts';

export interface Making {
  merge: AccountMerge;
  actor: Actor;
  levels: Levels;
}

/** @throws AppError CONFLICT with what is in the way */
export async function makeMerge(
  tx: Tx,
  { merge, actor, levels }: Making,
  nowMs: number,
): Promise<AccountMerge> {
  const { merge_id: mergeId, from_user_id: fromUserId, into_user_id: intoUserId } = merge;
  const merging = { fromUserId, intoUserId };
  await holdPeople(tx, merging);
  const held = await lockMerging(tx, merging);
  const balance = held.into.availableHundredths;
  refuseBlocked(await findOpenMatters(tx.manager, fromUserId));
  await leaveTrades(tx, fromUserId, nowMs);
  const items = await mergeItems(tx, merging);
  const points = await mergeAccounts(tx, { held, mergeId, levels }, nowMs);
  await carryLists(tx, merging);
  await carryInteractions(tx, merging);
  await carryRestrictions(tx, merging);
  await carryProfile(tx, merging, nowMs);
  await removePerson(tx, fromUserId, nowMs);
  const done = { status: 'done' as const, points, items, ended_at: new Date(nowMs) };
  await tx.manager.update(AccountMerge, { merge_id: mergeId }, done);
  const moved = { merge_id: mergeId, points: toWirePoints(points), items };
  const shared = { actor, action: 'user.merge' };
  await recordActions(
    tx,
    [
      {
        ...shared,
        target: { type: 'user', id: fromUserId },
        before: { status: 'active' },
        after: { status: 'closed', into_user_id: intoUserId, ...moved },
      },
      {
        ...shared,
        target: { type: 'user', id: intoUserId },
        before: { available_points: toWirePoints(balance) },
        after: {
          available_points: toWirePoints(held.into.availableHundredths),
          from_user_id: fromUserId,
          ...moved,
        },
      },
    ],
    nowMs,
  );
  const data = { ...moved, from_user_id: fromUserId, into_user_id: intoUserId };
  await emitEvents(tx, [{ type: 'user:merged', userId: intoUserId, data }], nowMs);
  return { ...merge, ...done };
}

/** In the order in which a login takes them. */
async function holdPeople(tx: Tx, { fromUserId, intoUserId }: Merging): Promise<void> {
  const from = await findUser(tx.manager, fromUserId);
  if (from === undefined) throw new AppError('NOT_FOUND');
  await deleteLock(tx, from.mobile);
  await deleteCodes(tx, from.mobile);
  const users = await lockUsers(tx, [fromUserId, intoUserId]);
  refuseBlocked(peopleBlockers([users.get(fromUserId), users.get(intoUserId)]));
}

/** @throws AppError CONFLICT */
export function refuseBlocked(blockers: readonly Blocker[]): void {
  if (blockers.length > 0) throw new AppError('CONFLICT', { details: { reason: 'blocked', blockers } });
}
