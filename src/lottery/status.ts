/** What becomes of a campaign, and when. */
import type { CampaignStatus, LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { lockOwned, recordCampaignAction, saveOwned, type OwnedChange } from './ownership.ts';
import { revealSeed, type Pool } from './pool.ts';

const NEXT_STATUSES: Record<CampaignStatus, readonly CampaignStatus[]> = {
  draft: ['scheduled', 'active'],
  scheduled: ['active', 'ended'],
  active: ['paused', 'ended'],
  paused: ['active', 'ended'],
  ended: ['archived'],
  archived: [],
};

/** Nothing is drawn any more, and nothing changes that a draw depends on. */
export function isOverStatus(status: CampaignStatus): boolean {
  return status === 'ended' || status === 'archived';
}

/** The end of a campaign reveals its last seed: nothing will be drawn with it any more. */
export async function moveStatus(tx: Tx, change: OwnedChange, status: CampaignStatus): Promise<void> {
  const campaign = await lockOwned(tx, change);
  if (!NEXT_STATUSES[campaign.status].includes(status)) {
    throw new AppError('CONFLICT', { details: { status: campaign.status, asked: status } });
  }
  const before = { status: campaign.status };
  enterStatus(campaign, status, change.nowMs);
  if (status === 'ended') await revealSeed(tx, campaign, change);
  await saveOwned(tx, campaign, change.nowMs);
  await tellStatus(tx, campaign, change.nowMs);
  await recordCampaignAction(tx, change, { action: 'campaign.status', before, after: { status } });
}

/**
 * What somebody starts or ends before its time begins or ends now: draws go by the times, as everybody sees them. Whoever calls saves
 * the campaign, and tells of it.
 */
export function enterStatus(campaign: LotteryCampaign, status: CampaignStatus, nowMs: number): void {
  campaign.status = status;
  const now = new Date(Math.min(nowMs, campaign.end_time.getTime()));
  const hasBegun = status === 'active' || status === 'ended';
  if (hasBegun && campaign.start_time > now) campaign.start_time = now;
  if (status === 'ended') campaign.end_time = now;
}

export async function tellStatus(
  tx: Tx,
  { campaign_id, status }: Pick<LotteryCampaign, 'campaign_id' | 'status'>,
  nowMs: number,
): Promise<void> {
  const data = { campaign_id, status };
  await emitEvents(tx, [{ type: 'lottery:campaign_status', userId: null, data }], nowMs);
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
