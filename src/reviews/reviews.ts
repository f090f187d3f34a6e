/*
 * How that is decided whose state is its review (R-1, RA-3). What has a table of its own is decided by the verbs of its domain.
 *
 * pending → approved | rejected, once: whoever decides holds what the decision changes, and then the review. Neither the applicant,
 * nor whoever gains by it, nor the last editor decides, and nobody does where one of them is unknown.
 */
import { Review } from '../../entities/reviews/Review.ts';
import { recordAction } from '../admin/adminLog.ts';
import { refuseParties } from '../approvals/parties.ts';
import type { Actor } from '../platform/caller.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import type { ReviewDecision } from './kinds.ts';

/** What is done about something whose state its review is. */
export interface OwnVerbs {
  /** Locks what comes before reviews in the order of locks: campaigns, accounts, prizes, products, items. */
  hold(tx: Tx, review: Review): Promise<void>;
  /**
   * Does what is asked for, of a review that is held and may be decided.
   * @returns what the applicant is told of it
   * @throws AppError CONFLICT where it cannot be done
   */
  approve(tx: Tx, review: Review, actor: Actor, nowMs: number): Promise<Record<string, unknown>>;
}

/** @throws AppError FORBIDDEN for the parties and for machines, CONFLICT when it is decided or cannot be done */
export async function decideReview(
  tx: Tx,
  asked: Review,
  { actor, reason, decision }: ReviewDecision,
  verbs: OwnVerbs,
  nowMs: number,
): Promise<void> {
  const which = { review_id: asked.review_id };
  await verbs.hold(tx, asked);
  const [review] = (await tx.lock(Review, { where: which })) as [Review];
  if (review.status !== 'pending')
    throw new AppError('CONFLICT', {
      details: { reason: 'it is decided', status: review.status, decided_by: review.decided_by },
    });
  await refuseAllParties(tx, review, actor, nowMs);
  const status = decision === 'approve' ? 'approved' : 'rejected';
  const made = status === 'approved' ? await verbs.approve(tx, review, actor, nowMs) : {};
  const decided = { status, decided_by: actor.userId, decided_at: new Date(nowMs), reason } as const;
  await tx.manager.update(Review, which, decided);
  const told = { kind: review.kind, subject_id: review.subject_id, status, reason, ...made };
  await recordAction(
    tx,
    {
      actor,
      action: status === 'approved' ? 'review.approve' : 'review.reject',
      target: { type: 'review', id: review.review_id },
      before: { status: 'pending' },
      after: told,
    },
    nowMs,
  );
  const userId = review.applicant_id;
  const { review_id, restaurant_id } = review;
  const data = { review_id, restaurant_id, ...told };
  await emitEvents(tx, [{ type: 'review:decided', userId, data }], nowMs);
}

async function refuseAllParties(tx: Tx, review: Review, actor: Actor, nowMs: number): Promise<void> {
  const { applicant_id: authorId, beneficiary_id: beneficiaryId, editor_id: editorId } = review;
  if (beneficiaryId === null)
    throw new AppError('FORBIDDEN', { details: { reason: 'it is not known who gains by it' } });
  const asked = { authorId, editorId, createdAtMs: review.created_at.getTime() };
  const isBeneficiary = async (_tx: Tx, userId: number) => userId === beneficiaryId;
  const decider = { actor, isSuperAdmin: false, breaksGlass: false };
  await refuseParties(tx, asked, decider, { isBeneficiary, breakGlassMs: 0 }, nowMs);
}
