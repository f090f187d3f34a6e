/*
 * Two accounts of one person that become one, as after a number was lost.
 *
 *   pending → done                   once the person has confirmed it by both accounts, each by a code of its number
 *           → declined               by either of the two
 *           → cancelled | expired    by the administration, or since nobody has confirmed it in time
 *
 * An operator asks; no operator alone can move anything. Where nobody can log in to the account that ends any more, a second
 * administrator confirms in its place (approval.ts) — but only once its owner, who is told, has had a day to decline: a number that is
 * not lost at all is how such a merge is stolen with, and what has moved does not come back.
 *
 * Whoever changes a merge holds its row; asking, and making it, are changes of access and happen one after the other (lockAccess).
 */
import { In, LessThanOrEqual } from 'typeorm';
import { AccountMerge, type MergeStatus } from '../../entities/merges/AccountMerge.ts';
import { recordAction } from '../admin/adminLog.ts';
import { requestApproval, voidApprovals } from '../approvals/approvals.ts';
import { changeAccess, type AccessServices } from '../identity/access/accessChange.ts';
import { proveOwner, type ProofServices } from '../identity/people/proveOwner.ts';
import { lockUsers } from '../identity/people/userStore.ts';
import type { Actor } from '../platform/caller.ts';
import { insertOne } from '../platform/database/bulk.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { LIMITS } from '../platform/limits.ts';
import { levelsIn, type PointsSettings } from '../points/settings.ts';
import { findBlockers, peopleBlockers } from './blockers.ts';
import { makeMerge, refuseBlocked } from './makeMerge.ts';

/** The kind of requests that a second administrator decides. */
export const MERGE = 'account.merge';

export interface MergeServices extends AccessServices, ProofServices {
  config: ProofServices['config'] & PointsSettings;
}

export interface Asked {
  actor: Actor;
  fromUserId: number;
  intoUserId: number;
  isNumberLost: boolean;
  reason: string;
}

/**
 * Asked for again, by whoever, it is the one that is pending.
 * @throws AppError NOT_FOUND, FORBIDDEN for one's own account, CONFLICT for people who cannot be merged, or are in another merge
 */
export async function askToMerge(services: AccessServices, asked: Asked): Promise<AccountMerge> {
  const { actor, fromUserId, intoUserId } = asked;
  return changeAccess(services, async ({ tx, nowMs }) => {
    if ([fromUserId, intoUserId].includes(actor.userId)) throw new AppError('FORBIDDEN');
    const users = await lockUsers(tx, [fromUserId, intoUserId]);
    if (users.size < 2) throw new AppError('NOT_FOUND');
    refuseBlocked(peopleBlockers([...users.values()]));
    const open = (await findOpen(tx, [fromUserId, intoUserId])).filter((merge) => !isOver(merge, nowMs));
    const same = open.find((one) => one.from_user_id === fromUserId && one.into_user_id === intoUserId);
    if (same !== undefined) return same;
    if (open.length > 0) throw conflict('in_another_merge', { merge_id: open[0]!.merge_id });
    return store(tx, asked, nowMs);
  });
}

async function store(tx: Tx, asked: Asked, nowMs: number): Promise<AccountMerge> {
  const { actor, fromUserId, intoUserId, isNumberLost, reason } = asked;
  const row = {
    from_user_id: fromUserId,
    into_user_id: intoUserId,
    status: 'pending' as const,
    is_number_lost: isNumberLost,
    reason,
    asked_by: actor.userId,
    from_confirmed_at: null,
    into_confirmed_at: null,
    points: null,
    items: null,
    created_at: new Date(nowMs),
    expires_at: new Date(nowMs + LIMITS.mergeMs),
    ended_at: null,
  };
  const mergeId = await insertOne(tx, AccountMerge, row);
  const said = { merge_id: mergeId, into_user_id: intoUserId, is_number_lost: isNumberLost, reason };
  const target = { type: 'user', id: fromUserId };
  await recordAction(tx, { actor, action: 'user.merge_request', target, before: null, after: said }, nowMs);
  if (isNumberLost) {
    const change = { document: { from_user_id: fromUserId, into_user_id: intoUserId, reason } };
    const request = { kind: MERGE, subjectId: mergeId, baseVersion: 1, change, author: actor };
    await requestApproval(tx, { ...request, editorId: actor.userId }, nowMs);
  }
  const merge = { merge_id: mergeId, ...row };
  await tellBoth(tx, 'user:merge_requested', merge, nowMs);
  return merge;
}

/**
 * The person says by one of the two accounts that both are theirs; by the second of them it is made. Said again it changes nothing.
 * @throws AppError NOT_FOUND for others' merges, CODE_INVALID, CODE_EXPIRED, RATE_LIMITED, CONFLICT when it is over, or what is in the
 * way, before the code is used up
 */
export async function confirmMerge(
  services: MergeServices,
  { actor, mergeId, code }: { actor: Actor; mergeId: number; code: string },
): Promise<AccountMerge> {
  const { database, clock, config } = services;
  const found = await findOwn(database, { mergeId, userId: actor.userId });
  const side = sideOf(found, actor.userId);
  if (found[side] !== null && ['pending', 'done'].includes(found.status)) return found;
  refuseOver(found, clock.nowMs());
  const { from_user_id: fromUserId, into_user_id: intoUserId } = found;
  refuseBlocked(await findBlockers(database.currentReader, { fromUserId, intoUserId }));
  await proveOwner(services, actor, code);
  return changeAccess(services, async ({ tx, nowMs }) => {
    const merge = await lockMerge(tx, mergeId);
    if (merge[side] !== null) return merge;
    refuseOver(merge, nowMs);
    const confirmed = { [side]: new Date(nowMs) };
    await tx.manager.update(AccountMerge, { merge_id: mergeId }, confirmed);
    const now = { ...merge, ...confirmed };
    if (now.from_confirmed_at === null || now.into_confirmed_at === null) return now;
    await voidApprovals(tx, mergeId, [MERGE], nowMs);
    return makeMerge(tx, { merge: now, actor, levels: levelsIn(config) }, nowMs);
  });
}

