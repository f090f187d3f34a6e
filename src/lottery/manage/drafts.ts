/** Campaigns before they are published: made, edited, cloned, deleted (L-1, L-12). */
import { In } from 'typeorm';
import { LotteryCampaign } from '../../../entities/lottery/LotteryCampaign.ts';
import { LotteryCoupon } from '../../../entities/lottery/LotteryCoupon.ts';
import { LotteryPrize } from '../../../entities/lottery/LotteryPrize.ts';
import { recordAction } from '../../admin/adminLog.ts';
import { voidApprovals } from '../../approvals/approvals.ts';
import { releaseImages } from '../../images/uses.ts';
import type { Actor } from '../../platform/caller.ts';
import { endOfBusinessDayIn } from '../../platform/clock.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { emitEvents } from '../../platform/events/outbox.ts';
import { insertDraft, lockRows, readRows, writeBody } from './campaignRows.ts';
import { CAMPAIGN_KINDS } from './campaignKinds.ts';
import { bodyOf, type CampaignRows } from './document.ts';
import { refuseProblems } from './documentProblems.ts';
import type { CampaignBody } from './documentShapes.ts';

/** @throws AppError VALIDATION_FAILED */
export async function createDraft(
  tx: Tx,
  { actor, body }: { actor: Actor; body: CampaignBody },
  nowMs: number,
): Promise<CampaignRows> {
  refuseProblems(body);
  const rows = await insertDraft(tx, { body, editorId: actor.userId, nowMs });
  await record(tx, { actor, action: 'campaign.create', before: null, after: rows }, nowMs);
  return rows;
}

/** What waited for a second person was asked for of another document. */
export async function editDraft(
  tx: Tx,
  { actor, rows, body }: { actor: Actor; rows: CampaignRows; body: CampaignBody },
  nowMs: number,
): Promise<CampaignRows> {
  // As they are read: rows that are written are the same objects.
  const before = bodyOf(rows);
  const { campaign_id: campaignId } = rows.campaign;
  await voidApprovals(tx, campaignId, CAMPAIGN_KINDS, nowMs);
  const after = await writeBody(tx, rows, { body, editorId: actor.userId, nowMs });
  const target = { type: 'campaign', id: campaignId };
  await recordAction(tx, { actor, action: 'campaign.edit', target, before, after: bodyOf(after) }, nowMs);
  return after;
}

export interface Cloning {
  actor: Actor;
  campaignId: number;
  businessTimezone: string;
}

/** Days from the clone to its start, and from there to its end, until somebody says when it is. */
const STARTS_IN_DAYS = 7;
const LASTS_DAYS = 30;

/** What was designed, and nothing of what became of it: no wins, counters, seeds, approvals, dates or codes (RL-4). */
export async function cloneCampaign(
  tx: Tx,
  { actor, campaignId, businessTimezone: timezone }: Cloning,
  nowMs: number,
): Promise<CampaignRows> {
  const original = bodyOf(await readRows(tx.manager, campaignId));
  const startsAtMs = endOfBusinessDayIn(nowMs, { days: STARTS_IN_DAYS, timezone });
  const endsAtMs = endOfBusinessDayIn(nowMs, { days: STARTS_IN_DAYS + LASTS_DAYS, timezone });
  const body: CampaignBody = {
    ...original,
    name: `${original.name.slice(0, 120)} (2)`,
    starts_at: new Date(startsAtMs).toISOString(),
    ends_at: new Date(endsAtMs).toISOString(),
    periods: [],
  };
  const rows = await insertDraft(tx, { body, editorId: actor.userId, nowMs });
  await record(
    tx,
    { actor, action: 'campaign.clone', before: { campaign_id: campaignId }, after: rows },
    nowMs,
  );
  return rows;
}

/** @throws AppError NOT_FOUND, CONFLICT when it is no draft */
export async function deleteDraft(
  tx: Tx,
  { actor, campaignId }: { actor: Actor; campaignId: number },
  nowMs: number,
): Promise<void> {
  const rows = await lockRows(tx, campaignId);
  const { status } = rows.campaign;
  if (status !== 'draft') throw new AppError('CONFLICT', { details: { status } });
  await voidApprovals(tx, campaignId, CAMPAIGN_KINDS, nowMs);
  const target = { type: 'campaign', id: campaignId };
  await recordAction(
    tx,
    { actor, action: 'campaign.delete', target, before: bodyOf(rows), after: null },
    nowMs,
  );
  const ids = rows.prizes.map(({ prize_id }) => prize_id);
  await tx.manager.delete(LotteryCoupon, { prize_id: In(ids) });
  await tx.manager.delete(LotteryPrize, ids);
  await tx.manager.delete(LotteryCampaign, { campaign_id: campaignId });
  await releaseImages(tx, { kind: 'campaign', id: campaignId }, nowMs);
}

interface Made {
  actor: Actor;
  action: string;
  before: object | null;
  after: CampaignRows;
}

async function record(tx: Tx, { actor, action, before, after }: Made, nowMs: number): Promise<void> {
  const target = { type: 'campaign', id: after.campaign.campaign_id };
  await recordAction(tx, { actor, action, target, before, after: bodyOf(after) }, nowMs);
  const { campaign_id, campaign_name: name } = after.campaign;
  const data = { campaign_id, name };
  await emitEvents(tx, [{ type: 'lottery:campaign_created', userId: null, data }], nowMs);
}
