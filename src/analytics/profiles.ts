/*
 * What each person does, counted behind the events that tell of it and never in their transactions (E-3); draws by the cursor that
 * their statistics have (countDraws.ts).
 *
 * A batch of events is one upsert of people and one of their days, with the marks that they are counted: an event that comes again is
 * left out, one whose commit failed has counted nothing. Rows are written in the order of user ids, so that two batches do not hold each
 * other up.
 */
import { In } from 'typeorm';
import { AnalyticsUserDay } from '../../entities/analytics/AnalyticsUserDay.ts';
import { AnalyticsUserProfile } from '../../entities/analytics/AnalyticsUserProfile.ts';
import { closedAmong } from '../identity/people/isActive.ts';
import type { Clock } from '../platform/clock.ts';
import { upsertAll } from '../platform/database/bulk.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import type { DomainEvent, EventBus } from '../platform/events/bus.ts';
import type { Merging } from '../points/mergeAccounts.ts';
import { DEEDS_OF, type Deed } from './deeds.ts';
import { holdOwners } from './owners.ts';
import { DAYS_SUMMED, noProfile, PROFILES_SUMMED, rowsOf, type Counting, type Done } from './profileRows.ts';

/** Part of the mark of each event: never another. */
export const PROFILE_HANDLER = 'analytics.profile';

export interface ProfileServices {
  bus: EventBus;
  clock: Clock;
  businessTimezone: string;
}

export function countIntoProfiles({ bus, clock, businessTimezone: timezone }: ProfileServices): void {
  for (const [type, deedOf] of Object.entries<(data: unknown) => Deed>(DEEDS_OF))
    bus.onBatch(type, PROFILE_HANDLER, (events, tx) =>
      count(tx, doneIn(events, deedOf), { timezone, nowMs: clock.nowMs() }),
    );
}

/** Nothing of those that an administrator publishes has happened. */
function doneIn(events: readonly DomainEvent[], deedOf: (data: unknown) => Deed): Done[] {
  return events.flatMap(({ userId, data, createdAtMs: atMs, isSimulated }) =>
    userId === null || isSimulated ? [] : [{ userId, deed: deedOf(data), atMs }],
  );
}

async function count(tx: Tx, done: readonly Done[], counting: Counting): Promise<void> {
  const ownerOf = await holdOwners(
    tx,
    done.map(({ userId }) => userId),
  );
  const theirs = done.flatMap((one) => {
    const userId = ownerOf(one.userId);
    return userId === undefined ? [] : [{ ...one, userId }];
  });
  await addDeeds(tx, theirs, counting);
}

/** Of people whose rows are held (`holdOwners`). */
export async function addDeeds(tx: Tx, done: readonly Done[], counting: Counting): Promise<void> {
  const { profiles, days } = rowsOf(done, counting);
  const rows = [...profiles.values()].sort((a, b) => a.user_id - b.user_id);
  await upsertAll(tx, AnalyticsUserProfile, rows, PROFILES_SUMMED);
  await upsertAll(tx, AnalyticsUserDay, [...days.values()].sort(byKey), DAYS_SUMMED);
}

export function byKey(a: AnalyticsUserDay, b: AnalyticsUserDay): number {
  return a.user_id - b.user_id || (a.day < b.day ? -1 : 1);
}

async function deleteAll(tx: Tx, userIds: readonly number[]): Promise<void> {
  await tx.manager.delete(AnalyticsUserDay, { user_id: In([...userIds]) });
  await tx.manager.delete(AnalyticsUserProfile, { user_id: In([...userIds]) });
}

/** Takes somebody who leaves out of it; `nowMs` is only ever seen by whoever waits for this transaction. */
export async function forgetProfile(tx: Tx, userId: number, nowMs: number): Promise<void> {
  await holdProfiles(tx, [userId], nowMs);
  await deleteAll(tx, [userId]);
}

/** Of two accounts of one person that become one: who stays has done what both did. Before the other is forgotten. */
export async function carryProfile(
  tx: Tx,
  { fromUserId, intoUserId }: Merging,
  nowMs: number,
): Promise<void> {
  await holdProfiles(tx, [fromUserId, intoUserId], nowMs);
  const from = await tx.manager.findOneByOrFail(AnalyticsUserProfile, { user_id: fromUserId });
  const days = await tx.manager.findBy(AnalyticsUserDay, { user_id: fromUserId });
  const carried = { ...from, user_id: intoUserId, changed_at: new Date(nowMs), updated_at: new Date(nowMs) };
  await upsertAll(tx, AnalyticsUserProfile, [carried], PROFILES_SUMMED);
  await upsertAll(
    tx,
    AnalyticsUserDay,
    days.map((day) => ({ ...day, user_id: intoUserId })).sort(byKey),
    DAYS_SUMMED,
  );
}

/** Whether somebody counts at all is another now: segments look at them again (RS-3). Of nobody who has left. */
export function noteChange(tx: Tx, userId: number, nowMs: number): Promise<void> {
  return holdProfiles(tx, [userId], nowMs);
}

/** Where there is no row yet, nothing else would hold up a batch that is about to write it. */
export async function holdProfiles(tx: Tx, userIds: readonly number[], nowMs: number): Promise<void> {
  const rows = [...userIds].sort((a, b) => a - b).map((userId) => noProfile(userId, nowMs));
  await upsertAll(tx, AnalyticsUserProfile, rows, PROFILES_SUMMED);
}

/** Of people of before anything was counted: a row of each, which segments hold. Nobody who has left gets one. */
export async function ensureProfiles(
  database: Database,
  userIds: readonly number[],
  nowMs: number,
): Promise<void> {
  const found = await database.currentReader.find(AnalyticsUserProfile, {
    select: { user_id: true },
    where: { user_id: In([...userIds]) },
  });
  const there = new Set(found.map(({ user_id: userId }) => userId));
  const without = userIds.filter((userId) => !there.has(userId));
  const left = await closedAmong({ query: (sql, values) => database.readCurrent(sql, values) }, without);
  const missing = without.filter((userId) => !left.has(userId));
  if (missing.length === 0) return;
  await database.retryingTransaction(async (tx) => {
    await holdProfiles(tx, missing, nowMs);
    const closed = await closedAmong(tx, missing);
    if (closed.size > 0) await deleteAll(tx, [...closed]);
  });
}
