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
  campaign.status = status;
  bringForward(campaign, change.nowMs);
  if (status === 'ended') await revealSeed(tx, campaign, change);
  await saveOwned(tx, campaign, change.nowMs);
  const data = { campaign_id: campaign.campaign_id, status };
  await emitEvents(tx, [{ type: 'lottery:campaign_status', userId: null, data }], change.nowMs);
  await recordCampaignAction(tx, change, { action: 'campaign.status', before, after: { status } });
}

/** What somebody starts or ends before its time begins or ends now: draws go by the times, as everybody sees them. */
function bringForward(campaign: LotteryCampaign, nowMs: number): void {
  const now = new Date(Math.min(nowMs, campaign.end_time.getTime()));
  const hasBegun = campaign.status === 'active' || campaign.status === 'ended';
  if (hasBegun && campaign.start_time > now) campaign.start_time = now;
  if (campaign.status === 'ended') campaign.end_time = now;
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
