/** What people did in the days before one, from the rows of their days: as many rows as they had days, by the key. */
import type { Database } from '../platform/database/transaction.ts';
import { dayAfter } from '../points/statistics/periods.ts';

/** Each has its last day, which is not over, among them. */
export const WINDOWS = { month: 30, quarter: 90, year: 365 } as const;

export const FEATURES = ['draws', 'exchanges', 'trades', 'check_ins', 'bills'] as const;
export type Feature = (typeof FEATURES)[number];

export interface Windows {
  activeDays30: number;
  activeDays90: number;
  draws30: number;
  checkIns30: number;
  exchanges90: number;
  trades90: number;
  bills90: number;
  spent90Fen: number;
  spent365Fen: number;
  /** Days of visits in 365 days, and the first and last of them. */
  visitDays: number;
  firstVisit: string | null;
  lastVisit: string | null;
  /** What was used on the most of 90 days, of several the first in the order of the list; null: nothing was. */
  feature: Feature | null;
}

export const NO_WINDOWS: Windows = {
  ...{ activeDays30: 0, activeDays90: 0, draws30: 0, checkIns30: 0 },
  ...{ exchanges90: 0, trades90: 0, bills90: 0, spent90Fen: 0, spent365Fen: 0 },
  ...{ visitDays: 0, firstVisit: null, lastVisit: null, feature: null },
};

type Row = Record<string, number | string | null>;

/** @param today the last business day of all windows */
export async function readWindows(
  database: Database,
  userIds: readonly number[],
  today: string,
): Promise<ReadonlyMap<number, Windows>> {
  const [month, quarter, year] = [WINDOWS.month, WINDOWS.quarter, WINDOWS.year].map((days) =>
    dayAfter(today, -days),
  );
  const features = FEATURES.map((name) => `SUM((day > ?) * (${name} > 0)) AS used_${name}`).join(', ');
  const rows = await database.readCurrent<Row>(
    `SELECT user_id, ${features},
       SUM((day > ?) * (hours <> 0)) AS active_30, SUM((day > ?) * (hours <> 0)) AS active_90,
       SUM((day > ?) * draws) AS draws_30, SUM((day > ?) * check_ins) AS check_ins_30,
       SUM((day > ?) * exchanges) AS exchanges_90, SUM((day > ?) * trades) AS trades_90,
       SUM((day > ?) * bills) AS bills_90, SUM((day > ?) * spent) AS spent_90, SUM(spent) AS spent_365,
       SUM(bills > 0) AS visit_days, MIN(CASE WHEN bills > 0 THEN day END) AS first_visit,
       MAX(CASE WHEN bills > 0 THEN day END) AS last_visit
     FROM analytics_user_days WHERE user_id IN (?) AND day > ? AND day <= ? GROUP BY user_id`,
    [
      ...FEATURES.map(() => quarter),
      ...[month, quarter, month, month, quarter, quarter, quarter, quarter],
      ...[userIds, year, today],
    ],
  );
  return new Map(rows.map((row) => [Number(row['user_id']), windowsOf(row)]));
}

function windowsOf(row: Row): Windows {
  const number = (name: string) => Number(row[name]);
  const fen = (name: string) => Math.max(0, Math.round(number(name) * 100));
  const text = (name: string) => (row[name] == null ? null : String(row[name]));
  return {
    activeDays30: number('active_30'),
    activeDays90: number('active_90'),
    draws30: number('draws_30'),
    checkIns30: number('check_ins_30'),
    exchanges90: number('exchanges_90'),
    trades90: number('trades_90'),
    bills90: number('bills_90'),
    spent90Fen: fen('spent_90'),
    spent365Fen: fen('spent_365'),
    visitDays: number('visit_days'),
    firstVisit: text('first_visit'),
    lastVisit: text('last_visit'),
    feature: mostUsed((name) => number(`used_${name}`)),
  };
}

function mostUsed(daysOf: (feature: Feature) => number): Feature | null {
  let most: Feature | null = null;
  for (const name of FEATURES) if (daysOf(name) > (most === null ? 0 : daysOf(most))) most = name;
  return most;
}

const DAY_MS = 86_400_000;

export function daysFrom(day: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(day)) / DAY_MS);
}

/** The mean of the days between two visits; null under three days of visits, which say nothing of a habit. */
export function visitCycleOf({ visitDays, firstVisit, lastVisit }: Windows): number | null {
  if (visitDays < 3 || firstVisit === null || lastVisit === null) return null;
  return daysFrom(firstVisit, lastVisit) / (visitDays - 1);
}
