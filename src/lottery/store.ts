/** The statements of a draw batch, one per function. Each takes any number of draws. */
import { insertRows } from '../database/bulk.ts';
import { fromSqlPoints, sqlPoints, sqlTime } from '../database/sqlValues.ts';
import { forUpdate, type Tx } from '../database/transaction.ts';

/** draw_id = campaign_id × 10¹⁰ + draw_no: known before the insert, and in draw order on disk. */
export const DRAWS_PER_CAMPAIGN = 10_000_000_000;
/** The draw ids of a later one would not be exact as numbers: two draws would have the same. */
export const LAST_CAMPAIGN = Math.floor(Number.MAX_SAFE_INTEGER / DRAWS_PER_CAMPAIGN);

export function drawIdOf(campaignId: number, drawNo: number): number {
  return campaignId * DRAWS_PER_CAMPAIGN + drawNo;
}

export interface CampaignPosition {
  owner_epoch: number;
  log_no: number;
  status: string;
}

/** Locks the campaign, first of all locks (DRAW-9). */
export async function lockCampaign(tx: Tx, campaignId: number): Promise<CampaignPosition | undefined> {
  const [row] = await tx.query<{ owner_epoch: number; log_no: number | string; status: string }>(
    `SELECT owner_epoch, log_no, status FROM lottery_campaigns WHERE campaign_id = ?${forUpdate(tx)}`,
    [campaignId],
  );
  return row && { ...row, log_no: Number(row.log_no) };
}

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

const REQUESTS = {
  table: 'lottery_draw_requests',
  columns: [
    'campaign_id',
    'user_id',
    'request_id',
    'draw_count',
    'client_seed',
    'first_draw_no',
    'balance_after',
    'streak_after',
    'guarantee_in',
    'draws_left_today',
    'created_at',
  ],
} as const;

export async function insertRequests(
  tx: Tx,
  campaignId: number,
  requests: readonly RequestRow[],
  nowMs: number,
): Promise<void> {
  const at = sqlTime(nowMs);
  await insertRows(
    tx,
    REQUESTS,
    requests.map((request) => [
      campaignId,
      request.userId,
      request.requestId,
      request.drawCount,
      request.clientSeed,
      request.firstDrawNo,
      sqlPoints(request.balanceAfter),
      request.streakAfter,
      request.guaranteeIn,
      request.drawsLeftToday,
      at,
    ]),
  );
}

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
    prizeId: toNullable(row['prize_id']),
    isGuarantee: Number(row['is_guarantee']) === 1,
    pointsCost: fromSqlPoints(row['points_cost']!),
    serverSeedHash: String(row['server_seed_hash']),
  }));
}

const ITEMS = {
  table: 'user_inventories',
  columns: [
    'user_id',
    'source',
    'item_type',
    'item_name',
    'item_value',
    'campaign_id',
    'prize_id',
    'draw_id',
    'status',
    'created_at',
  ],
} as const;

export interface WonItem {
  userId: number;
  drawNo: number;
  prizeId: number;
  type: string;
  name: string;
  /** 1/100 points. */
  value: number;
}

export async function insertItems(
  tx: Tx,
  campaignId: number,
  items: readonly WonItem[],
  nowMs: number,
): Promise<void> {
  const at = sqlTime(nowMs);
  await insertRows(
    tx,
    ITEMS,
    items.map((item) => [
      item.userId,
      'lottery',
      item.type,
      item.name,
      sqlPoints(item.value),
      campaignId,
      item.prizeId,
      drawIdOf(campaignId, item.drawNo),
      'available',
      at,
    ]),
  );
}

/** Takes won prizes from their stock; the statement itself refuses to go below zero (DRAW-3). */
export async function takeStock(
  tx: Tx,
  campaignId: number,
  won: ReadonlyMap<number, number>,
  nowMs: number,
): Promise<void> {
  if (won.size === 0) return;
  const ids = [...won.keys()].sort((a, b) => a - b);
  const cases = `CASE prize_id ${ids.map(() => 'WHEN ? THEN ?').join(' ')} END`;
  const counts = ids.flatMap((id) => [id, won.get(id)!]);
  const affected = await tx.execute(
    `UPDATE lottery_prizes
     SET remaining_quantity = remaining_quantity - ${cases}, won_quantity = won_quantity + ${cases}, updated_at = ?
     WHERE campaign_id = ? AND prize_id IN (?) AND (remaining_quantity IS NULL OR remaining_quantity >= ${cases})`,
    [...counts, ...counts, sqlTime(nowMs), campaignId, ids, ...counts],
  );
  if (affected !== ids.length) throw new Error(`Stock of campaign ${campaignId} is not what its owner holds`);
}

export interface PositionMove {
  campaignId: number;
  ownerEpoch: number;
  drawNo: number;
  logNo: number;
  chainHead: string;
  remainingDraws: number | null;
  participants: number;
  /** Newest first. */
  recentWins: readonly number[];
}

/** Moves the campaign to its new position, if this owner still owns it. Returns whether it does. */
export async function moveCampaign(tx: Tx, move: PositionMove, nowMs: number): Promise<boolean> {
  const affected = await tx.execute(
    `UPDATE lottery_campaigns
     SET draw_no = ?, log_no = ?, chain_head = ?, remaining_draws = ?, participants = ?, recent_wins = ?, updated_at = ?
     WHERE campaign_id = ? AND owner_epoch = ?`,
    [
      move.drawNo,
      move.logNo,
      move.chainHead,
      move.remainingDraws,
      move.participants,
      move.recentWins.join(','),
      sqlTime(nowMs),
      move.campaignId,
      move.ownerEpoch,
    ],
  );
  return affected === 1;
}

function toNullable(stored: string | number | null | undefined): number | null {
  return stored === null || stored === undefined ? null : Number(stored);
}
