/*
 * What each person does, counted behind the events that tell of it and never in their transactions (E-3).
 *
 * A batch of events is one upsert, with the marks that they are counted: an event that comes again is left out, one whose commit
 * failed has counted nothing. Rows are written in the order of user ids, so that two batches do not hold each other up.
 *
 * An event may come after its person has left. The row is written first and only then asked whose it is: closing an account writes
 * the row before it deletes it (forgetProfile), so whichever of the two comes second waits, and sees what the first has done.
 */
import { In } from 'typeorm';
import { AnalyticsUserProfile } from '../../entities/analytics/AnalyticsUserProfile.ts';
import { closedAmong } from '../identity/people/isActive.ts';
import type { Clock } from '../platform/clock.ts';
import { upsertAll, type MergedRows, type Merges } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import type { DomainEvent, EventBus } from '../platform/events/bus.ts';
import type { EventType } from '../platform/events/types.ts';

/** Part of the mark of each event: never another. */
const NAME = 'analytics.profile';

/** What one event adds, given its time. */
type Added = (at: Date) => Partial<Omit<AnalyticsUserProfile, 'user_id' | 'updated_at'>>;

const COUNTED = {
  'user:login': (at) => ({ logins: 1, last_login_at: at }),
  'user:action': (at) => ({ actions: 1, last_action_at: at }),
  'lottery:prize_distributed': () => ({ prizes_received: 1 }),
} satisfies Partial<Record<EventType, Added>>;

export interface ProfileServices {
  bus: EventBus;
  clock: Clock;
}

export function countIntoProfiles({ bus, clock }: ProfileServices): void {
  for (const [type, added] of Object.entries<Added>(COUNTED))
    bus.onBatch(type, NAME, (events, tx) => count(tx, events, { added, nowMs: clock.nowMs() }));
}

async function count(
  tx: Tx,
  events: readonly DomainEvent[],
  { added, nowMs }: { added: Added; nowMs: number },
): Promise<void> {
  const rows = new Map<number, AnalyticsUserProfile>();
  for (const { userId, createdAtMs, isSimulated } of events) {
    // Nothing of those that an administrator publishes has happened.
    if (userId === null || isSimulated) continue;
    const row = rows.get(userId) ?? nothingOf(userId, nowMs);
    rows.set(userId, plus(row, added(new Date(createdAtMs))));
  }
  if (rows.size === 0) return;
  const userIds = [...rows.keys()].sort((a, b) => a - b);
  await upsertAll(
    tx,
    AnalyticsUserProfile,
    userIds.map((userId) => rows.get(userId)!),
    SUMMED,
  );
  const closed = await closedAmong(tx, userIds);
  if (closed.size > 0) await tx.manager.delete(AnalyticsUserProfile, { user_id: In([...closed]) });
}

function nothingOf(user_id: number, nowMs: number): AnalyticsUserProfile {
  const counts = { logins: 0, actions: 0, prizes_received: 0 };
  return { user_id, ...counts, last_login_at: null, last_action_at: null, updated_at: new Date(nowMs) };
}

function plus(row: AnalyticsUserProfile, more: ReturnType<Added>): AnalyticsUserProfile {
  return {
    ...row,
    logins: row.logins + (more.logins ?? 0),
    actions: row.actions + (more.actions ?? 0),
    prizes_received: row.prizes_received + (more.prizes_received ?? 0),
    last_login_at: later(row.last_login_at, more.last_login_at),
    last_action_at: later(row.last_action_at, more.last_action_at),
  };
}

function later(one: Date | null, other: Date | null = null): Date | null {
  return one === null || (other !== null && other > one) ? other : one;
}

type Rows = MergedRows<AnalyticsUserProfile>;
type Column = keyof AnalyticsUserProfile;

const sum =
  (column: Column) =>
  ({ stored, given }: Rows) =>
    `${stored(column)} + ${given(column)}`;

/** Batches come in any order. */
const latest =
  (column: Column) =>
  ({ stored, given }: Rows) =>
    `CASE WHEN ${stored(column)} IS NULL OR ${given(column)} > ${stored(column)} THEN ${given(column)} ELSE ${stored(column)} END`;

const SUMMED = {
  logins: sum('logins'),
  actions: sum('actions'),
  prizes_received: sum('prizes_received'),
  last_login_at: latest('last_login_at'),
  last_action_at: latest('last_action_at'),
} satisfies Merges<AnalyticsUserProfile>;

/** Takes somebody who leaves out of it; `nowMs` is only ever seen by whoever waits for this transaction. */
export async function forgetProfile(tx: Tx, userId: number, nowMs: number): Promise<void> {
  // Where there is no row yet, nothing else would hold up a batch that is about to write it.
  await upsertAll(tx, AnalyticsUserProfile, [nothingOf(userId, nowMs)], SUMMED);
  await tx.manager.delete(AnalyticsUserProfile, { user_id: userId });
}
