/*
 * Behaviours of many calls in one transaction: those that are not there yet, and what they add to their minutes, hours and days (RS-5).
 *
 * Most behaviours are sent once. So they are written without a look whether they are there: where one of them is, the unique key of
 * person and event refuses all of them, and they come again with a look. Two nodes that are sent the same at the same time meet there
 * as well. People are held in share while it is written, in the order of their ids: whoever closes their account waits for it, and takes
 * away what it has written (RS-14).
 */
import { AnalyticsBehavior, type BehaviorKind } from '../../../entities/analytics/AnalyticsBehavior.ts';
import { findUncounted } from '../../identity/people/counted.ts';
import { closedAmongHeld } from '../../identity/people/isActive.ts';
import { insertAll } from '../../platform/database/bulk.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import type { Buckets } from './buckets.ts';
import { raiseStats, statsOf } from './raiseStats.ts';

export interface Behavior {
  userId: number;
  visitId: string;
  eventId: string;
  kind: BehaviorKind;
  name: string;
  targetType: string | null;
  targetId: number | null;
  durationMs: number | null;
  position: number | null;
  occurredAtMs: number;
  receivedAtMs: number;
}

/** accepted: stored now; duplicate: it was there; ignored: of somebody whom no report counts (RS-3). */
export type Fate = 'accepted' | 'duplicate' | 'ignored';

/** @returns what has become of each, in their order. */
export function storeBehaviors(
  database: Database,
  behaviors: readonly Behavior[],
  buckets: Buckets,
): Promise<Fate[]> {
  let isAgain = false;
  return database.retryingTransaction((tx) => {
    const stored = isAgain ? findStored(tx, behaviors) : [];
    isAgain = true;
    return store(tx, { behaviors, stored, buckets });
  });
}

interface Storing {
  behaviors: readonly Behavior[];
  /** Of those that are there, as far as it was looked. */
  stored: readonly string[] | Promise<string[]>;
  buckets: Buckets;
}

async function store(tx: Tx, { behaviors, stored, buckets }: Storing): Promise<Fate[]> {
  const userIds = [...new Set(behaviors.map(({ userId }) => userId))].sort((a, b) => a - b);
  const [closed, uncounted, known] = await Promise.all([
    closedAmongHeld(tx, userIds),
    findUncounted(tx.manager, userIds),
    stored,
  ]);
  const seen = new Set(known);
  const fates = behaviors.map((behavior): Fate => {
    if (uncounted.has(behavior.userId) || closed.has(behavior.userId)) return 'ignored';
    const key = keyOf(behavior);
    if (seen.has(key)) return 'duplicate';
    seen.add(key);
    return 'accepted';
  });
  const accepted = behaviors.filter((_, at) => fates[at] === 'accepted');
  if (accepted.length === 0) return fates;
  const counted = accepted.map((one) => ({ ...one, entries: 1, durationMs: one.durationMs ?? 0 }));
  await Promise.all([
    insertAll(tx, AnalyticsBehavior, accepted.map(rowOf)),
    raiseStats(tx, statsOf(counted, buckets)),
  ]);
  return fates;
}

function keyOf({ userId, eventId }: Pick<Behavior, 'userId' | 'eventId'>): string {
  return `${userId} ${eventId}`;
}

async function findStored(tx: Tx, behaviors: readonly Behavior[]): Promise<string[]> {
  const rows = await tx.query<{ user_id: number; event_id: string }>(
    'SELECT user_id, event_id FROM analytics_behaviors WHERE (user_id, event_id) IN (?)',
    [behaviors.map(({ userId, eventId }) => [userId, eventId])],
  );
  return rows.map((row) => keyOf({ userId: Number(row.user_id), eventId: row.event_id }));
}

function rowOf(behavior: Behavior): Omit<AnalyticsBehavior, 'behavior_id'> {
  return {
    user_id: behavior.userId,
    event_id: behavior.eventId,
    visit_id: behavior.visitId,
    kind: behavior.kind,
    name: behavior.name,
    target_type: behavior.targetType,
    target_id: behavior.targetId,
    duration_ms: behavior.durationMs,
    position: behavior.position,
    occurred_at: new Date(behavior.occurredAtMs),
    received_at: new Date(behavior.receivedAtMs),
  };
}
