/** What the books tell of what people have done: by quarters of an hour where there are many rows. */
import { deedsOf, type DrawsOfHour } from '../analytics/countDraws.ts';
import type { Done } from '../analytics/profileRows.ts';
import { packedOfUsers } from '../lottery/archive/packedDraws.ts';
import { fromSqlPoints, fromSqlTime } from '../platform/database/sqlValues.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { COUNTED_DRAWS } from './sql.ts';

type Time = Date | string;

const QUARTER_MS = 900_000;

/** Every time zone's hours begin at a quarter of an hour. */
function quarterOf(tx: Tx, column: string): string {
  return tx.dialect === 'mysql'
    ? `FLOOR(TIMESTAMPDIFF(SECOND, '1970-01-01', ${column}) / 900)`
    : `CAST(strftime('%s', ${column}) AS INTEGER) / 900`;
}

/** Of each of these accounts by itself. */
export async function deedsInBooks(tx: Tx, userIds: readonly number[]): Promise<Done[]> {
  return [
    ...(await draws(tx, userIds)),
    ...(await exchanges(tx, userIds)),
    ...(await checkIns(tx, userIds)),
    ...(await trades(tx, userIds)),
    ...(await bills(tx, userIds)),
    ...(await refunds(tx, userIds)),
  ];
}

/** As far as the statistics of their campaigns are counted, since they are counted with them. */
async function draws(tx: Tx, userIds: readonly number[]): Promise<Done[]> {
  const rows = await tx.query<{
    user_id: number;
    draws: number | string;
    free: number | string;
    first: Time;
    last: Time;
  }>(
    `SELECT d.user_id, COUNT(*) AS draws, SUM(d.points_cost = 0) AS free, MIN(d.draw_time) AS first, MAX(d.draw_time) AS last
     FROM ${COUNTED_DRAWS} WHERE d.user_id IN (?) GROUP BY d.user_id, ${quarterOf(tx, 'd.draw_time')}`,
    [userIds],
  );
  const counted = rows.map((row) => ({
    userId: row.user_id,
    draws: Number(row.draws),
    freeDraws: Number(row.free),
    firstMs: fromSqlTime(row.first),
    lastMs: fromSqlTime(row.last),
  }));
  return [...counted, ...(await packedDraws(tx, userIds))].flatMap(deedsOf);
}

/** What is in packs is counted. */
async function packedDraws(tx: Tx, userIds: readonly number[]): Promise<DrawsOfHour[]> {
  const draws = await packedOfUsers(tx.manager, { userIds, fromMs: 0, toMs: Infinity });
  const ofQuarter = Map.groupBy(
    draws,
    ({ user_id: userId, draw_time: at }) => `${userId}:${Math.floor(at.getTime() / QUARTER_MS)}`,
  );
  return [...ofQuarter.values()].map((theirs) => {
    const times = theirs.map((draw) => draw.draw_time.getTime());
    return {
      userId: theirs[0]!.user_id,
      draws: theirs.length,
      freeDraws: theirs.filter((draw) => draw.points_cost === 0).length,
      firstMs: Math.min(...times),
      lastMs: Math.max(...times),
    };
  });
}

interface At {
  user_id: number;
  at: Time;
}

async function exchanges(tx: Tx, userIds: readonly number[]): Promise<Done[]> {
  const rows = await tx.query<At>(
    'SELECT user_id, created_at AS at FROM product_exchanges WHERE user_id IN (?)',
    [userIds],
  );
  return rows.map(({ user_id: userId, at }) => ({
    userId,
    deed: { exchanges: 1, isOwn: true },
    atMs: fromSqlTime(at),
  }));
}

async function checkIns(tx: Tx, userIds: readonly number[]): Promise<Done[]> {
  const rows = await tx.query<At>(
    'SELECT user_id, checked_at AS at FROM points_check_ins WHERE user_id IN (?)',
    [userIds],
  );
  return rows.map(({ user_id: userId, at }) => ({
    userId,
    deed: { check_ins: 1, isOwn: true },
    atMs: fromSqlTime(at),
  }));
}

/** Nothing changes one that is settled. */
async function trades(tx: Tx, userIds: readonly number[]): Promise<Done[]> {
  const rows = await tx.query<At>(
    `SELECT seller_id AS user_id, updated_at AS at FROM trade_records WHERE status = 'settled' AND seller_id IN (?)
     UNION ALL
     SELECT buyer_id, updated_at FROM trade_records WHERE status = 'settled' AND buyer_id IN (?)`,
    [userIds, userIds],
  );
  return rows.map(({ user_id: userId, at }) => ({ userId, deed: { trades: 1 }, atMs: fromSqlTime(at) }));
}

async function bills(tx: Tx, userIds: readonly number[]): Promise<Done[]> {
  const rows = await tx.query<At & { amount: number | string }>(
    'SELECT user_id, created_at AS at, bill_amount AS amount FROM points_bills WHERE user_id IN (?)',
    [userIds],
  );
  return rows.map(({ user_id: userId, at, amount }) => {
    const fen = fromSqlPoints(amount);
    return { userId, deed: { bills: 1, spent: fen, bill: fen, isOwn: true }, atMs: fromSqlTime(at) };
  });
}

async function refunds(tx: Tx, userIds: readonly number[]): Promise<Done[]> {
  const rows = await tx.query<At & { amount: number | string }>(
    `SELECT b.user_id, r.created_at AS at, r.amount
     FROM points_bills b JOIN points_bill_refunds r ON r.bill_id = b.bill_id WHERE b.user_id IN (?)`,
    [userIds],
  );
  return rows.map(({ user_id: userId, at, amount }) => ({
    userId,
    deed: { spent: 0 - fromSqlPoints(amount) },
    atMs: fromSqlTime(at),
  }));
}
