import {
  LotteryCampaign,
  type CampaignStatus,
  type Conditions,
} from '../../entities/lottery/LotteryCampaign.ts';
import { LotteryFairnessEpoch } from '../../entities/lottery/LotteryFairnessEpoch.ts';
import { LotteryFairnessEntry } from '../../entities/lottery/LotteryFairnessEntry.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import { insertAll } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { DrawEngine, type Stock } from '../draw/engine.ts';
import { chainHash, type ChainEntry } from '../draw/fairness.ts';
import { configProblems, type DrawConfig } from '../draw/odds.ts';
import { Roller } from '../draw/roll.ts';
import { leftToWin, hasPool, shownStock } from './leftToWin.ts';
import { findPrizes } from './prizeRows.ts';
import { canonicalJson } from '../verifier/canonicalJson.ts';
import { createSeed, decryptSeed, type SeedSource } from './seeds.ts';
import { nodeSha256 } from './sha256.ts';

/** What clients see of a prize besides its stock. */
export interface PoolPrize {
  prizeId: number;
  name: string;
  type: string;
  tier: string;
  /** 1/100 points. */
  value: number;
  /** null: unlimited. */
  total: number | null;
  /** In units of 10⁻⁸. */
  probability: number;
}

export interface SeedEpoch {
  epoch: number;
  serverSeedHash: string;
  fromDrawNo: number;
  committedAtMs: number;
  roller: Roller;
}

/**
 * All that decides a campaign's draws, as of its last committed transaction. Never changed in place: a batch works on a copy
 * and the owner swaps it in after COMMIT (DRAW-2, DRAW-5).
 *
 * It is true to the database exactly when `logNo` and `status` equal the campaign row's, because everything else that moves
 * the pool also appends to the log; an owner that finds other values under its lock reads the pool anew.
 */
export interface Pool {
  campaignId: number;
  name: string;
  status: CampaignStatus;
  startsAtMs: number;
  endsAtMs: number;
  /** 1/100 points. */
  costPerDraw: number;
  totalDraws: number | null;
  remainingDraws: number | null;
  drawsPerUserPerDay: number | null;
  freeDrawsPerDay: number;
  winsPerUser: number | null;
  /** Of one diner; null: what the setting allows. */
  drawsPerSecond: number | null;
  conditions: Conditions | null;
  rotationDraws: number;
  rotationMs: number | null;
  participants: number;
  /** Business days after that of a win in which it may be claimed; null: at any time. */
  claimDays: number | null;
  /** draw_no of the last draws that won, newest first. */
  recentWins: readonly number[];
  drawNo: number;
  logNo: number;
  chainHead: string;
  tableVersion: number;
  engine: DrawEngine;
  prizes: ReadonlyMap<number, PoolPrize>;
  /** What can be won of each. */
  stock: Stock;
  /** Of prizes with a pool of codes: how many of them are given. */
  codesGiven: Map<number, number>;
  seed: SeedEpoch;
}

export function isSeedUsedUp({ drawNo, seed, rotationDraws }: Pool): boolean {
  return drawNo - seed.fromDrawNo + 1 >= rotationDraws;
}

/** Reads a campaign's pool in a transaction that holds its lock. @throws when the campaign was never published. */
export async function loadPool(tx: Tx, campaignId: number, seedKey: Buffer): Promise<Pool> {
  const { manager } = tx;
  const campaign = await manager.findOneByOrFail(LotteryCampaign, { campaign_id: campaignId });
  const prizes = await manager.findBy(LotteryPrize, { campaign_id: campaignId });
  const seed = await manager.findOneByOrFail(LotteryFairnessEpoch, {
    campaign_id: campaignId,
    epoch: campaign.fairness_epoch,
  });
  const published = await manager.findOneOrFail(LotteryFairnessEntry, {
    where: { campaign_id: campaignId, kind: 'config' },
    order: { log_no: 'DESC' },
  });
  const { config } = JSON.parse(published.payload) as { config: DrawConfig };
  return {
    campaignId,
    name: campaign.campaign_name,
    status: campaign.status,
    startsAtMs: campaign.start_time.getTime(),
    endsAtMs: campaign.end_time.getTime(),
    costPerDraw: campaign.cost_per_draw,
    totalDraws: campaign.total_draws,
    remainingDraws: campaign.remaining_draws,
    drawsPerUserPerDay: campaign.draws_per_user_per_day,
    freeDrawsPerDay: campaign.free_draws_per_day,
    winsPerUser: campaign.wins_per_user,
    drawsPerSecond: campaign.draws_per_second,
    conditions: campaign.conditions,
    rotationDraws: campaign.seed_rotation_draws,
    rotationMs: campaign.seed_rotation_seconds === null ? null : campaign.seed_rotation_seconds * 1000,
    participants: campaign.participants,
    claimDays: campaign.claim_days,
    recentWins: campaign.recent_wins.split(',').filter(Boolean).map(Number),
    drawNo: campaign.draw_no,
    logNo: campaign.log_no,
    chainHead: campaign.chain_head,
    tableVersion: campaign.table_version,
    engine: new DrawEngine(config),
    prizes: new Map(prizes.map((prize) => [prize.prize_id, toPoolPrize(prize)])),
    stock: new Map(prizes.map((prize) => [prize.prize_id, leftToWin(prize)])),
    codesGiven: new Map(prizes.filter(hasPool).map((prize) => [prize.prize_id, prize.codes_given])),
    seed: {
      epoch: seed.epoch,
      serverSeedHash: seed.server_seed_hash,
      fromDrawNo: seed.from_draw_no,
      committedAtMs: seed.committed_at.getTime(),
      roller: new Roller(decryptSeed(seed.encrypted_seed, seedKey), nodeSha256),
    },
  };
}

