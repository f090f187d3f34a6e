/** Segments: people whom operators have put together under a name, to which campaigns may be open (L-7). */
import { Between, In } from 'typeorm';
import { UserSegment } from '../../entities/lottery/UserSegment.ts';
import { recordAction } from '../admin/adminLog.ts';
import { requireUsers } from '../identity/people/knownUsers.ts';
import type { UserRange } from '../identity/people/userRange.ts';
import type { Actor } from '../platform/caller.ts';
import { insertAll } from '../platform/database/bulk.ts';
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

/** @throws AppError NOT_FOUND for somebody who is not there, CONFLICT when there are too many segments */
export async function changeSegment(
  tx: Tx,
  { actor, segment, add, remove }: SegmentChange,
  nowMs: number,
): Promise<ChangedMembers> {
  await requireUsers(tx, add);
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

/** @throws AppError NOT_FOUND for a segment without members */
export async function requireSegment({ manager }: Pick<Tx, 'manager'>, segment: string): Promise<void> {
  if (!(await manager.existsBy(UserSegment, { segment }))) throw new AppError('NOT_FOUND');
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
