/** The rows that a draw of the baseline writes, and its answer. */
import type { LotteryCampaign } from '../entities/lottery/LotteryCampaign.ts';
import type { LotteryDraw } from '../entities/lottery/LotteryDraw.ts';
import type { LotteryDrawRequest } from '../entities/lottery/LotteryDrawRequest.ts';
import type { LotteryPrize } from '../entities/lottery/LotteryPrize.ts';
import type { LotteryUserCounter } from '../entities/lottery/LotteryUserCounter.ts';
import type { PointsLot } from '../entities/points/PointsLot.ts';
import type { PointsTransaction } from '../entities/points/PointsTransaction.ts';
import type { UserPointsAccount } from '../entities/points/UserPointsAccount.ts';
import type { Decision } from '../src/draw/engine.ts';
import type { Bonuses } from '../src/draw/odds.ts';
import type { Pool } from '../src/lottery/pool.ts';
import type { RequestKey } from '../src/lottery/drawRequests.ts';
import { drawIdOf } from '../src/lottery/drawIds.ts';

/** What is known of a draw before anything is read. */
export interface DrawContext {
  pool: Pool;
  key: RequestKey;
  now: Date;
}

/** What one transaction has locked. */
export interface Locked {
  account: UserPointsAccount;
  campaign: LotteryCampaign;
  prizes: LotteryPrize[];
  counter: LotteryUserCounter;
}

export interface Decided extends Locked {
  bonuses: Bonuses;
  roll: number;
  decision: Decision;
  /** The row of the prize given, or undefined. */
  prize: LotteryPrize | undefined;
  /** Available points after the debit and a points prize, in 1/100. */
  balance: number;
}

export function drawRow(
  { pool, key, now }: DrawContext,
  { campaign, counter, bonuses, roll, decision }: Decided,
): LotteryDraw {
  return {
    draw_id: drawIdOf(pool.campaignId, campaign.draw_no),
    campaign_id: pool.campaignId,
    draw_no: campaign.draw_no,
    log_no: campaign.log_no,
    user_id: key.userId,
    request_id: key.requestId,
    client_seed: String(key.userId),
    fairness_epoch: pool.seed.epoch,
    table_version: pool.tableVersion,
    ...bonuses,
    streak_before: counter.streak,
    roll,
    interval_from: decision.rolled.from,
    interval_to: decision.rolled.to,
    rolled_prize_id: decision.rolled.prizeId,
    prize_id: decision.prizeId,
    is_winner: decision.prizeId !== null,
    is_guarantee: decision.isGuarantee,
    points_cost: pool.costPerDraw,
    chain_hash: campaign.chain_head,
    draw_time: now,
  };
}

export function requestRow(
  { pool, key, now }: DrawContext,
  { campaign, counter, balance }: Decided,
): LotteryDrawRequest {
  return {
    campaign_id: pool.campaignId,
    user_id: key.userId,
    request_id: key.requestId,
    draw_count: 1,
    client_seed: String(key.userId),
    first_draw_no: campaign.draw_no,
    balance_after: balance,
    streak_after: counter.streak,
    guarantee_in: pool.engine.guaranteeIn(counter.streak),
    draws_left_today: null,
    free_draws_left_today: 0,
    created_at: now,
  };
}

export function ledgerRows(
  { pool, key, now }: DrawContext,
  { account, prize }: Decided,
  drawId: number,
): Partial<PointsTransaction>[] {
  const { costPerDraw, name } = pool;
  const before = account.available_points;
  const shared = {
    user_id: key.userId,
    source: 'lottery',
    related_id: String(drawId),
    created_at: now,
  };
  const rows: Partial<PointsTransaction>[] = [
    {
      ...shared,
      transaction_type: 'lottery_draw',
      amount: -costPerDraw,
      balance_before: before,
      balance_after: before - costPerDraw,
      reason: name,
    },
  ];
  if (prize?.prize_type === 'points') {
    rows.push({
      ...shared,
      transaction_type: 'lottery_prize',
      amount: prize.prize_value,
      balance_before: before - costPerDraw,
      balance_after: before - costPerDraw + prize.prize_value,
      reason: prize.prize_name,
    });
  }
  return rows;
}

/** Of a points prize. */
export function lotRow(
  { pool, key, now }: DrawContext,
  { account, prize }: Decided,
  drawId: number,
): Partial<PointsLot> {
  return {
    user_id: key.userId,
    origin_type: 'lottery_prize',
    related_id: String(drawId),
    amount: prize!.prize_value,
    remaining: prize!.prize_value,
    spent_before: account.spent_total + pool.costPerDraw,
    created_at: now,
  };
}
