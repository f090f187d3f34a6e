/** Draws as they are stored. Each statement takes any number of them. */
import { insertRows } from '../platform/database/bulk.ts';
import { fromSqlPoints, sqlPoints, sqlTime } from '../platform/database/sqlValues.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { drawIdOf } from './drawIds.ts';
import type { RequestRow } from './drawRequests.ts';

/** One decided draw. */
export interface DrawRow {
  drawNo: number;
  logNo: number;
  userId: number;
  requestId: string;
  clientSeed: string;
  epoch: number;
  tableVersion: number;
  levelBp: number;
  periodBp: number;
  pityBp: number;
  streakBefore: number;
  roll: number;
  intervalFrom: number;
  intervalTo: number;
  rolledPrizeId: number | null;
  prizeId: number | null;
  isGuarantee: boolean;
  chainHash: string;
}

const DRAWS = {
  table: 'lottery_draws',
  columns: [
    'draw_id',
    'campaign_id',
    'draw_no',
    'log_no',
    'user_id',
    'request_id',
    'client_seed',
    'fairness_epoch',
    'table_version',
    'level_bp',
    'period_bp',
    'pity_bp',
    'streak_before',
    'roll',
    'interval_from',
    'interval_to',
    'rolled_prize_id',
    'prize_id',
    'is_winner',
    'is_guarantee',
    'points_cost',
    'chain_hash',
    'draw_time',
  ],
} as const;

export interface DrawBatch {
  campaignId: number;
  /** 1/100 points. */
  costPerDraw: number;
  nowMs: number;
  draws: readonly DrawRow[];
}

export async function insertDraws(
  tx: Tx,
  { campaignId, costPerDraw, nowMs, draws }: DrawBatch,
): Promise<void> {
  const at = sqlTime(nowMs);
  const cost = sqlPoints(costPerDraw);
  await insertRows(
    tx,
    DRAWS,
    draws.map((draw) => [
      drawIdOf(campaignId, draw.drawNo),
      campaignId,
      draw.drawNo,
      draw.logNo,
      draw.userId,
      draw.requestId,
      draw.clientSeed,
      draw.epoch,
      draw.tableVersion,
      draw.levelBp,
      draw.periodBp,
      draw.pityBp,
      draw.streakBefore,
      draw.roll,
      draw.intervalFrom,
      draw.intervalTo,
      draw.rolledPrizeId,
      draw.prizeId,
      draw.prizeId === null ? 0 : 1,
      draw.isGuarantee ? 1 : 0,
      cost,
      draw.chainHash,
      at,
    ]),
  );
}

/** A stored draw as a reply shows it. */
export interface StoredDraw {
  userId: number;
  requestId: string;
  drawNo: number;
  clientSeed: string;
  roll: number;
  intervalFrom: number;
  intervalTo: number;
  prizeId: number | null;
  isGuarantee: boolean;
  /** 1/100 points. */
  pointsCost: number;
  serverSeedHash: string;
}

/** The draws of answered requests, in draw order. */
export async function findDrawsOf(
  tx: Tx,
  campaignId: number,
  requests: readonly RequestRow[],
): Promise<StoredDraw[]> {
  const drawIds = requests.flatMap(({ firstDrawNo, drawCount }) =>
    Array.from({ length: drawCount }, (_, at) => drawIdOf(campaignId, firstDrawNo + at)),
  );
  if (drawIds.length === 0) return [];
  const rows = await tx.query<Record<string, string | number>>(
    `SELECT d.user_id, d.request_id, d.draw_no, d.client_seed, d.roll, d.interval_from, d.interval_to, d.prize_id,
       d.is_guarantee, d.points_cost, e.server_seed_hash
     FROM lottery_draws d
     JOIN lottery_fairness_epochs e ON e.campaign_id = d.campaign_id AND e.epoch = d.fairness_epoch
     WHERE d.draw_id IN (?) ORDER BY d.draw_id`,
    [drawIds],
  );
  return rows.map((row) => ({
    userId: Number(row['user_id']),
    requestId: String(row['request_id']),
    drawNo: Number(row['draw_no']),
    clientSeed: String(row['client_seed']),
    roll: Number(row['roll']),
    intervalFrom: Number(row['interval_from']),
    intervalTo: Number(row['interval_to']),
    prizeId: row['prize_id'] === null ? null : Number(row['prize_id']),
    isGuarantee: Number(row['is_guarantee']) === 1,
    pointsCost: fromSqlPoints(row['points_cost']!),
    serverSeedHash: String(row['server_seed_hash']),
  }));
}