/** Either of the two does not want it. @throws AppError NOT_FOUND for others' merges, CONFLICT when it is over */
export async function declineMerge(
  { database, clock }: { database: Database; clock: AccessServices['clock'] },
  { userId, mergeId }: { userId: number; mergeId: number },
): Promise<AccountMerge> {
  await findOwn(database, { mergeId, userId });
  const nowMs = clock.nowMs();
  return database.retryingTransaction(async (tx) => {
    const merge = await lockMerge(tx, mergeId);
    if (merge.status === 'declined') return merge;
    refuseOver(merge, nowMs);
    return end(tx, merge, 'declined', nowMs);
  });
}

/** @throws AppError NOT_FOUND, CONFLICT when it is over */
export async function cancelMerge(
  { database, clock }: { database: Database; clock: AccessServices['clock'] },
  { actor, mergeId, reason }: { actor: Actor; mergeId: number; reason: string },
): Promise<AccountMerge> {
  const nowMs = clock.nowMs();
  return database.retryingTransaction(async (tx) => {
    const merge = await lockMerge(tx, mergeId);
    if (merge.status === 'cancelled') return merge;
    refuseOver(merge, nowMs);
    const target = { type: 'user', id: merge.from_user_id };
    const change = {
      before: { merge_id: mergeId, status: 'pending' },
      after: { status: 'cancelled', reason },
    };
    await recordAction(tx, { actor, action: 'user.merge_cancel', target, ...change }, nowMs);
    return end(tx, merge, 'cancelled', nowMs);
  });
}

/** What nobody has confirmed in time. Every node looks; each ends once. */
export async function expireMerges({
  database,
  nowMs,
}: {
  database: Database;
  nowMs: number;
}): Promise<void> {
  const due = await database.currentReader.find(AccountMerge, {
    select: { merge_id: true },
    where: { status: 'pending', expires_at: LessThanOrEqual(new Date(nowMs)) },
    order: { merge_id: 'ASC' },
    take: LIMITS.itemsPerExpiry,
  });
  for (const { merge_id: mergeId } of due)
    await database.retryingTransaction(async (tx) => {
      const merge = await lockMerge(tx, mergeId);
      if (merge.status === 'pending') await end(tx, merge, 'expired', nowMs);
    });
}

/** As nobody else changes it before the transaction ends. @throws AppError NOT_FOUND */
export async function lockMerge(tx: Tx, mergeId: number): Promise<AccountMerge> {
  const [merge] = await tx.lock(AccountMerge, { where: { merge_id: mergeId } });
  if (merge === undefined) throw new AppError('NOT_FOUND');
  return merge;
}

/** @throws AppError CONFLICT */
export function refuseOver(merge: AccountMerge, nowMs: number): void {
  if (merge.status !== 'pending') throw conflict('over', { status: merge.status });
  if (isOver(merge, nowMs)) throw conflict('over', { status: 'expired' });
}

function isOver({ status, expires_at }: AccountMerge, nowMs: number): boolean {
  return status !== 'pending' || expires_at.getTime() <= nowMs;
}

async function findOpen({ manager }: Tx, userIds: readonly number[]): Promise<AccountMerge[]> {
  const [anybody, status] = [In([...userIds]), 'pending' as const];
  return manager.find(AccountMerge, {
    where: [
      { from_user_id: anybody, status },
      { into_user_id: anybody, status },
    ],
    order: { merge_id: 'ASC' },
  });
}

/** Of the primary. @throws AppError NOT_FOUND */
async function findOwn(
  { currentReader }: Pick<Database, 'currentReader'>,
  { mergeId, userId }: { mergeId: number; userId: number },
): Promise<AccountMerge> {
  const merge = await currentReader.findOneBy(AccountMerge, { merge_id: mergeId });
  if (merge?.from_user_id !== userId && merge?.into_user_id !== userId) throw new AppError('NOT_FOUND');
  return merge;
}

function sideOf({ from_user_id }: AccountMerge, userId: number): 'from_confirmed_at' | 'into_confirmed_at' {
  return from_user_id === userId ? 'from_confirmed_at' : 'into_confirmed_at';
}

async function end(
  tx: Tx,
  merge: AccountMerge,
  status: Exclude<MergeStatus, 'pending' | 'done'>,
  nowMs: number,
): Promise<AccountMerge> {
  const ended = { status, ended_at: new Date(nowMs) };
  await tx.manager.update(AccountMerge, { merge_id: merge.merge_id }, ended);
  await voidApprovals(tx, merge.merge_id, [MERGE], nowMs);
  const after = { ...merge, ...ended };
  await tellBoth(tx, 'user:merge_ended', after, nowMs);
  return after;
}

async function tellBoth(
  tx: Tx,
  type: 'user:merge_requested' | 'user:merge_ended',
  { merge_id, from_user_id, into_user_id, status }: AccountMerge,
  nowMs: number,
): Promise<void> {
  const data = { merge_id, status };
  const events = [from_user_id, into_user_id].map((userId) => ({ type, userId, data }));
  await emitEvents(tx, events, nowMs);
}

function conflict(reason: string, facts: object): AppError {
  return new AppError('CONFLICT', { details: { reason, ...facts } });
}
