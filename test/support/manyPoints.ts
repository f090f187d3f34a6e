/** A ledger as large as after years, with all that belongs to it, so that its books balance: written by a few statements. */
import { DateTime } from 'luxon';
import { businessDayOf } from '../../src/platform/clock.ts';
import { sqlTime } from '../../src/platform/database/sqlValues.ts';
import type { Database, Tx } from '../../src/platform/database/transaction.ts';
import { PERIODS, startOf } from '../../src/points/statistics/periods.ts';
import { insertMany } from './manyRows.ts';

export interface ManyPoints {
  /** Users made for it, each with an account. */
  people: number;
  /** Of each, the last of them today. */
  visits: number;
  nowMs: number;
  timezone: string;
}

/** Rows of the ledger for each visit. */
export const ROWS_PER_VISIT = 5;
/** Visits of these last days, one each; all others were in earlier months. */
export const RECENT_DAYS = 4;

/* What a visit moves, in points: `GAIN` for the bill, and the rest the same for everybody. */
const GIFT = 5;
const COST = 1;
const PRIZE = 2;
const SPENT = 5;
const EARNED_BESIDES = GIFT + PRIZE;
const LOST = COST + SPENT;
/** Of the n-th of the people, counted from 0: nearly everybody has an amount of their own. */
const gainOf = (person: string) => `(10 + (${person} * 7919 % 9973) * 0.01)`;

/** What the ledger is made of. In the statements `n` counts from 1. */
interface Shape extends ManyPoints {
  firstId: number;
  firstRow: number;
  days: string[];
  times: string[];
  endsAt: string;
}

/** Writes them, and returns the id of the first of the people; the others follow without a gap. */
export async function writeManyPoints(database: Database, asked: ManyPoints): Promise<number> {
  const shape = await shapeOf(database, asked);
  // Each table in a transaction of its own: none has to remember all of them.
  for (const write of [writePeople, writeLedger, writeLots, writeDays, writeEarned])
    await database.transaction((tx) => write(tx, shape));
  return shape.firstId;
}

async function shapeOf(database: Database, asked: ManyPoints): Promise<Shape> {
  const { visits, nowMs, timezone } = asked;
  const lastOf = async (table: string, key: string) => {
    const [row] = await database.readCurrent<{ id: number | null }>(`SELECT MAX(${key}) AS id FROM ${table}`);
    return Number(row?.id ?? 0);
  };
  const today = DateTime.fromISO(businessDayOf(nowMs, timezone), { zone: timezone });
  const days = Array.from({ length: visits }, (_, at) => {
    const age = visits - 1 - at;
    return today.minus({ days: age < RECENT_DAYS ? age : 35 + age });
  });
  return {
    ...asked,
    firstId: (await lastOf('users', 'user_id')) + 1,
    firstRow: (await lastOf('points_transactions', 'transaction_id')) + 1,
    days: days.map((day) => day.toFormat('yyyy-MM-dd')),
    times: days.map((day) => `'${sqlTime(day.toMillis())}'`),
    endsAt: `'${sqlTime(today.plus({ years: 2 }).toMillis())}'`,
  };
}

function choose(index: string, values: readonly (string | number)[]): string {
  return `CASE ${index} ${values.map((value, at) => `WHEN ${at} THEN ${value}`).join(' ')} END`;
}

async function writePeople(tx: Tx, { people, visits, firstId, days, times, endsAt }: Shape): Promise<void> {
  const dates = { created_at: times[0]!, updated_at: times.at(-1)! };
  await insertMany(tx, 'users', people, {
    user_id: `${firstId} - 1 + n`,
    mobile: `16000000000 + ${firstId} + n`,
    nickname: `CONCAT('Diner ', n)`,
    registration_date: times[0]!,
    ...dates,
  });
  const gain = gainOf('(n - 1)');
  const left = `${visits} * (${gain} + ${EARNED_BESIDES - LOST})`;
  await insertMany(tx, 'user_points_accounts', people, {
    user_id: `${firstId} - 1 + n`,
    total_points: left,
    available_points: left,
    frozen_points: 0,
    history_total_points: `${visits} * (${gain} + ${EARNED_BESIDES})`,
    // Nothing of the line is settled: no lot has ended yet.
    spent_total: visits * LOST,
    next_due_at: endsAt,
    open_day: `'${days.at(-1)}'`,
    open_source: `'customer'`,
    open_expense: SPENT,
    ...dates,
  });
}

