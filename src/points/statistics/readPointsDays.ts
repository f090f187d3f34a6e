/** What days come to of everybody's points, from their counted rows: the ledger is not looked at. */
import { Between } from 'typeorm';
import { PointsDay } from '../../../entities/points/PointsDay.ts';
import { PointsTransaction } from '../../../entities/points/PointsTransaction.ts';
import { UNCOUNTED } from '../../identity/people/counted.ts';
import { businessDayOf, startOfBusinessDay } from '../../platform/clock.ts';
import { fromSqlPoints, sqlTime } from '../../platform/database/sqlValues.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { OWN_TYPES, isOwn } from '../transactionTypes.ts';
import { dayAfter } from './periods.ts';

/** In 1/100 points. What moves between two people, or is frozen and freed, is in none of them. */
export interface PointsOfDay {
  /** Earned, from whatever source. */
  issued: number;
  /** Brought along from another system. */
  imported: number;
  /** On draws, products, and at the counter. */
  spent: number;
  spentOnDraws: number;
  /** Of trades, for nobody. */
  fees: number;
  expired: number;
  /** Refunds, rollbacks and corrections, more or less than zero. */
  corrected: number;
  /** What everybody has together at the end of the day: what is owed to them. */
  outstanding: number;
}

/** What people pay for something. */
const SPENDING: ReadonlySet<string> = new Set(['consume', 'exchange', 'lottery_draw']);
/** Between two people. */
const MOVING: ReadonlySet<string> = new Set(['trade_in', 'trade_out', 'transfer_in', 'transfer_out']);
const CORRECTING: ReadonlySet<string> = new Set(['adjust', 'debt_repayment', 'refund', 'rollback']);

/** @param days one after the other, each of which is there then */
export async function readPointsDays(
  database: Database,
  days: readonly string[],
): Promise<Map<string, PointsOfDay>> {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return new Map();
  const [rows, before] = await Promise.all([
    database.currentReader.findBy(PointsDay, { day: Between(first, last) }),
    outstandingBefore(database, first),
  ]);
  const byDay = Map.groupBy(rows, ({ day }) => day);
  let outstanding = before;
  return new Map(
    days.map((day) => {
      const figures = figuresOf(byDay.get(day) ?? []);
      const { issued, imported, spent, fees, expired, corrected } = figures;
      outstanding += issued + imported - spent - fees - expired + corrected;
      return [day, { ...figures, outstanding }];
    }),
  );
}

/** Of those who are left out of reports: days have their movements, since what is owed is owed to them as well (RS-3). */
export async function readUncountedPoints(
  database: Database,
  days: readonly string[],
  timezone: string,
): Promise<Map<string, Omit<PointsOfDay, 'outstanding'>>> {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return new Map();
  const minute = 'SUBSTR(moved.created_at, 1, 16)';
  const rows = await database.currentReader
    .createQueryBuilder(PointsTransaction, 'moved')
    .select(minute, 'minute')
    .addSelect('moved.transaction_type', 'transaction_type')
    .addSelect('SUM(CASE WHEN moved.amount > 0 THEN moved.amount ELSE 0 END)', 'income')
    .addSelect('SUM(CASE WHEN moved.amount < 0 THEN -moved.amount ELSE 0 END)', 'expense')
    .where(`moved.user_id IN ${UNCOUNTED} AND moved.created_at >= :from AND moved.created_at < :to`, {
      from: sqlTime(startOfBusinessDay(first, timezone)),
      to: sqlTime(startOfBusinessDay(dayAfter(last), timezone)),
    })
    .groupBy(minute)
    .addGroupBy('moved.transaction_type')
    .getRawMany<Record<'minute' | 'transaction_type' | 'income' | 'expense', string>>();
  const moved = rows.map(({ minute: at, transaction_type, income, expense }) => ({
    day: businessDayOf(Date.parse(`${at.replace(' ', 'T')}Z`), timezone),
    transaction_type,
    income: fromSqlPoints(income),
    expense: fromSqlPoints(expense),
    entries: 1,
  }));
  return new Map([...Map.groupBy(moved, ({ day }) => day)].map(([day, of]) => [day, figuresOf(of)]));
}

function figuresOf(rows: readonly PointsDay[]): Omit<PointsOfDay, 'outstanding'> {
  const of = { issued: 0, imported: 0, spent: 0, spentOnDraws: 0, fees: 0, expired: 0, corrected: 0 };
  for (const { transaction_type: type, income, expense } of rows) {
    const net = income - expense;
    if (isOwn(type)) continue;
    if (type === 'lottery_draw') of.spentOnDraws += expense;
    if (type === 'import') of.imported += net;
    else if (type === 'expire') of.expired -= net;
    else if (SPENDING.has(type)) of.spent -= net;
    // What the buyer of a trade pays and its seller does not get: of a transfer both sides are the same.
    else if (MOVING.has(type)) of.fees -= net;
    else if (CORRECTING.has(type)) of.corrected += net;
    else of.issued += net;
  }
  return of;
}

/** Of the few rows that a day has, those of all days before. */
async function outstandingBefore({ currentReader }: Database, day: string): Promise<number> {
  const row = await currentReader
    .createQueryBuilder(PointsDay, 'counted')
    .select('SUM(counted.income - counted.expense)', 'net')
    .where('counted.day < :day AND counted.transaction_type NOT IN (:...types)', {
      day,
      types: [...OWN_TYPES],
    })
    .getRawOne<{ net: number | string | null }>();
  return fromSqlPoints(row?.net ?? 0);
}