function toPoolPrize(prize: LotteryPrize): PoolPrize {
  return {
    prizeId: prize.prize_id,
    name: prize.prize_name,
    type: prize.prize_type,
    tier: prize.tier,
    value: prize.prize_value,
    total: shownStock(prize).total,
    probability: prize.win_probability,
  };
}

export interface SeedChange extends SeedSource {
  nowMs: number;
}

/** First publication of a campaign: the commitment to its first seed, then its configuration. Moves `campaign` along. */
export async function publishCampaign(tx: Tx, campaign: LotteryCampaign, change: SeedChange): Promise<void> {
  await commitToSeed(tx, campaign, change);
  await publishConfig(tx, campaign, { nowMs: change.nowMs });
}

export interface Publication {
  nowMs: number;
  /** Of what a second person agreed to; undefined: nobody had to. */
  changeHash?: string | undefined;
}

/** The next version of what draws are decided with, as the rows have it. Moves `campaign` along. @throws when it cannot run */
export async function publishConfig(
  tx: Tx,
  campaign: LotteryCampaign,
  { nowMs, changeHash }: Publication,
): Promise<void> {
  const prizes = await findPrizes(tx.manager, campaign.campaign_id);
  const drawn = toDrawConfig(campaign, prizes);
  const problems = configProblems(drawn);
  if (problems.length > 0)
    throw new Error(`Campaign ${campaign.campaign_id} cannot run: ${problems.join('; ')}`);
  const config = changeHash === undefined ? drawn : { ...drawn, change_hash: changeHash };
  campaign.table_version += 1;
  const { table_version } = campaign;
  await appendEntry(tx, campaign, nowMs, {
    entry: { kind: 'config', table_version, config_hash: nodeSha256.hex(canonicalJson(config)) },
    payload: { table_version, config },
  });
}

/** Makes the next seed and publishes its hash before any draw uses it. Moves `campaign` along. */
export async function commitToSeed(tx: Tx, campaign: LotteryCampaign, change: SeedChange): Promise<void> {
  const { nowMs } = change;
  const seed = createSeed(change);
  campaign.fairness_epoch += 1;
  await tx.manager.insert(LotteryFairnessEpoch, {
    campaign_id: campaign.campaign_id,
    epoch: campaign.fairness_epoch,
    server_seed_hash: seed.hash,
    encrypted_seed: seed.encrypted,
    from_draw_no: campaign.draw_no + 1,
    to_draw_no: null,
    committed_at: new Date(nowMs),
    revealed_at: null,
  });
  const payload = { epoch: campaign.fairness_epoch, server_seed_hash: seed.hash };
  await appendEntry(tx, campaign, nowMs, { entry: { kind: 'seed', ...payload }, payload });
}

/** Publishes the seed in use, from here on in clear for whoever asks; no draw may use it afterwards. */
export async function revealSeed(
  tx: Tx,
  campaign: LotteryCampaign,
  { seedKey, nowMs }: Pick<SeedChange, 'seedKey' | 'nowMs'>,
): Promise<void> {
  const inUse = { campaign_id: campaign.campaign_id, epoch: campaign.fairness_epoch };
  const { encrypted_seed: encrypted } = await tx.manager.findOneByOrFail(LotteryFairnessEpoch, inUse);
  await tx.manager.update(LotteryFairnessEpoch, inUse, {
    server_seed: decryptSeed(encrypted, seedKey).toString('hex'),
    to_draw_no: campaign.draw_no,
    revealed_at: new Date(nowMs),
  });
}

export interface NewEntry {
  entry: Exclude<ChainEntry, { kind: 'draw' }>;
  /** The public fields of the kind. */
  payload: object;
}

/** Appends to the campaign's fairness log and moves its head; the caller saves the campaign. */
export async function appendEntry(
  tx: Tx,
  campaign: LotteryCampaign,
  nowMs: number,
  entry: NewEntry,
): Promise<void> {
  await appendEntries(tx, campaign, nowMs, [entry]);
}

/** As `appendEntry`, of several in their order, by one statement. */
export async function appendEntries(
  tx: Tx,
  campaign: LotteryCampaign,
  nowMs: number,
  entries: readonly NewEntry[],
): Promise<void> {
  const created_at = new Date(nowMs);
  const rows = entries.map(({ entry, payload }) => {
    campaign.log_no += 1;
    campaign.chain_head = chainHash(campaign.chain_head, entry, nodeSha256);
    return {
      campaign_id: campaign.campaign_id,
      log_no: campaign.log_no,
      kind: entry.kind,
      payload: JSON.stringify(payload),
      chain_hash: campaign.chain_head,
      created_at,
    };
  });
  await insertAll(tx, LotteryFairnessEntry, rows);
}

/** What decides the draws of a campaign, as its rows say. */
export function toDrawConfig(campaign: LotteryCampaign, prizes: readonly LotteryPrize[]): DrawConfig {
  const { guarantee_threshold: threshold, guarantee_prize_id: prizeId } = campaign;
  return {
    cost_per_draw: (campaign.cost_per_draw / 100).toFixed(2),
    prizes: prizes.map((prize) => ({
      prize_id: prize.prize_id,
      sort_order: prize.sort_order,
      name: prize.prize_name,
      type: prize.prize_type,
      value: (prize.prize_value / 100).toFixed(2),
      p: prize.win_probability,
      stock: leftToWin(prize),
      fallback_prize_id: prize.fallback_prize_id,
    })),
    guarantee: threshold === null || prizeId === null ? null : { threshold, prize_id: prizeId },
    pity: campaign.pity_steps,
    level_bonus_bp: campaign.level_bonus_bp,
    periods: campaign.bonus_periods,
  };
}
