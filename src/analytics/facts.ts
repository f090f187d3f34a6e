/** What segments and profiles know of somebody, worked out of what is stored, as of a business day. */
import { AnalyticsFold } from '../../entities/analytics/AnalyticsFold.ts';
import { findPeopleFacts } from '../identity/people/peopleFacts.ts';
import { businessDayOf, type Clock } from '../platform/clock.ts';
import { fromSqlPoints, fromSqlTime } from '../platform/database/sqlValues.ts';
import type { Database } from '../platform/database/transaction.ts';
import { readAccounts } from '../points/account.ts';
import { favouritesOf } from '../points/bills/visits.ts';
import { fifthsShape, scoresOf, valueOf, type Fifths, type Scores, type Value } from './value.ts';
import { daysFrom, NO_WINDOWS, readWindows, visitCycleOf, type Windows } from './windows.ts';

export interface FactServices {
  database: Database;
  clock: Clock;
  businessTimezone: string;
}

/**
 * lost: nothing done for more than 90 days; silent: for more than 30; new: registered in the last 30 days; active: all others. Who has
 * never done anything counts from the day on which they have registered.
 */
export const STATUSES = ['new', 'active', 'silent', 'lost'] as const;
export type Status = (typeof STATUSES)[number];

const NEW_DAYS = 30;
const SILENT_DAYS = 30;
const LOST_DAYS = 90;
/** Under so many draws the share of free ones says nothing. */
const TELLING_DRAWS = 10;

export interface Facts {
  userId: number;
  /** Staff and test accounts are in no segment and no report (RS-3). */
  isCounted: boolean;
  registeredAtMs: number;
  accountDays: number;
  birthdayMonth: number;
  level: number;
  availableHundredths: number;
  /** In all. */
  earnedHundredths: number;
  /** undefined: nothing was counted of them yet. */
  sums: ProfileSums | undefined;
  windows: Windows;
  daysSinceActive: number;
  daysSinceVisit: number | null;
  visitCycleDays: number | null;
  /** Of 100 draws, how many cost nothing; null under ten draws. */
  freeDrawsPercent: number | null;
  restaurantId: number | null;
  scores: Scores | null;
  value: Value;
  status: Status;
}

/** What of a profile is asked of everybody. */
export interface ProfileSums {
  revision: number;
  draws: number;
  freeDraws: number;
  bills: number;
  spentFen: number;
  lastActiveAtMs: number | null;
}

export interface AsOf {
  today: string;
  fifths: Fifths | undefined;
}

export const VALUE_FOLD = 'value';

export async function asOfNow({ database, clock, businessTimezone }: FactServices): Promise<AsOf> {
  const fold = await database.currentReader.findOneBy(AnalyticsFold, { name: VALUE_FOLD });
  const fifths = fold?.data == null ? undefined : fifthsShape.parse(JSON.parse(fold.data));
  return { today: businessDayOf(clock.nowMs(), businessTimezone), fifths };
}

/** Of those among them who are active. The number of statements does not grow with them. */
export async function readFacts(
  { database, businessTimezone: timezone }: Omit<FactServices, 'clock'>,
  userIds: readonly number[],
  { today, fifths }: AsOf,
): Promise<Facts[]> {
  if (userIds.length === 0) return [];
  const [people, sums, windows, accounts, favourites] = await Promise.all([
    findPeopleFacts(database, userIds),
    readSums(database, userIds),
    readWindows(database, userIds, today),
    readAccounts(database, userIds),
    favouritesOf(database.currentReader, userIds),
  ]);
  const dayOf = daysIn(timezone);
  return [...people].map(([userId, person]) => {
    const own = sums.get(userId);
    const of = windows.get(userId) ?? NO_WINDOWS;
    const account = accounts.get(userId);
    const accountDays = sinceDay(dayOf(person.registeredAtMs), today);
    const lastActive = own?.lastActiveAtMs;
    const daysSinceActive = lastActive == null ? accountDays : sinceDay(dayOf(lastActive), today);
    const daysSinceVisit = of.lastVisit === null ? null : sinceDay(of.lastVisit, today);
    const visiting = { daysSinceVisit, visitDays: of.visitDays, spentFen: of.spent365Fen };
    const scores = scoresOf(visiting, fifths);
    return {
      userId,
      ...person,
      accountDays,
      level: account?.level ?? 0,
      availableHundredths: account?.availableHundredths ?? 0,
      earnedHundredths: account?.historyTotalHundredths ?? 0,
      sums: own,
      windows: of,
      daysSinceActive,
      daysSinceVisit,
      visitCycleDays: visitCycleOf(of),
      freeDrawsPercent: freeShareOf(own),
      restaurantId: favourites.get(userId) ?? null,
      scores,
      value: valueOf(scores),
      status: statusOf({ accountDays, daysSinceActive }),
    };
  });
}

/** A clock that was ahead has written a day that has not come. */
function sinceDay(day: string, today: string): number {
  return Math.max(0, daysFrom(day, today));
}

export function statusOf({
  accountDays,
  daysSinceActive,
}: Pick<Facts, 'accountDays' | 'daysSinceActive'>): Status {
  if (daysSinceActive > LOST_DAYS) return 'lost';
  if (daysSinceActive > SILENT_DAYS) return 'silent';
  return accountDays < NEW_DAYS ? 'new' : 'active';
}

function freeShareOf(sums: ProfileSums | undefined): number | null {
  if (sums === undefined || sums.draws < TELLING_DRAWS) return null;
  return Math.round((100 * sums.freeDraws) / sums.draws);
}

/** Days begin at quarters of an hour in every time zone, and many people share one. */
const QUARTER_MS = 900_000;

function daysIn(timezone: string): (timeMs: number) => string {
  const known = new Map<number, string>();
  return (timeMs) => {
    const quarter = Math.floor(timeMs / QUARTER_MS);
    const day = known.get(quarter) ?? businessDayOf(quarter * QUARTER_MS, timezone);
    known.set(quarter, day);
    return day;
  };
}

interface SumsRow {
  user_id: number;
  revision: number;
  draws: number;
  free_draws: number;
  bills: number;
  spent: string | number;
  last_active_at: Date | string | null;
}

async function readSums(
  database: Pick<Database, 'readCurrent'>,
  userIds: readonly number[],
): Promise<ReadonlyMap<number, ProfileSums>> {
  const rows = await database.readCurrent<SumsRow>(
    `SELECT user_id, revision, draws, free_draws, bills, spent, last_active_at
     FROM analytics_user_profiles WHERE user_id IN (?)`,
    [userIds],
  );
  return new Map(
    rows.map((row) => [
      row.user_id,
      {
        revision: row.revision,
        draws: row.draws,
        freeDraws: row.free_draws,
        bills: row.bills,
        spentFen: fromSqlPoints(row.spent),
        lastActiveAtMs: row.last_active_at === null ? null : fromSqlTime(row.last_active_at),
      },
    ]),
  );
}
