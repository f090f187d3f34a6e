/** What a campaign counts of each diner: read and written by the owner's batches, read by everyone else outside of one. */
import { LotteryUserCounter } from '../../entities/lottery/LotteryUserCounter.ts';
import { upsertAll, type Merges } from '../platform/database/bulk.ts';
import { fromSqlPoints } from '../platform/database/sqlValues.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';

/** What a campaign counts of one diner. prizeValue in 1/100 points. */
export interface Counter {
  userId: number;
  streak: number;
  draws: number;
  wins: number;
  prizeValue: number;
  businessDay: string;
  drawsToday: number;
  firstDrawNo: number;
}

/**
 * The day that a diner's draws count on, and how many it has seen. It only moves forward: on a clock that is behind the
 * counter's day, that day goes on, or every step back over midnight would give its draws once more.
 */
export function dayOf(
  counter: Pick<Counter, 'businessDay' | 'drawsToday'> | undefined,
  today: string,
): Pick<Counter, 'businessDay' | 'drawsToday'> {
  if (counter === undefined || counter.businessDay < today) return { businessDay: today, drawsToday: 0 };
  return { businessDay: counter.businessDay, drawsToday: counter.drawsToday };
}

/** A copy of a diner's counter, or a new one, on the day that their draws count on. */
export function counterOn(today: string, userId: number, known: Counter | undefined): Counter {
  const nothing = { userId, streak: 0, draws: 0, wins: 0, prizeValue: 0, firstDrawNo: 0 };
  return { ...(known ?? nothing), ...dayOf(known, today) };
}

/** The day only moves forward; what it has counted goes with it. */
const FORWARD: Merges<LotteryUserCounter> = {
  draws_today: ({ stored, given }) =>
    `CASE WHEN ${stored('business_day')} > ${given('business_day')}
       THEN ${stored('draws_today')} ELSE ${given('draws_today')} END`,
  business_day: ({ stored, given }) =>
    `CASE WHEN ${stored('business_day')} > ${given('business_day')}
       THEN ${stored('business_day')} ELSE ${given('business_day')} END`,
};

export async function findCounters(
  tx: Pick<Tx, 'query'>,
  campaignId: number,
  userIds: readonly number[],
): Promise<Counter[]> {
  const rows = await tx.query<Record<string, string | number>>(
    `SELECT user_id, streak, draws, wins, prize_value, business_day, draws_today, first_draw_no
     FROM lottery_user_counters WHERE campaign_id = ? AND user_id IN (?)`,
    [campaignId, userIds],
  );
  return rows.map(toCounter);
}

/** Diners of a batch as the database has them. */
export interface FoundDiners {
  /** Of those who have drawn before. */
  counters: Counter[];
  /** Nothing else says what a diner is called: the name in a token may be days old. */
  nicknames: ReadonlyMap<number, string>;
}

/** The counters are locked by the campaign's row, which every change of one holds. */
export async function findDiners(
  tx: Tx,
  campaignId: number,
  userIds: readonly number[],
): Promise<FoundDiners> {
  const rows = await tx.query<Record<string, string | number>>(
    `SELECT u.user_id, u.nickname, c.streak, c.draws, c.wins, c.prize_value, c.business_day, c.draws_today, c.first_draw_no
     FROM users u LEFT JOIN lottery_user_counters c ON c.campaign_id = ? AND c.user_id = u.user_id
     WHERE u.user_id IN (?)`,
    [campaignId, userIds],
  );
  return {
    counters: rows.filter((row) => row['draws'] !== null).map(toCounter),
    nicknames: new Map(rows.map((row) => [Number(row['user_id']), String(row['nickname'])])),
  };
}

export function toCounter(row: Record<string, string | number>): Counter {
  return {
    userId: Number(row['user_id']),
    streak: Number(row['streak']),
    draws: Number(row['draws']),
    wins: Number(row['wins']),
    prizeValue: fromSqlPoints(row['prize_value']!),
    businessDay: String(row['business_day']),
    drawsToday: Number(row['draws_today']),
    firstDrawNo: Number(row['first_draw_no']),
  };
}

export async function saveCounters(
  tx: Tx,
  campaignId: number,
  counters: readonly Counter[],
  nowMs: number,
): Promise<void> {
  const updated_at = new Date(nowMs);
  const rows = counters.map((counter) => ({
    campaign_id: campaignId,
    user_id: counter.userId,
    streak: counter.streak,
    draws: counter.draws,
    wins: counter.wins,
    prize_value: counter.prizeValue,
    business_day: counter.businessDay,
    draws_today: counter.drawsToday,
    first_draw_no: counter.firstDrawNo,
    updated_at,
  }));
  await upsertAll(tx, LotteryUserCounter, rows, FORWARD);
}

/** As `readCounter`, of many diners at once. */
export async function readCounters(
  database: Database,
  campaignId: number,
  userIds: readonly number[],
): Promise<Map<number, Counter>> {
  const counters = await findCounters({ query: database.readCurrent.bind(database) }, campaignId, userIds);
  return new Map(counters.map((counter) => [counter.userId, counter]));
}

/** Of the primary: who has just drawn is told of that draw as well. */
export async function readCounter(
  database: Database,
  campaignId: number,
  userId: number,
): Promise<Counter | undefined> {
  const [row] = await database.readCurrent<Record<string, string | number>>(
    `SELECT user_id, streak, draws, wins, prize_value, business_day, draws_today, first_draw_no
     FROM lottery_user_counters WHERE campaign_id = ? AND user_id = ?`,
    [campaignId, userId],
  );
  return row && toCounter(row);
}
