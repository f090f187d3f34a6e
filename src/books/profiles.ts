/*
 * Profiles made anew from the books, beside the running service, and compared with them (RS-5).
 *
 * What people do is counted behind its events, so some of what the books have is not counted yet, and will be. What has to be stored is
 * therefore what the books have without what waiting events will add: stored + waiting = books. The rows of the people are held, so
 * nothing of theirs is counted meanwhile; and where something has happened between the look at the events and that at the books, both
 * are looked at again.
 *
 * Logins, actions and prizes received are in no book for as long: they stay as they were counted.
 */
import { In } from 'typeorm';
import { AnalyticsUserDay } from '../../entities/analytics/AnalyticsUserDay.ts';
import { AnalyticsUserProfile } from '../../entities/analytics/AnalyticsUserProfile.ts';
import { DEEDS, DEEDS_OF, type Deed } from '../analytics/deeds.ts';
import { noProfile, rowsOf, type Counted, type Counting, type Done } from '../analytics/profileRows.ts';
import { byKey, holdProfiles, PROFILE_HANDLER } from '../analytics/profiles.ts';
import { insertAll, upsertAll } from '../platform/database/bulk.ts';
import { fromSqlTime } from '../platform/database/sqlValues.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { findPredecessors } from '../points/mergeAccounts.ts';
import { deedsInBooks } from './deeds.ts';

/** People whose rows one transaction holds. */
const BATCH = 20;
const TRIES = 5;
const DAY_MS = 86_400_000;
/** A little less than days are kept for. */
const KEPT_DAYS = 399;

/** @returns of how many people */
export async function rebuildProfiles(database: Database, counting: Counting): Promise<number> {
  let count = 0;
  for await (const userIds of everybody(database)) {
    await database.retryingTransaction((tx) => rebuildOf(tx, userIds, counting));
    count += userIds.length;
  }
  return count;
}

export interface Difference {
  userId: number;
  /** A day, or empty: of the sums of all days. */
  day: string;
  column: string;
  stored: number;
  counted: number;
}

/** Changes nothing. @returns the first so many differences, and of how many people it was asked */
export async function checkProfiles(
  database: Database,
  counting: Counting,
  most = 100,
): Promise<{ people: number; differences: Difference[] }> {
  const differences: Difference[] = [];
  let people = 0;
  for await (const userIds of everybody(database)) {
    differences.push(...(await database.retryingTransaction((tx) => differencesOf(tx, userIds, counting))));
    people += userIds.length;
    if (differences.length >= most) break;
  }
  return { people, differences: differences.slice(0, most) };
}

async function* everybody(database: Database): AsyncGenerator<number[]> {
  for (let after = 0; ;) {
    const rows = await database.readCurrent<{ user_id: number }>(
      `SELECT user_id FROM users WHERE user_id > ? AND status <> 'closed' ORDER BY user_id LIMIT ${BATCH}`,
      [after],
    );
    if (rows.length === 0) return;
    yield rows.map(({ user_id: userId }) => userId);
    after = rows.at(-1)!.user_id;
  }
}

interface Anew extends Counted {
  /** Something of them is not counted yet. */
  waiting: ReadonlySet<number>;
}

/** What has to be stored of them now. The rows of theirs are held. */
async function countAnew(tx: Tx, userIds: readonly number[], counting: Counting): Promise<Anew> {
  const predecessors = await findPredecessors(tx.manager, userIds);
  const ownerOf = new Map(predecessors.map(({ userId, survivorId }) => [userId, survivorId]));
  const accounts = [...userIds, ...ownerOf.keys()];
  const owned = (done: readonly Done[]) =>
    done.map((one) => ({ ...one, userId: ownerOf.get(one.userId) ?? one.userId }));
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const before = await findWaiting(tx, accounts);
    const books = rowsOf(owned(await deedsInBooks(tx, accounts)), counting);
    const after = await findWaiting(tx, accounts);
    if (before.eventIds !== after.eventIds) continue;
    const waiting = owned(after.done);
    return {
      ...without(books, rowsOf(waiting, counting)),
      waiting: new Set(waiting.map(({ userId }) => userId)),
    };
  }
  throw new AppError('BUSY');
}

interface WaitingRow {
  event_id: number;
  event_type: keyof typeof DEEDS_OF;
  user_id: number;
  event_data: string;
  created_at: Date | string;
}

/** Events that will be counted, and are not yet. */
async function findWaiting(tx: Tx, userIds: readonly number[]): Promise<{ eventIds: string; done: Done[] }> {
  const rows = await tx.query<WaitingRow>(
    `SELECT e.event_id, e.event_type, e.user_id, e.event_data, e.created_at
     FROM business_events e LEFT JOIN event_handlings h ON h.event_id = e.event_id AND h.handler = ?
     WHERE e.status IN ('pending', 'processing', 'failed', 'unknown', 'dead_letter') AND e.user_id IN (?)
       AND e.event_type IN (?) AND e.is_simulated = 0 AND h.event_id IS NULL ORDER BY e.event_id`,
    [PROFILE_HANDLER, userIds, Object.keys(DEEDS_OF)],
  );
  const done = rows.map((row) => {
    const deedOf: (data: unknown) => Deed = DEEDS_OF[row.event_type];
    return {
      userId: row.user_id,
      deed: deedOf(JSON.parse(row.event_data)),
      atMs: fromSqlTime(row.created_at),
    };
  });
  return { eventIds: rows.map((row) => row.event_id).join(' '), done };
}

