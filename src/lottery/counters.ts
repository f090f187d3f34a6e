/** What a campaign counts of each diner: read and written by the owner's batches, read by everyone else outside of one. */
import { LotteryUserCounter } from '../../entities/lottery/LotteryUserCounter.ts';
import { upsertAll, type MergedRows, type Merges } from '../platform/database/bulk.ts';
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
  /** Of these, the ones that cost nothing. */
  freeToday: number;
  firstDrawNo: number;
}

/**
 * The day that a diner's draws count on, and how many it has seen. It only moves forward: on a clock that is behind the
 * counter's day, that day goes on, or every step back over midnight would give its draws once more.
 */
function dayOf(counter: Day | undefined, today: string): Day {
  if (counter === undefined || counter.businessDay < today)
    return { businessDay: today, drawsToday: 0, freeToday: 0 };
  const { businessDay, drawsToday, freeToday } = counter;
  return { businessDay, drawsToday, freeToday };
}

type Day = Pick<Counter, 'businessDay' | 'drawsToday' | 'freeToday'>;

/** A copy of a diner's counter, or a new one, on the day that their draws count on. */
export function counterOn(today: string, userId: number, known: Counter | undefined): Counter {
  const nothing = { userId, streak: 0, draws: 0, wins: 0, prizeValue: 0, firstDrawNo: 0 };
  return { ...(known ?? nothing), ...dayOf(known, today) };
}

/**
 * A copy of a diner's counter with what the same person has drawn by accounts that were merged into theirs: nobody draws more often
 * by a merge. For limits alone: streak, standing and log are of the account that drew.
 */
export function withEarlier(counter: Counter, earlier: readonly Counter[]): Counter {
  const sum = { ...counter };
  for (const one of earlier) {
    sum.wins += one.wins;
    if (one.businessDay !== counter.businessDay) continue;
    sum.drawsToday += one.drawsToday;
    sum.freeToday += one.freeToday;
  }
  return sum;
}

/** The day only moves forward; what it has counted goes with it. */
const FORWARD: Merges<LotteryUserCounter> = {
  draws_today: (rows) => ofLaterDay('draws_today', rows),
  free_today: (rows) => ofLaterDay('free_today', rows),
  // Last: the others look at it.
  business_day: (rows) => ofLaterDay('business_day', rows),
};

function ofLaterDay(
  column: keyof LotteryUserCounter,
  { stored, given }: MergedRows<LotteryUserCounter>,
): string {
  const isStored = `${stored('business_day')} > ${given('business_day')}`;
  return `CASE WHEN ${isStored} THEN ${stored(column)} ELSE ${given(column)} END`;
}

/** What `toCounter` needs of a row besides the user. */
const COLUMNS = 'streak, draws, wins, prize_value, business_day, draws_today, free_today, first_draw_no';
const OF_COUNTER = COLUMNS.replaceAll(/\w+/g, 'c.$&');

export async function findCounters(
  tx: Pick<Tx, 'query'>,
  campaignId: number,
  userIds: readonly number[],
): Promise<Counter[]> {
  const rows = await tx.query<Record<string, string | number>>(
    `SELECT user_id, ${COLUMNS} FROM lottery_user_counters WHERE campaign_id = ? AND user_id IN (?)`,
    [campaignId, userIds],
  );
  return rows.map(toCounter);
}

/** Diners of a batch as the database has them. */
export interface FoundDiners {
  /** Of those who have drawn before. */
  counters: Counter[];
  diners: ReadonlyMap<number, FoundDiner>;
}

/** What a draw has to know of somebody besides their account and counter. */
export interface FoundDiner {
  /** Nothing else says what a diner is called: the name in a token may be days old. */
  nickname: string;
  /** As the driver has read it: it is seldom looked at. */
  registeredAt: Date | string;
  /** As of this transaction: whoever is put on the list draws no more from the next batch on. */
  isBlacklisted: boolean;
}

/** The counters are locked by the campaign's row, which every change of one holds. */
export async function findDiners(
  tx: Pick<Tx, 'query'>,
  campaignId: number,
  userIds: readonly number[],
): Promise<FoundDiners> {
  const rows = await tx.query<DinerRow>(
    `SELECT u.user_id, u.nickname, u.registration_date, b.user_id AS blacklisted, ${OF_COUNTER}
     FROM users u LEFT JOIN lottery_blacklist b ON b.user_id = u.user_id
     LEFT JOIN lottery_user_counters c ON c.campaign_id = ? AND c.user_id = u.user_id
     WHERE u.user_id IN (?)`,
    [campaignId, userIds],
  );
  return {
    counters: rows.filter((row) => row['draws'] !== null).map(toCounter),
    diners: new Map(rows.map((row) => [Number(row.user_id), toDiner(row)])),
  };
}

type DinerRow = Record<string, string | number> & {
  registration_date: Date | string;
  blacklisted: number | null;
};

function toDiner({ nickname, registration_date: registeredAt, blacklisted }: DinerRow): FoundDiner {
  return { nickname: String(nickname), registeredAt, isBlacklisted: blacklisted !== null };
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
    freeToday: Number(row['free_today']),
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
    free_today: counter.freeToday,
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
    `SELECT user_id, ${COLUMNS} FROM lottery_user_counters WHERE campaign_id = ? AND user_id = ?`,
    [campaignId, userId],
  );
  return row && toCounter(row);
}
