/** Segments: people whom operators have put together under a name, to which campaigns may be open (L-7). */
import { Between, In } from 'typeorm';
import { UserSegment } from '../../entities/lottery/UserSegment.ts';
import { recordAction } from '../admin/adminLog.ts';
import { hasCondition, NAMES_LOCK } from '../analytics/segments/names.ts';
import { requireUsers } from '../identity/people/knownUsers.ts';
import type { UserRange } from '../identity/people/userRange.ts';
import type { Actor } from '../platform/caller.ts';
import { insertAll } from '../platform/database/bulk.ts';
import { withNamedLock } from '../platform/database/namedLock.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';

export interface Segment {
  segment: string;
  members: number;
}

/** One without members is none. Reads the table's key in its order. */
export async function listSegments(database: Database): Promise<Segment[]> {
  const rows = await database.currentReader
    .createQueryBuilder()
    .select('listed.segment', 'segment')
    .addSelect('COUNT(*)', 'members')
    .from(UserSegment, 'listed')
    .groupBy('listed.segment')
    .orderBy('listed.segment')
    .getRawMany<{ segment: string; members: number | string }>();
  return rows.map(({ segment, members }) => ({ segment, members: Number(members) }));
}

export interface SegmentChange {
  actor: Actor;
  segment: string;
  add: readonly number[];
  remove: readonly number[];
}

/** Those who are members now, and those who are none any more. Of whom it is so already nothing is changed. */
export interface ChangedMembers {
  added: number[];
  removed: number[];
}

/**
 * @throws AppError NOT_FOUND for somebody who is not there, CONFLICT when there are too many segments, or the members of this one are
 * worked out of a condition
 */
export async function changeSegment(tx: Tx, change: SegmentChange, nowMs: number): Promise<ChangedMembers> {
  await requireUsers(tx, change.add);
  return withNamedLock(tx, NAMES_LOCK, async () => {
    if (await hasCondition(tx.manager, change.segment))
      throw new AppError('CONFLICT', { details: { reason: 'has_condition' } });
    return changeList(tx, change, nowMs);
  });
}

async function changeList(
  tx: Tx,
  { actor, segment, add, remove }: SegmentChange,
  nowMs: number,
): Promise<ChangedMembers> {
  const named = [...new Set([...add, ...remove])];
  const rows = await tx.lock(UserSegment, { where: { segment, user_id: In(named) } });
  const members = new Set(rows.map((row) => row.user_id));
  const added = [...new Set(add)].filter((userId) => !members.has(userId));
  const removed = [...new Set(remove)].filter((userId) => members.has(userId));
  if (added.length > 0) await refuseTooMany(tx, segment);
  await insertAll(
    tx,
    UserSegment,
    added.map((userId) => ({ segment, user_id: userId })),
  );
  if (removed.length > 0) await tx.manager.delete(UserSegment, { segment, user_id: In(removed) });
  const changed = { added, removed };
  if (added.length + removed.length === 0) return changed;
  const target = { type: 'segment', id: segment };
  await recordAction(tx, { actor, action: 'segment.members', target, before: null, after: changed }, nowMs);
  return changed;
}

async function refuseTooMany(tx: Tx, segment: string): Promise<void> {
  if (await tx.manager.existsBy(UserSegment, { segment })) return;
  const counted = await tx.manager
    .createQueryBuilder()
    .select('COUNT(DISTINCT listed.segment)', 'segments')
    .from(UserSegment, 'listed')
    .getRawOne<{ segments: number | string }>();
  if (Number(counted?.segments) >= LIMITS.segments)
    throw new AppError('CONFLICT', {
      details: { reason: 'there are too many segments', limit: LIMITS.segments },
    });
}

/** @throws AppError NOT_FOUND for a segment without members, but where a condition may give it some */
export async function requireSegment({ manager }: Pick<Tx, 'manager'>, segment: string): Promise<void> {
  const isThere =
    (await manager.existsBy(UserSegment, { segment })) || (await hasCondition(manager, segment));
  if (!isThere) throw new AppError('NOT_FOUND');
}

/** Its members in a range of users, in the order of their ids. */
export async function membersWithin(
  { manager }: Pick<Tx, 'manager'>,
  segment: string,
  { from, to }: UserRange,
): Promise<number[]> {
  const rows = await manager.find(UserSegment, {
    select: { user_id: true },
    where: { segment, user_id: Between(from, to) },
    order: { user_id: 'ASC' },
  });
  return rows.map(({ user_id: userId }) => userId);
}

/** Whether somebody is in it: a name that nobody is in is free. */
export async function hasMembers({ manager }: Pick<Tx, 'manager'>, segment: string): Promise<boolean> {
  return manager.existsBy(UserSegment, { segment });
}

export async function countMembers({ currentReader }: Database, segment: string): Promise<number> {
  return currentReader.countBy(UserSegment, { segment });
}

export interface Membership {
  segment: string;
  userId: number;
}

/** Who of these people is in which of these segments. */
export async function membershipsAmong(
  { manager }: Pick<Tx, 'manager'>,
  { segments, userIds }: { segments: readonly string[]; userIds: readonly number[] },
): Promise<Membership[]> {
  if (segments.length === 0 || userIds.length === 0) return [];
  const rows = await manager.findBy(UserSegment, { segment: In([...segments]), user_id: In([...userIds]) });
  return rows.map(({ segment, user_id: userId }) => ({ segment, userId }));
}

/** What a condition says of people (B-2): no decision of anybody, so the log has none of it. */
export async function moveMembers(
  tx: Tx,
  { add, remove }: { add: readonly Membership[]; remove: readonly Membership[] },
): Promise<void> {
  await insertAll(
    tx,
    UserSegment,
    add.map(({ segment, userId }) => ({ segment, user_id: userId })),
  );
  for (const [segment, of] of Map.groupBy(remove, (one) => one.segment))
    await tx.manager.delete(UserSegment, { segment, user_id: In(of.map(({ userId }) => userId)) });
}

/** Takes some out, whoever they are. @returns how many */
export async function emptySegment(tx: Tx, segment: string, most: number): Promise<number> {
  const rows = await tx.manager.find(UserSegment, { where: { segment }, take: most });
  const user_id = In(rows.map((row) => row.user_id));
  if (rows.length > 0) await tx.manager.delete(UserSegment, { segment, user_id });
  return rows.length;
}
