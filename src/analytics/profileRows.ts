/** Rows of profiles and days: made of deeds, and added to what is there. */
import { DateTime } from 'luxon';
import type { AnalyticsUserDay } from '../../entities/analytics/AnalyticsUserDay.ts';
import type { AnalyticsUserProfile } from '../../entities/analytics/AnalyticsUserProfile.ts';
import { businessDayOf, startOfBusinessDay } from '../platform/clock.ts';
import type { MergedRows, Merges } from '../platform/database/bulk.ts';
import { DEEDS, NO_DEEDS, type Deed } from './deeds.ts';

/** Something that somebody did. */
export interface Done {
  userId: number;
  deed: Deed;
  atMs: number;
}

export interface Counting {
  timezone: string;
  nowMs: number;
}

export interface Counted {
  profiles: ReadonlyMap<number, AnalyticsUserProfile>;
  /** By user and day. */
  days: ReadonlyMap<string, AnalyticsUserDay>;
}

/** What there is of people of whom nothing was there before. */
export function rowsOf(done: readonly Done[], { timezone, nowMs }: Counting): Counted {
  const profiles = new Map<number, AnalyticsUserProfile>();
  const days = new Map<string, AnalyticsUserDay>();
  const quarters = new Map<number, Quarter>();
  for (const { userId, deed, atMs } of done) {
    profiles.set(userId, profileWith(profiles.get(userId) ?? noProfile(userId, nowMs), deed, atMs));
    if (!isOfDay(deed)) continue;
    const number = Math.floor(atMs / QUARTER_MS);
    const quarter = quarters.get(number) ?? quarterAt(atMs, timezone);
    quarters.set(number, quarter);
    const key = `${userId} ${quarter.day}`;
    days.set(key, dayWith(days.get(key) ?? noDay(userId, quarter), deed, quarter));
  }
  return { profiles, days };
}

/** Time zones change by whole quarters of an hour, so that all moments of one have in common: */
interface Quarter {
  day: string;
  dayStartedAt: Date;
  /** One bit, of the hour of the day. */
  hours: number;
}

const QUARTER_MS = 900_000;

function quarterAt(atMs: number, timezone: string): Quarter {
  const day = businessDayOf(atMs, timezone);
  const { hour } = DateTime.fromMillis(atMs, { zone: timezone });
  return { day, dayStartedAt: new Date(startOfBusinessDay(day, timezone)), hours: 1 << hour };
}

export function noProfile(user_id: number, nowMs: number): AnalyticsUserProfile {
  const now = new Date(nowMs);
  return {
    user_id,
    ...{ logins: 0, actions: 0, prizes_received: 0, ...NO_DEEDS, spent: 0 },
    ...{ last_login_at: null, last_action_at: null, last_bill: null, last_bill_at: null },
    ...{ first_active_at: null, last_active_at: null },
    ...{ revision: 1, changed_at: now, updated_at: now },
  };
}

function noDay(user_id: number, { day, dayStartedAt: created_at }: Quarter): AnalyticsUserDay {
  return { user_id, day, hours: 0, ...NO_DEEDS, spent: 0, created_at };
}

function profileWith(row: AnalyticsUserProfile, deed: Deed, atMs: number): AnalyticsUserProfile {
  const at = new Date(atMs);
  const own = deed.isOwn === true ? at : null;
  const hasBill = deed.bill !== undefined && (row.last_bill_at === null || at > row.last_bill_at);
  return {
    ...row,
    ...summed(row, deed),
    logins: row.logins + (deed.logins ?? 0),
    actions: row.actions + (deed.actions ?? 0),
    prizes_received: row.prizes_received + (deed.prizes_received ?? 0),
    last_login_at: later(row.last_login_at, deed.logins === undefined ? null : at),
    last_action_at: later(row.last_action_at, deed.actions === undefined ? null : at),
    first_active_at: earlier(row.first_active_at, own),
    last_active_at: later(row.last_active_at, own),
    ...(hasBill && { last_bill: deed.bill!, last_bill_at: at }),
  };
}

function dayWith(row: AnalyticsUserDay, deed: Deed, quarter: Quarter): AnalyticsUserDay {
  const hours = deed.isOwn === true ? row.hours | quarter.hours : row.hours;
  return { ...row, ...summed(row, deed), hours };
}

/** Whether it is one of those that days tell of. */
function isOfDay(deed: Deed): boolean {
  return deed.spent !== undefined || DEEDS.some((name) => deed[name] !== undefined);
}

type Sums = Pick<AnalyticsUserDay, (typeof DEEDS)[number] | 'spent'>;

function summed(row: Sums, deed: Deed): Sums {
  const sums = DEEDS.map((name) => [name, row[name] + (deed[name] ?? 0)] as const);
  return { ...(Object.fromEntries(sums) as Sums), spent: row.spent + (deed.spent ?? 0) };
}

function later(one: Date | null, other: Date | null): Date | null {
  return one === null || (other !== null && other > one) ? other : one;
}

function earlier(one: Date | null, other: Date | null): Date | null {
  return one === null || (other !== null && other < one) ? other : one;
}

type Rows<Row> = MergedRows<Row>;

function sum<Row>(column: keyof Row & string) {
  return ({ stored, given }: Rows<Row>) => `${stored(column)} + ${given(column)}`;
}

/** Decimals are floats on SQLite. */
function sumOfMoney<Row>(column: keyof Row & string) {
  return ({ stored, given }: Rows<Row>) => `ROUND(${stored(column)} + ${given(column)}, 2)`;
}

/** Batches come in any order. */
function furthest<Row>(
  column: keyof Row & string,
  { isAfter, by = column }: { isAfter: '<' | '>'; by?: keyof Row & string },
) {
  return ({ stored, given }: Rows<Row>) =>
    `CASE WHEN ${stored(by)} IS NULL OR ${given(by)} ${isAfter} ${stored(by)} THEN ${given(column)} ELSE ${stored(column)} END`;
}

export const PROFILES_SUMMED: Merges<AnalyticsUserProfile> = {
  ...Object.fromEntries(
    [...DEEDS, 'logins' as const, 'actions' as const, 'prizes_received' as const, 'revision' as const].map(
      (column) => [column, sum<AnalyticsUserProfile>(column)],
    ),
  ),
  spent: sumOfMoney('spent'),
  last_login_at: furthest('last_login_at', { isAfter: '>' }),
  last_action_at: furthest('last_action_at', { isAfter: '>' }),
  first_active_at: furthest('first_active_at', { isAfter: '<' }),
  last_active_at: furthest('last_active_at', { isAfter: '>' }),
  // Before its time, by which it is decided.
  last_bill: furthest('last_bill', { isAfter: '>', by: 'last_bill_at' }),
  last_bill_at: furthest('last_bill_at', { isAfter: '>' }),
  changed_at: ({ stored, given }) => `COALESCE(${stored('changed_at')}, ${given('changed_at')})`,
};

export const DAYS_SUMMED: Merges<AnalyticsUserDay> = {
  ...Object.fromEntries(DEEDS.map((column) => [column, sum<AnalyticsUserDay>(column)])),
  spent: sumOfMoney('spent'),
  hours: ({ stored, given }) => `${stored('hours')} | ${given('hours')}`,
  created_at: 'kept',
};