const SUMS = [...DEEDS, 'spent'] as const;
type Sums = Record<(typeof SUMS)[number], number>;

function without(books: Counted, waiting: Counted): Counted {
  const less = <Row extends Sums>(row: Row, later: Sums | undefined): Row =>
    later === undefined
      ? row
      : { ...row, ...Object.fromEntries(SUMS.map((name) => [name, row[name] - later[name]])) };
  return {
    profiles: new Map([...books.profiles].map(([id, row]) => [id, less(row, waiting.profiles.get(id))])),
    days: new Map([...books.days].map(([key, row]) => [key, less(row, waiting.days.get(key))])),
  };
}

async function rebuildOf(tx: Tx, userIds: readonly number[], counting: Counting): Promise<void> {
  const { nowMs } = counting;
  const there = await holdThose(tx, userIds, nowMs);
  const { profiles, days } = await countAnew(tx, [...there.keys()], counting);
  const rows = [...there].map(([userId, stored]) => {
    const { logins, actions, prizes_received, last_login_at, last_action_at, revision } = stored;
    const kept = { logins, actions, prizes_received, last_login_at, last_action_at, revision };
    return { ...(profiles.get(userId) ?? noProfile(userId, nowMs)), ...kept };
  });
  await upsertAll(tx, AnalyticsUserProfile, rows);
  await tx.manager.delete(AnalyticsUserDay, { user_id: In([...there.keys()]) });
  await insertAll(tx, AnalyticsUserDay, [...days.values()].filter(isKeptAt(nowMs)).sort(byKey));
}

/** Those who have not left meanwhile, with what is stored of them; nobody else counts anything of theirs before the commit. */
async function holdThose(
  tx: Tx,
  userIds: readonly number[],
  nowMs: number,
): Promise<Map<number, AnalyticsUserProfile>> {
  await holdProfiles(tx, userIds, nowMs);
  const closed = await tx.query<{ user_id: number }>(
    `SELECT user_id FROM users WHERE user_id IN (?) AND status = 'closed'`,
    [userIds],
  );
  const gone = closed.map(({ user_id: userId }) => userId);
  if (gone.length > 0) await tx.manager.delete(AnalyticsUserProfile, { user_id: In(gone) });
  const rows = await tx.manager.find(AnalyticsUserProfile, {
    where: { user_id: In([...userIds]) },
    order: { user_id: 'ASC' },
  });
  return new Map(rows.map((row) => [row.user_id, row]));
}

function isKeptAt(nowMs: number): (day: AnalyticsUserDay) => boolean {
  const sinceMs = nowMs - KEPT_DAYS * DAY_MS;
  return ({ created_at: at, hours, ...row }) =>
    at.getTime() >= sinceMs && (hours !== 0 || SUMS.some((name) => row[name] !== 0));
}

async function differencesOf(tx: Tx, userIds: readonly number[], counting: Counting): Promise<Difference[]> {
  const { nowMs } = counting;
  const stored = new Map(
    (await tx.lock(AnalyticsUserProfile, { where: { user_id: In([...userIds]) } })).map((row) => [
      row.user_id,
      row,
    ]),
  );
  const { profiles, days, waiting } = await countAnew(tx, userIds, counting);
  const isKept = isKeptAt(nowMs);
  const rows = await tx.manager.findBy(AnalyticsUserDay, { user_id: In([...userIds]) });
  const storedDays = new Map(rows.filter(isKept).map((row) => [`${row.user_id} ${row.day}`, row]));
  const differences: Difference[] = [];
  const compare = (
    { userId, day }: Pick<Difference, 'userId' | 'day'>,
    columns: readonly string[],
    [a, b]: [object | undefined, object | undefined],
  ) => {
    for (const column of columns) {
      const [one, other] = [numberIn(a, column), numberIn(b, column)];
      if (one !== other) differences.push({ userId, day, column, stored: one, counted: other });
    }
  };
  for (const userId of userIds) {
    // Times, and hours, of what is waiting are in the books already.
    const times = waiting.has(userId) ? [] : ['first_active_at', 'last_active_at', 'last_bill'];
    compare({ userId, day: '' }, [...SUMS, ...times], [stored.get(userId), profiles.get(userId)]);
  }
  for (const key of new Set([...storedDays.keys(), ...days.keys()])) {
    const counted = days.get(key);
    const [one, other] = [storedDays.get(key), counted && isKept(counted) ? counted : undefined];
    const { user_id: userId, day } = (one ?? counted)!;
    compare({ userId, day }, waiting.has(userId) ? SUMS : [...SUMS, 'hours'], [one, other]);
  }
  return differences;
}

function numberIn(row: object | undefined, column: string): number {
  const value: unknown = row && (row as Record<string, unknown>)[column];
  return value instanceof Date ? value.getTime() : Number(value ?? 0);
}
