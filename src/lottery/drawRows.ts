/** Draws as they are stored. Each statement takes any number of them. */
import { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { insertAll } from '../platform/database/bulk.ts';
import { fromSqlPoints } from '../platform/database/sqlValues.ts';
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

export interface DrawBatch {
  campaignId: number;
  /** 1/100 points. */
  costPerDraw: number;
  nowMs: number;
  draws: readonly DrawRow[];
}

export async function insertDraws(tx: Tx, batch: DrawBatch): Promise<void> {
  const time = new Date(batch.nowMs);
  await insertAll(
    tx,
    LotteryDraw,
    batch.draws.map((draw) => storedDraw(draw, batch, time)),
  );
}

/** Of every column: one that is added has to be filled here. */
function storedDraw(draw: DrawRow, { campaignId, costPerDraw }: DrawBatch, time: Date): LotteryDraw {
  return {
    draw_id: drawIdOf(campaignId, draw.drawNo),
    campaign_id: campaignId,
    draw_no: draw.drawNo,
    log_no: draw.logNo,
    user_id: draw.userId,
    request_id: draw.requestId,
    client_seed: draw.clientSeed,
    fairness_epoch: draw.epoch,
    table_version: draw.tableVersion,
    level_bp: draw.levelBp,
    period_bp: draw.periodBp,
    pity_bp: draw.pityBp,
    streak_before: draw.streakBefore,
    roll: draw.roll,
    interval_from: draw.intervalFrom,
    interval_to: draw.intervalTo,
    rolled_prize_id: draw.rolledPrizeId,
    prize_id: draw.prizeId,
    is_winner: draw.prizeId !== null,
    is_guarantee: draw.isGuarantee,
    points_cost: costPerDraw,
    chain_hash: draw.chainHash,
    draw_time: time,
  };
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
