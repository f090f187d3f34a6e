/** Of some people, who is in some segments: worked out without a transaction, and written as differences in a short one. */
import { In } from 'typeorm';
import { AnalyticsSegment } from '../../../entities/analytics/AnalyticsSegment.ts';
import { AnalyticsUserProfile } from '../../../entities/analytics/AnalyticsUserProfile.ts';
import { membershipsAmong, moveMembers } from '../../lottery/segments.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { firstLine, type Formula } from '../../points/rules/formula.ts';
import { asOfNow, readFacts, type Facts, type FactServices } from '../facts.ts';
import { readCondition, segmentFactsOf } from './condition.ts';

export interface Settling {
  segments: readonly AnalyticsSegment[];
  userIds: readonly number[];
  /** What else becomes of the row of a segment. */
  change?(segment: AnalyticsSegment, settled: Settled): Partial<AnalyticsSegment>;
  /** In the same transaction, with those whose profiles are still what the members were worked out of. */
  finish?(tx: Tx, fresh: readonly number[]): Promise<void>;
}

export interface Settled {
  /** Why the condition could not be worked out of somebody, who is no member. */
  failure: string | null;
  /** Members that came, less those that went. */
  moved: number;
}

export async function settleSegments(services: FactServices, settling: Settling): Promise<void> {
  const { segments, userIds } = settling;
  const facts = await readFacts(services, userIds, await asOfNow(services));
  const wanted = new Map(segments.map((one) => [one.segment_id, membersAmong(one.condition_text, facts)]));
  await services.database.retryingTransaction((tx) =>
    write(tx, settling, { facts, wanted, nowMs: services.clock.nowMs() }),
  );
}

interface WorkedOut {
  facts: readonly Facts[];
  wanted: ReadonlyMap<number, Members>;
  nowMs: number;
}

async function write(
  tx: Tx,
  { segments, userIds, change, finish }: Settling,
  { facts, wanted, nowMs }: WorkedOut,
): Promise<void> {
  const current = await lockUnchanged(tx, segments);
  const fresh = await lockFresh(tx, userIds, facts);
  const memberships = await membershipsAmong(tx, { segments: current.map(({ name }) => name), userIds });
  const had = Map.groupBy(memberships, ({ segment }) => segment);
  // Who is not active any more is in none, whatever there is of them.
  const known = new Set(facts.map(({ userId }) => userId));
  for (const segment of current) {
    const { name, segment_id } = segment;
    const { members, failure } = wanted.get(segment_id)!;
    const before = new Set(had.get(name)?.map(({ userId }) => userId));
    const add = [...members].filter((userId) => fresh.has(userId) && !before.has(userId));
    const remove = [...before].filter(
      (userId) => !members.has(userId) && (fresh.has(userId) || !known.has(userId)),
    );
    const of = (ids: readonly number[]) => ids.map((userId) => ({ segment: name, userId }));
    await moveMembers(tx, { add: of(add), remove: of(remove) });
    const moved = add.length - remove.length;
    const row = {
      ...(add.length + remove.length > 0 && {
        members: Math.max(0, segment.members + moved),
        counted_at: new Date(nowMs),
      }),
      ...change?.(segment, { failure, moved }),
    };
    if (Object.keys(row).length > 0) await tx.manager.update(AnalyticsSegment, { segment_id }, row);
  }
  await finish?.(tx, [...fresh]);
}

/** Those that nobody has edited, paused or deleted since they were read. */
async function lockUnchanged(tx: Tx, segments: readonly AnalyticsSegment[]): Promise<AnalyticsSegment[]> {
  const versions = new Map(segments.map(({ segment_id: id, version }) => [id, version]));
  const locked = await tx.lock(AnalyticsSegment, {
    where: { segment_id: In([...versions.keys()]) },
    order: { segment_id: 'ASC' },
  });
  return locked.filter(({ segment_id: id, version }) => versions.get(id) === version);
}

/** Those who have not left, and of whom nothing was counted since. Others are marked as changed, and asked for again. */
async function lockFresh(
  tx: Tx,
  userIds: readonly number[],
  facts: readonly Facts[],
): Promise<ReadonlySet<number>> {
  const revisions = new Map(facts.map(({ userId, sums }) => [userId, sums?.revision]));
  const profiles = await tx.lock(AnalyticsUserProfile, {
    select: { user_id: true, revision: true },
    where: { user_id: In([...userIds]) },
    order: { user_id: 'ASC' },
  });
  return new Set(
    profiles
      .filter(({ user_id: userId, revision }) => !revisions.has(userId) || revisions.get(userId) === revision)
      .map(({ user_id: userId }) => userId),
  );
}

export interface Members {
  members: ReadonlySet<number>;
  failure: string | null;
}

/** Who is left out of reports is in no segment (RS-3); nor is anybody of whom the condition cannot be worked out. */
export function membersAmong(condition: string, facts: readonly Facts[]): Members {
  const members = new Set<number>();
  let failure: string | null = null;
  let formula: Formula;
  try {
    formula = readCondition(condition);
  } catch (error) {
    // One of a build that knew other facts.
    return { members, failure: firstLine(error) };
  }
  for (const one of facts) {
    if (!one.isCounted) continue;
    try {
      if (formula(segmentFactsOf(one)) === true) members.add(one.userId);
    } catch (error) {
      failure = firstLine(error);
    }
  }
  return { members, failure };
}
