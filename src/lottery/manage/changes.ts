/**
 * Changes of what is published (L-12): proposed under the campaign's lock, judged against what diners were promised, and made by its
 * owner once a second person agrees. A new configuration enters the fairness log with the hash of what was agreed to.
 */
import { z } from 'zod';
import { lockForDecision, requestApproval, settle, type Decision } from '../../approvals/approvals.ts';
import type { Parties } from '../../approvals/parties.ts';
import type { Market } from '../../draw/market.ts';
import type { Actor } from '../../platform/caller.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { emitEvents } from '../../platform/events/outbox.ts';
import { staleEdit } from '../../platform/staleEdit.ts';
import { parse } from '../../platform/validate.ts';
import { lockOwned, type OwnedChange } from '../ownership.ts';
import { publishConfig } from '../pool.ts';
import { isOverStatus } from '../status.ts';
import { CHANGE } from './campaignKinds.ts';
import { holdPictures, readRows, lockRows, writeBody } from './campaignRows.ts';
import { bodyOf, documentOf, type CampaignRows } from './document.ts';
import { refuseProblems } from './documentProblems.ts';
import { storedBodyShape, type CampaignBody, type CampaignChange } from './documentShapes.ts';
import { editDraft } from './drafts.ts';
import { changeStocks, stockProblems, stocksOf } from './stockChanges.ts';
import { refuseWorse } from './terms.ts';

export interface Edit {
  actor: Actor;
  campaignId: number;
  change: CampaignChange;
  market: Market;
}

export type Edited = { rows: CampaignRows } | { waits: { approvalId: number; changeHash: string } };

/**
 * Changes a draft at once, and asks for a second person where the campaign is published.
 * @throws AppError NOT_FOUND, VALIDATION_FAILED, CONFLICT when it is stale, over, or worse for diners
 */
export async function editCampaign(tx: Tx, edit: Edit, nowMs: number): Promise<Edited> {
  const { actor, campaignId, market } = edit;
  const { version, ...given } = edit.change;
  const rows = await lockRows(tx, campaignId);
  const { campaign } = rows;
  if (campaign.version !== version) throw staleEdit(documentOf(rows, null), given);
  refuseOver(campaign);
  const before = bodyOf(rows);
  const body = merged(before, given);
  refuseProblems(body);
  if (JSON.stringify(body) === JSON.stringify(before)) return { rows };
  if (campaign.status === 'draft') return { rows: await editDraft(tx, { actor, rows, body }, nowMs) };
  refuseLost(rows, body);
  refuseWorse(market, before, body);
  const change = { document: body, stocks: stocksOf(rows) };
  const asked = { kind: CHANGE, subjectId: campaignId, baseVersion: version, change };
  // What is asked for may wait for longer than a picture is kept that nothing uses.
  await holdPictures(tx, campaignId, [before, body], nowMs);
  const waits = await requestApproval(tx, { ...asked, author: actor, editorId: actor.userId }, nowMs);
  return { waits };
}

function refuseOver({ status }: CampaignRows['campaign']): void {
  if (isOverStatus(status)) throw new AppError('CONFLICT', { details: { status } });
}

/** What is left out stays as it is; of a prize that was there as well. */
function merged(before: CampaignBody, { prizes, ...given }: Omit<CampaignChange, 'version'>): CampaignBody {
  const known = new Map(before.prizes.map((prize) => [prize.key, prize]));
  const body = {
    ...before,
    ...given,
    prizes: prizes?.map((prize) => ({ ...known.get(prize.key), ...prize })) ?? before.prizes,
  };
  // A prize that is new has to say all that one must.
  return parse(storedBodyShape, JSON.parse(JSON.stringify(body)));
}

/** Draws and items name their prizes, and what a prize is was promised. */
function refuseLost(rows: CampaignRows, body: CampaignBody): void {
  const given = new Map(body.prizes.map((prize) => [prize.key, prize]));
  const details = bodyOf(rows).prizes.flatMap((prize) => {
    const { key } = prize;
    const next = given.get(key);
    if (next === undefined)
      return [{ path: 'prizes', message: `${key} is published and may not be left out` }];
    return (['type', 'code_source'] as const)
      .filter((name) => next[name] !== prize[name])
      .map((name) => ({ path: `prizes.${key}.${name}`, message: 'is published and stays as it is' }));
  });
  if (details.length === 0) details.push(...stockProblems(rows, body));
  if (details.length > 0) throw new AppError('VALIDATION_FAILED', { details });
}

export const proposedShape = z.strictObject({
  document: storedBodyShape,
  /** In all, by key, as the author saw them: what was restocked meanwhile is not taken away. */
  stocks: z.record(z.string(), z.int().nullable()),
});

/**
 * Makes the change that a request asks for, in the owner's transaction.
 * @throws FencedError, AppError as `lockForDecision`
 */
export async function applyChange(
  tx: Tx,
  change: OwnedChange,
  { decision, parties }: { decision: Decision; parties: Parties },
): Promise<void> {
  const { campaignId, nowMs } = change;
  const { version } = await lockOwned(tx, change);
  const subject = { kind: CHANGE, subjectId: campaignId };
  const request = await lockForDecision(tx, decision, { subject, version, parties }, nowMs);
  const rows = await readRows(tx.manager, campaignId);
  refuseOver(rows.campaign);
  const { document: body, stocks } = parse(proposedShape, request.change);
  const before = bodyOf(rows);
  const written = await writeBody(tx, rows, { body, editorId: request.authorId!, nowMs });
  await changeStocks(tx, written, { body, stocks, nowMs });
  await publishConfig(tx, written.campaign, { nowMs, changeHash: request.changeHash });
  await tx.manager.save(written.campaign);
  const made = { before, after: bodyOf(written) };
  await settle(tx, { request, decision, status: 'approved', made }, nowMs);
  const { version: next, table_version } = written.campaign;
  const data = { campaign_id: campaignId, version: next, table_version };
  await emitEvents(tx, [{ type: 'lottery:campaign_changed', userId: null, data }], nowMs);
}