/** In the order of time: the rows of one person lie far apart, as they do. */
async function writeLedger(tx: Tx, { people, visits, firstId, firstRow, times }: Shape): Promise<void> {
  const person = `(n - 1) % ${people}`;
  const row = `FLOOR((n - 1) / ${people})`;
  const visit = `FLOOR((n - 1) / ${people * ROWS_PER_VISIT})`;
  const step = `${row} % ${ROWS_PER_VISIT}`;
  const gain = gainOf(`(${person})`);
  const opening = `${visit} * (${gain} + ${EARNED_BESIDES - LOST})`;
  const amounts = [gain, GIFT, -COST, PRIZE, -SPENT];
  // What all of the visit up to each row has moved.
  const moved = [0, gain, `${gain} + 5`, `${gain} + 4`, `${gain} + 6`, `${gain} + 1`];
  await insertMany(tx, 'points_transactions', people * visits * ROWS_PER_VISIT, {
    transaction_id: `${firstRow} - 1 + n`,
    user_id: `${firstId} + ${person}`,
    transaction_type: choose(step, [`'earn'`, `'earn'`, `'consume'`, `'earn'`, `'consume'`]),
    amount: choose(step, amounts),
    balance_before: `${opening} + ${choose(step, moved.slice(0, -1))}`,
    balance_after: `${opening} + ${choose(step, moved.slice(1))}`,
    source: choose(step, [`'bill'`, `'check_in'`, `'game'`, `'game'`, `'customer'`]),
    reason: choose(step, [`'Bill'`, `'Check-in'`, `'Game'`, `'Game'`, `'Counter'`]),
    spent_from: choose(step, ['NULL', 'NULL', `${visit} * ${LOST}`, 'NULL', `${visit} * ${LOST} + ${COST}`]),
    created_at: choose(visit, times),
  });
}

/** Of each gain one, the bill's with an end that is far away. */
async function writeLots(tx: Tx, { people, visits, firstId, firstRow, times, endsAt }: Shape): Promise<void> {
  const person = `(n - 1) % ${people}`;
  const visit = `FLOOR((n - 1) / ${people * 3})`;
  const kind = `FLOOR((n - 1) / ${people}) % 3`;
  const step = choose(kind, [0, 1, 3]);
  const amount = choose(kind, [gainOf(`(${person})`), GIFT, PRIZE]);
  await insertMany(tx, 'points_lots', people * visits * 3, {
    user_id: `${firstId} + ${person}`,
    origin_type: `'earn'`,
    transaction_id: `${firstRow} + (${visit} * ${ROWS_PER_VISIT} + ${step}) * ${people} + ${person}`,
    amount,
    remaining: amount,
    spent_before: `${visit} * ${LOST} + ${choose(kind, [0, 0, COST])}`,
    expires_at: choose(kind, [endsAt, 'NULL', 'NULL']),
    created_at: choose(visit, times),
  });
}

async function writeDays(tx: Tx, { people, firstId, days }: Shape): Promise<void> {
  const sums = [
    { source: `'bill'`, income: gainOf('(n - 1)'), expense: 0 },
    { source: `'check_in'`, income: GIFT, expense: 0 },
    { source: `'customer'`, income: 0, expense: SPENT },
    { source: `'game'`, income: PRIZE, expense: COST },
  ];
  for (const [at, day] of days.entries()) {
    // What was spent last is still open in the accounts.
    const closed = at < days.length - 1 ? sums : sums.filter(({ source }) => source !== `'customer'`);
    for (const sum of closed)
      await insertMany(tx, 'points_daily', people, {
        user_id: `${firstId} - 1 + n`,
        day: `'${day}'`,
        ...sum,
      });
  }
}

async function writeEarned(tx: Tx, { people, firstId, days }: Shape): Promise<void> {
  for (const period of PERIODS) {
    const visitsOf = Map.groupBy(days, (day) => startOf(period, day));
    for (const [starts, { length }] of visitsOf)
      await insertMany(tx, 'points_earned', people, {
        period: `'${period}'`,
        starts: `'${starts}'`,
        user_id: `${firstId} - 1 + n`,
        earned: `${length} * (${gainOf('(n - 1)')} + ${EARNED_BESIDES})`,
      });
  }
}
