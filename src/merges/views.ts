/** Merges as the administration and the two accounts see them; mobiles are masked for both. */
import { In, type EntityManager } from 'typeorm';
import { AccountMerge } from '../../entities/merges/AccountMerge.ts';
import { User } from '../../entities/identity/User.ts';
import { pendingApprovalIds } from '../approvals/approvals.ts';
import { maskMobile } from '../identity/login/mask.ts';
import type { Database } from '../platform/database/transaction.ts';
import { LIMITS } from '../platform/limits.ts';
import { newest, toWirePoints } from '../platform/shapes.ts';
import { approvableAtMs } from './approval.ts';
import { findBlockers } from './blockers.ts';
import { MERGE } from './merges.ts';
import type { ManagedMerge, OwnMerge } from './messages.ts';

/** Those that somebody is in, on either side, the newest first. */
export function findMerges(manager: EntityManager, userId: number, limit: number): Promise<AccountMerge[]> {
  return manager.find(AccountMerge, {
    where: [{ from_user_id: userId }, { into_user_id: userId }],
    order: { merge_id: 'DESC' },
    take: limit,
  });
}

export async function listOwnMerges({ currentReader }: Database, userId: number): Promise<OwnMerge[]> {
  const merges = await findMerges(currentReader, userId, LIMITS.listedMerges);
  return toOwnMerges(currentReader, merges, userId);
}

/** For themself. */
export async function exportMerges({ reader }: Pick<Database, 'reader'>, userId: number, limit: number) {
  const merges = await findMerges(reader, userId, limit + 1);
  return { merges: newest(await toOwnMerges(reader, merges, userId), limit) };
}

export async function toOwnMerges(
  manager: EntityManager,
  merges: readonly AccountMerge[],
  userId: number,
): Promise<OwnMerge[]> {
  const people = await readPeople(manager, merges);
  return merges.map((merge) => {
    const isFrom = merge.from_user_id === userId;
    const other = people.get(isFrom ? merge.into_user_id : merge.from_user_id);
    const confirmed = [merge.from_confirmed_at !== null, merge.into_confirmed_at !== null];
    const [mine, theirs] = isFrom ? confirmed : confirmed.reverse();
    return {
      merge_id: merge.merge_id,
      status: merge.status,
      side: isFrom ? ('from' as const) : ('into' as const),
      other: { nickname: other?.nickname ?? '', mobile: other?.mobile ?? null },
      is_number_lost: merge.is_number_lost,
      confirmed_by_me: mine!,
      confirmed_by_other: theirs!,
      ...movedOf(merge),
      ...timesOf(merge),
    };
  });
}

export async function listManagedMerges(
  { currentReader }: Database,
  userId: number,
): Promise<ManagedMerge[]> {
  return toManagedMerges(currentReader, await findMerges(currentReader, userId, LIMITS.listedMerges));
}

export async function toManagedMerges(
  manager: EntityManager,
  merges: readonly AccountMerge[],
): Promise<ManagedMerge[]> {
  const ids = merges.map(({ merge_id: id }) => id);
  const [people, approvals] = await Promise.all([
    readPeople(manager, merges),
    pendingApprovalIds(manager, ids, [MERGE]),
  ]);
  const views: ManagedMerge[] = [];
  for (const merge of merges) {
    const { merge_id, from_user_id: fromUserId, into_user_id: intoUserId, status } = merge;
    const isPending = status === 'pending';
    const personOf = (userId: number) => {
      const { nickname = '', mobile = null } = people.get(userId) ?? {};
      return { user_id: userId, nickname, mobile };
    };
    views.push({
      merge_id,
      status,
      from: personOf(fromUserId),
      into: personOf(intoUserId),
      is_number_lost: merge.is_number_lost,
      reason: merge.reason,
      asked_by: merge.asked_by,
      from_confirmed_at: merge.from_confirmed_at?.toISOString() ?? null,
      into_confirmed_at: merge.into_confirmed_at?.toISOString() ?? null,
      approval_id: approvals.get(merge_id) ?? null,
      approvable_at: merge.is_number_lost ? new Date(approvableAtMs(merge)).toISOString() : null,
      // At most one of somebody's merges is pending.
      blockers: isPending ? await findBlockers(manager, { fromUserId, intoUserId }) : [],
      ...movedOf(merge),
      ...timesOf(merge),
    });
  }
  return views;
}

function movedOf({ points, items }: AccountMerge) {
  return { points: points === null ? null : toWirePoints(points), items };
}

function timesOf({ created_at, expires_at, ended_at }: AccountMerge) {
  return {
    created_at: created_at.toISOString(),
    expires_at: expires_at.toISOString(),
    ended_at: ended_at?.toISOString() ?? null,
  };
}

/** Of one that is closed there is no number. */
async function readPeople(
  manager: EntityManager,
  merges: readonly AccountMerge[],
): Promise<ReadonlyMap<number, { nickname: string; mobile: string | null }>> {
  if (merges.length === 0) return new Map();
  const ids = merges.flatMap(({ from_user_id: from, into_user_id: into }) => [from, into]);
  const users = await manager.find(User, {
    select: { user_id: true, nickname: true, mobile: true, status: true },
    where: { user_id: In([...new Set(ids)]) },
  });
  return new Map(
    users.map(({ user_id, nickname, mobile, status }) => [
      user_id,
      { nickname, mobile: status === 'closed' ? null : maskMobile(mobile) },
    ]),
  );
}
