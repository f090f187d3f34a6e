/** Statistics and leaderboards, from the sums of days and periods: the ledger is never looked through (P-12). */
import { forceIndex } from '../../platform/database/forceIndex.ts';
import { fromSqlPoints } from '../../platform/database/sqlValues.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { Period } from './periods.ts';

export interface DaySums {
  day: string;
  source: string;
  incomeHundredths: number;
  expenseHundredths: number;
}

/** Of one user, from day to day, both included. One statement: what moves from open to closed is in it once. */
export async function readDays(
  database: Database,
  userId: number,
  { from, to }: { from: string; to: string },
): Promise<DaySums[]> {
  const rows = await database.readCurrent<Record<string, string | number>>(
    `SELECT day, source, income, expense FROM points_daily WHERE user_id = ? AND day BETWEEN ? AND ?
     UNION ALL
     SELECT open_day, open_source, open_income, open_expense FROM user_points_accounts
     WHERE user_id = ? AND open_day BETWEEN ? AND ?`,
    [userId, from, to, userId, from, to],
  );
  const sums = new Map<string, DaySums>();
  for (const row of rows) {
    const [day, source] = [String(row['day']), String(row['source'])];
    const sum = sums.get(`${day} ${source}`) ?? { day, source, incomeHundredths: 0, expenseHundredths: 0 };
    sum.incomeHundredths += fromSqlPoints(row['income']!);
    sum.expenseHundredths += fromSqlPoints(row['expense']!);
    sums.set(`${day} ${source}`, sum);
  }
  return [...sums.values()].sort((a, b) => (a.day + a.source < b.day + b.source ? -1 : 1));
}

export interface Ranked {
  rank: number;
  userId: number;
  nickname: string;
  earnedHundredths: number;
}

export interface Ranking {
  items: Ranked[];
  /** Null: nothing was earned. Exact to `LIMITS.rankedDiners`; every place behind is told as one more. */
  mine: { rank: number | null; earnedHundredths: number };
}

interface RankingQuery {
  period: Period;
  /** Its first day. */
  starts: string;
  limit: number;
  userId: number;
}

/**
 * By what was earned; of two with as much, who joined later stands first, as the index has them. Who is not active any more has no
 * place.
 */
export async function readRanking(database: Database, query: RankingQuery): Promise<Ranking> {
  const { period, starts, limit, userId } = query;
  const rows = await database.readCurrent<Record<string, string | number>>(
    `SELECT e.user_id, e.earned, u.nickname ${rankedOf(database)}
     ORDER BY e.earned DESC, e.user_id DESC LIMIT ?`,
    [period, starts, limit],
  );
  const items = rows.map((row, at) => ({
    rank: at + 1,
    userId: Number(row['user_id']),
    nickname: String(row['nickname']),
    earnedHundredths: fromSqlPoints(row['earned']!),
  }));
  const listed = items.find((item) => item.userId === userId);
  if (listed !== undefined) return { items, mine: listed };
  return { items, mine: await readOwnPlace(database, query, items.length) };
}

async function readOwnPlace(
  database: Database,
  { period, starts, userId }: RankingQuery,
  listed: number,
): Promise<Ranking['mine']> {
  const [own] = await database.readCurrent<{ earned: string | number }>(
    'SELECT earned FROM points_earned WHERE period = ? AND starts = ? AND user_id = ?',
    [period, starts, userId],
  );
  if (own === undefined) return { rank: null, earnedHundredths: 0 };
  const [before] = await database.readCurrent<{ count: number | string }>(
    `SELECT COUNT(*) AS count FROM (
       SELECT e.user_id ${rankedOf(database)} AND (e.earned > ? OR (e.earned = ? AND e.user_id > ?))
       ORDER BY e.earned DESC, e.user_id DESC LIMIT ?) placed`,
    [period, starts, own.earned, own.earned, userId, LIMITS.rankedDiners],
  );
  // Between the two answers somebody may have moved: whoever is not in the list stands behind it.
  const rank = Math.max(Number(before!.count), listed) + 1;
  return { rank, earnedHundredths: fromSqlPoints(own.earned) };
}

function rankedOf({ dialect }: Database): string {
  return `FROM points_earned e${forceIndex(dialect, 'points_earned_rank')}
     JOIN users u ON u.user_id = e.user_id AND u.status = 'active'
     WHERE e.period = ? AND e.starts = ?`;
}
