/** What an owner does to its campaign besides draws. Each runs in one transaction that checks the owner's epoch (DRAW-1). */
import { LotteryCampaign, type CampaignStatus } from '../../entities/LotteryCampaign.ts';
import { LotteryPrize } from '../../entities/LotteryPrize.ts';
import { audit, type Actor, type AuditedChange } from '../audit/auditLog.ts';
import type { Tx } from '../database/transaction.ts';
import { AppError } from '../errors.ts';
import { emitEvents } from '../events/outbox.ts';
import { FencedError } from './commitDraws.ts';
import {
  appendEntry,
  commitToSeed,
  loadPool,
  publishCampaign,
  revealSeed,
  type Pool,
  type SeedChange,
} from './pool.ts';
import { LAST_CAMPAIGN, lockCampaign } from './store.ts';

export interface OwnedChange extends SeedChange {
  campaignId: number;
  ownerEpoch: number;
  /** Who asked for it; undefined: the clock. */
  actor?: Actor | undefined;
}

const NEXT_STATUSES: Record<CampaignStatus, readonly CampaignStatus[]> = {
  draft: ['scheduled', 'active'],
  scheduled: ['active', 'ended'],
  active: ['paused', 'ended'],
  paused: ['active', 'ended'],
  ended: ['archived'],
  archived: [],
};

/**
 * Makes the caller the campaign's owner: whoever owned it before is fenced from here on. The first owner also publishes the
 * campaign's first seed commitment and configuration.
 */
export async function claimCampaign(
  tx: Tx,
  change: Omit<OwnedChange, 'ownerEpoch'>,
): Promise<{ pool: Pool; ownerEpoch: number }> {
  const { campaignId, seedKey, nowMs } = change;
  if (campaignId > LAST_CAMPAIGN) {
    throw new AppError('CONFLICT', {
      details: { reason: `campaigns above ${LAST_CAMPAIGN} cannot be opened` },
    });
  }
  if ((await lockCampaign(tx, campaignId)) === undefined) throw new AppError('NOT_FOUND');
  const campaign = await tx.manager.findOneByOrFail(LotteryCampaign, { campaign_id: campaignId });
  if (campaign.status === 'draft') throw new AppError('NOT_FOUND');
  campaign.owner_epoch += 1;
  if (campaign.log_no === 0) await publishCampaign(tx, campaign, change);
  await save(tx, campaign, nowMs);
  return { pool: await loadPool(tx, campaignId, seedKey), ownerEpoch: campaign.owner_epoch };
}

/** Publishes the seed in use and commits to the next one, before any draw of it. */
export async function rotateSeed(tx: Tx, change: OwnedChange): Promise<void> {
  const campaign = await lockOwned(tx, change);
  const before = { epoch: campaign.fairness_epoch };
  await revealSeed(tx, campaign, change);
  await commitToSeed(tx, campaign, change);
  await save(tx, campaign, change.nowMs);
  const after = { epoch: campaign.fairness_epoch };
  await auditCampaign(tx, change, { action: 'campaign.rotate_seed', before, after });
}

/** The end of a campaign reveals its last seed: nothing will be drawn with it any more. */
export async function moveStatus(tx: Tx, change: OwnedChange, status: CampaignStatus): Promise<void> {
  const campaign = await lockOwned(tx, change);
  if (!NEXT_STATUSES[campaign.status].includes(status)) {
    throw new AppError('CONFLICT', { details: { status: campaign.status, asked: status } });
  }
  const before = { status: campaign.status };
  campaign.status = status;
  if (status === 'ended') await revealSeed(tx, campaign, change);
  await save(tx, campaign, change.nowMs);
  const data = { campaign_id: campaign.campaign_id, status };
  await emitEvents(tx, [{ type: 'lottery:campaign_status', userId: null, data }], change.nowMs);
  await auditCampaign(tx, change, { action: 'campaign.status', before, after: { status } });
}

export interface StockChange {
  prizeId: number;
  delta: number;
}

/** Returns the new remaining stock. */
export async function adjustStock(
  tx: Tx,
  change: OwnedChange,
  { prizeId, delta }: StockChange,
): Promise<number> {
  const campaign = await lockOwned(tx, change);
  const prize = await tx.manager.findOneBy(LotteryPrize, {
    prize_id: prizeId,
    campaign_id: change.campaignId,
  });
  if (prize === null) throw new AppError('NOT_FOUND');
  if (prize.remaining_quantity === null || prize.total_quantity === null) {
    throw new AppError('CONFLICT', { details: { reason: 'the stock of this prize is unlimited' } });
  }
  const remaining = prize.remaining_quantity + delta;
  if (remaining < 0 || remaining > 2_000_000_000) {
    throw new AppError('CONFLICT', { details: { remaining: prize.remaining_quantity } });
  }
  await tx.manager.update(
    LotteryPrize,
    { prize_id: prizeId },
    {
      remaining_quantity: remaining,
      total_quantity: prize.total_quantity + delta,
      updated_at: new Date(change.nowMs),
    },
  );
  const payload = { prize_id: prizeId, delta, remaining };
  await appendEntry(tx, campaign, change.nowMs, { entry: { kind: 'stock', ...payload }, payload });
  await save(tx, campaign, change.nowMs);
  if (change.actor !== undefined) {
    const stock = { before: { remaining: prize.remaining_quantity }, after: { remaining } };
    const target = { type: 'prize', id: prizeId };
    await audit(tx, { actor: change.actor, action: 'prize.stock', target, ...stock }, change.nowMs);
  }
  return remaining;
}

/** The status a campaign should have by the clock, or undefined when it has it. */
export function dueStatus(
  pool: Pick<Pool, 'status' | 'startsAtMs' | 'endsAtMs'>,
  nowMs: number,
): CampaignStatus | undefined {
  if (['scheduled', 'active', 'paused'].includes(pool.status) && nowMs >= pool.endsAtMs) return 'ended';
  if (pool.status === 'scheduled' && nowMs >= pool.startsAtMs) return 'active';
  return undefined;
}

/** What the clock does is in the campaign's own records. */
async function auditCampaign(
  tx: Tx,
  { actor, campaignId, nowMs }: OwnedChange,
  change: Pick<AuditedChange, 'action' | 'before' | 'after'>,
): Promise<void> {
  if (actor === undefined) return;
  await audit(tx, { ...change, actor, target: { type: 'campaign', id: campaignId } }, nowMs);
}

async function lockOwned(tx: Tx, { campaignId, ownerEpoch }: OwnedChange): Promise<LotteryCampaign> {
  const position = await lockCampaign(tx, campaignId);
  if (position?.owner_epoch !== ownerEpoch) throw new FencedError(campaignId);
  return tx.manager.findOneByOrFail(LotteryCampaign, { campaign_id: campaignId });
}

async function save(tx: Tx, campaign: LotteryCampaign, nowMs: number): Promise<void> {
  campaign.updated_at = new Date(nowMs);
  await tx.manager.save(LotteryCampaign, campaign);
}
