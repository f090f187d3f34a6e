/** A merge whose first account nobody can log in to any more: a second administrator confirms in its place (R-2, RL-3). */
import { AccountMerge } from '../../entities/merges/AccountMerge.ts';
import { lockForDecision, settle } from '../approvals/approvals.ts';
import type { ApprovalKinds } from '../approvals/kinds.ts';
import type { Parties } from '../approvals/parties.ts';
import { changeAccess } from '../identity/access/accessChange.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import { levelsIn } from '../points/settings.ts';
import { makeMerge } from './makeMerge.ts';
import { lockMerge, MERGE, refuseOver, type MergeServices } from './merges.ts';

export function mergeApprovals(
  services: Pick<MergeServices, 'database' | 'clock' | 'access' | 'config'>,
  breakGlassMs: number,
): ApprovalKinds {
  const parties = (mergeId: number) => partiesOf(mergeId, breakGlassMs);
  return {
    [MERGE]: {
      subjectName: 'merge_id',
      parties,
      simulations: () => Promise.resolve([]),
      async approve(decision, mergeId) {
        await changeAccess(services, async ({ tx, nowMs }) => {
          const merge = await lockMerge(tx, mergeId);
          const asked = { subject: { kind: MERGE, subjectId: mergeId }, parties: parties(mergeId) };
          const request = await lockForDecision(tx, decision, asked, nowMs);
          refuseOver(merge, nowMs);
          refuseEarly(merge, nowMs);
          const levels = levelsIn(services.config);
          const done = await makeMerge(tx, { merge, actor: decision.actor, levels }, nowMs);
          const made = { before: { status: merge.status }, after: { status: done.status } };
          await settle(tx, { request, decision, status: 'approved', made }, nowMs);
        });
      },
    },
  };
}

/** When a second administrator may confirm in place of the owner of the account that ends. */
export function approvableAtMs({ created_at }: Pick<AccountMerge, 'created_at'>): number {
  return created_at.getTime() + LIMITS.mergeObjectionMs;
}

function refuseEarly(merge: AccountMerge, nowMs: number): void {
  if (merge.into_confirmed_at === null)
    throw new AppError('CONFLICT', { details: { reason: 'unconfirmed' } });
  const allowedAtMs = approvableAtMs(merge);
  if (nowMs < allowedAtMs) {
    const allowed_at = new Date(allowedAtMs).toISOString();
    throw new AppError('CONFLICT', { details: { reason: 'too_early', allowed_at } });
  }
}

/** The person gains by it, whichever of the two accounts they decide by. */
function partiesOf(mergeId: number, breakGlassMs: number): Parties {
  return {
    breakGlassMs,
    isBeneficiary: ({ manager }, userId) =>
      manager.existsBy(AccountMerge, [
        { merge_id: mergeId, from_user_id: userId },
        { merge_id: mergeId, into_user_id: userId },
      ]),
  };
}
