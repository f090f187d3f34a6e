/** The requests that were answered: a repeat of one gets its answer again (DRAW-4). */
import { LotteryDrawRequest } from '../../entities/lottery/LotteryDrawRequest.ts';
import { insertAll } from '../platform/database/bulk.ts';
import { fromSqlPoints } from '../platform/database/sqlValues.ts';
import type { Tx } from '../platform/database/transaction.ts';

/** An answered request, with what its reply needs besides its draws. Points in 1/100. */
export interface RequestRow {
  userId: number;
  requestId: string;
  drawCount: number;
  clientSeed: string;
  firstDrawNo: number;
  balanceAfter: number;
  streakAfter: number;
  guaranteeIn: number | null;
  drawsLeftToday: number | null;
}

export interface RequestKey {
  userId: number;
  requestId: string;
}

/** Those of the requests that were answered before. */
export async function findRequests(
  tx: Tx,
  campaignId: number,
  keys: readonly RequestKey[],
): Promise<RequestRow[]> {
  const rows = await tx.query<Record<string, string | number>>(
    `SELECT user_id, request_id, draw_count, client_seed, first_draw_no, balance_after, streak_after, guarantee_in,
       draws_left_today
     FROM lottery_draw_requests WHERE campaign_id = ? AND (user_id, request_id) IN (?)`,
    [campaignId, keys.map(({ userId, requestId }) => [userId, requestId])],
  );
  return rows.map((row) => ({
    userId: Number(row['user_id']),
    requestId: String(row['request_id']),
    drawCount: Number(row['draw_count']),
    clientSeed: String(row['client_seed']),
    firstDrawNo: Number(row['first_draw_no']),
    balanceAfter: fromSqlPoints(row['balance_after']!),
    streakAfter: Number(row['streak_after']),
    guaranteeIn: toNullable(row['guarantee_in']),
    drawsLeftToday: toNullable(row['draws_left_today']),
  }));
}

export async function insertRequests(
  tx: Tx,
  campaignId: number,
  requests: readonly RequestRow[],
  nowMs: number,
): Promise<void> {
  const created_at = new Date(nowMs);
  await insertAll(
    tx,
    LotteryDrawRequest,
    requests.map((request) => ({
      campaign_id: campaignId,
      user_id: request.userId,
      request_id: request.requestId,
      draw_count: request.drawCount,
      client_seed: request.clientSeed,
      first_draw_no: request.firstDrawNo,
      balance_after: request.balanceAfter,
      streak_after: request.streakAfter,
      guarantee_in: request.guaranteeIn,
      draws_left_today: request.drawsLeftToday,
      created_at,
    })),
  );
}

function toNullable(stored: string | number | null | undefined): number | null {
  return stored === null || stored === undefined ? null : Number(stored);
}
