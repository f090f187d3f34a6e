/** A campaign's owner: claiming it, and the fence that each of its transactions passes (DRAW-1). */
import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import { recordAction, type RecordedAction } from '../admin/adminLog.ts';
import { FencedError } from '../platform/actor/fence.ts';
import type { Actor } from '../platform/caller.ts';
import { sqlTime } from '../platform/database/sqlValues.ts';
import { forUpdate, type Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LAST_CAMPAIGN } from './drawIds.ts';
import { loadPool, publishCampaign, type Pool, type SeedChange } from './pool.ts';

export interface OwnedChange extends SeedChange {
  campaignId: number;
  ownerEpoch: number;
  /** Who asked for it; undefined: the clock. */
  actor?: Actor | undefined;
}

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
  await saveOwned(tx, campaign, nowMs);
  return { pool: await loadPool(tx, campaignId, seedKey), ownerEpoch: campaign.owner_epoch };
}

/** What the clock does is in the campaign's own records. */
export async function recordCampaignAction(
  tx: Tx,
  { actor, campaignId, nowMs }: OwnedChange,
  change: Pick<RecordedAction, 'action' | 'before' | 'after'>,
): Promise<void> {
  if (actor === undefined) return;
  await recordAction(tx, { ...change, actor, target: { type: 'campaign', id: campaignId } }, nowMs);
}

/** @throws FencedError */
export async function lockOwned(tx: Tx, { campaignId, ownerEpoch }: OwnedChange): Promise<LotteryCampaign> {
  const position = await lockCampaign(tx, campaignId);
  if (position?.owner_epoch !== ownerEpoch) throw new FencedError(`campaign ${campaignId}`);
  return tx.manager.findOneByOrFail(LotteryCampaign, { campaign_id: campaignId });
}

export async function saveOwned(tx: Tx, campaign: LotteryCampaign, nowMs: number): Promise<void> {
  campaign.updated_at = new Date(nowMs);
  await tx.manager.save(LotteryCampaign, campaign);
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

/** Moves the campaign to its new position, if this owner still owns it. @throws RowCountError */
export async function moveCampaign(tx: Tx, move: PositionMove, nowMs: number): Promise<void> {
  await tx.executeExactly(
    1,
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
}
