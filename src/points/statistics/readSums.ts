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
 * By what was earned; of two with as much, who joined later stands first, as the index has them. Whose account is closed has no
 * place. One statement: whoever gains something meanwhile does so for the list and for the caller's own place, or for neither.
 */
export async function readRanking(database: Database, query: RankingQuery): Promise<Ranking> {
  const { period, starts, limit, userId } = query;
  const list = [period, starts];
  const own = [...list, userId];
  const rows = await database.readCurrent<RankingRow>(
    `SELECT * FROM (
       SELECT e.user_id, e.earned, u.nickname, NULL AS places_before ${rankedOf(database)}
       ORDER BY e.earned DESC, e.user_id DESC LIMIT ?) listed
     UNION ALL
     SELECT user_id, earned, NULL,
       (${countOf(database, `e.earned > (${OWN})`)}) + (${countOf(database, `e.earned = (${OWN}) AND e.user_id > ?`)})
     FROM points_earned WHERE period = ? AND starts = ? AND user_id = ?`,
    [
      ...[...list, limit],
      ...[...list, ...own, LIMITS.rankedDiners],
      ...[...list, ...own, userId, LIMITS.rankedDiners],
      ...own,
    ],
  );
  const [mine] = rows.filter((row) => row.places_before !== null);
  const items = rows
    .filter((row) => row.places_before === null)
    .map((row, at) => ({
      rank: at + 1,
      userId: row.user_id,
      nickname: String(row.nickname),
      earnedHundredths: fromSqlPoints(row.earned),
    }));
  if (mine === undefined) return { items, mine: { rank: null, earnedHundredths: 0 } };
  return {
    items,
    mine: {
      rank: Math.min(Number(mine.places_before), LIMITS.rankedDiners) + 1,
      earnedHundredths: fromSqlPoints(mine.earned),
    },
  };
}

interface RankingRow {
  user_id: number;
  earned: number | string;
  nickname: string | null;
  /** Of the caller's own row alone. */
  places_before: number | string | null;
}

/** What the caller has earned, looked up once. */
const OWN = 'SELECT earned FROM points_earned WHERE period = ? AND starts = ? AND user_id = ?';

/** How many stand before the caller by one of the two ways to, as far as places are told. Each is one part of the index. */
function countOf(database: Database, isBefore: string): string {
  return `SELECT COUNT(*) FROM (SELECT e.user_id ${rankedOf(database)} AND ${isBefore} LIMIT ?) placed`;
}

/** Names are looked up for places, and never places for everybody who joined after the caller. */
function rankedOf({ dialect }: Database): string {
  const inOrder = dialect === 'mysql' ? 'STRAIGHT_JOIN' : 'CROSS JOIN';
  return `FROM points_earned e${forceIndex(dialect, 'points_earned_rank')}
     ${inOrder} users u ON u.user_id = e.user_id AND u.status <> 'closed'
     WHERE e.period = ? AND e.starts = ?`;
}
