/** The start of a draft: by whoever may, or by two of them (RL-2, RL-3). */
import type { CampaignStatus } from '../../../entities/lottery/LotteryCampaign.ts';
import { recordAction } from '../../admin/adminLog.ts';
import { lockForDecision, requestApproval, settle, type Decision } from '../../approvals/approvals.ts';
import type { Parties } from '../../approvals/parties.ts';
import type { Market } from '../../draw/market.ts';
import type { Actor } from '../../platform/caller.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { parse } from '../../platform/validate.ts';
import { z } from 'zod';
import { saveOwned } from '../ownership.ts';
import { enterStatus, tellStatus } from '../status.ts';
import { START } from './campaignKinds.ts';
import { lockRows } from './campaignRows.ts';
import { bodyOf, type CampaignRows } from './document.ts';
import { refuseProblems } from './documentProblems.ts';
import { refuseToStart } from './terms.ts';

export type StartStatus = Extract<CampaignStatus, 'scheduled' | 'active'>;

export interface Start {
  actor: Actor;
  campaignId: number;
  status: StartStatus;
  market: Market;
  /** Whether a second person has to agree. */
  fourEyes: boolean;
}

export type Started =
  { isStarted: true } | { isStarted: false; waits: { approvalId: number; changeHash: string } };

/** @throws AppError NOT_FOUND, VALIDATION_FAILED, CONFLICT when it is no draft or may not start */
export async function startDraft(tx: Tx, start: Start, nowMs: number): Promise<Started> {
  const { actor, campaignId, status, market, fourEyes } = start;
  const rows = await lockRows(tx, campaignId);
  refuseOthers(rows, status);
  const body = bodyOf(rows);
  refuseProblems(body);
  refuseToStart(market, body, nowMs);
  if (!fourEyes) {
    await begin(tx, rows, status, nowMs);
    const target = { type: 'campaign', id: campaignId };
    const change = { before: { status: 'draft' }, after: { status, four_eyes: false } };
    await recordAction(tx, { actor, action: 'campaign.status', target, ...change }, nowMs);
    return { isStarted: true };
  }
  const { version, editor_id: editorId } = rows.campaign;
  const change = { status, document: body };
  const asked = { kind: START, subjectId: campaignId, baseVersion: version, change, author: actor, editorId };
  return { isStarted: false, waits: await requestApproval(tx, asked, nowMs) };
}

const proposedShape = z.looseObject({ status: z.enum(['scheduled', 'active']) });

/** @throws AppError as `lockForDecision`, and CONFLICT when it may not start any more */
export async function approveStart(
  tx: Tx,
  { decision, campaignId, parties, market }: Approving,
  nowMs: number,
): Promise<void> {
  const rows = await lockRows(tx, campaignId);
  const subject = { kind: START, subjectId: campaignId };
  const { version } = rows.campaign;
  const request = await lockForDecision(tx, decision, { subject, version, parties }, nowMs);
  const { status } = parse(proposedShape, request.change);
  refuseOthers(rows, status);
  refuseToStart(market, bodyOf(rows), nowMs);
  await begin(tx, rows, status, nowMs);
  const made = { before: { status: 'draft' }, after: { status } };
  await settle(tx, { request, decision, status: 'approved', made }, nowMs);
}

export interface Approving {
  decision: Decision;
  campaignId: number;
  parties: Parties;
  market: Market;
}

function refuseOthers({ campaign: { status } }: CampaignRows, asked: StartStatus): void {
  if (status !== 'draft') throw new AppError('CONFLICT', { details: { status, asked } });
}

/** From here on the campaign's owner changes it. */
async function begin(tx: Tx, { campaign }: CampaignRows, status: StartStatus, nowMs: number): Promise<void> {
  enterStatus(campaign, status, nowMs);
  await saveOwned(tx, campaign, nowMs);
  await tellStatus(tx, campaign, nowMs);
}
