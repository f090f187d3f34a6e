/*
 * What somebody asks for and somebody else decides (R-1, RA-3).
 *
 * pending → approved | rejected, once: whoever decides holds what the decision changes, and then the review. Neither the applicant,
 * nor whoever gains by it, nor the last editor decides, and nobody does where one of them is unknown.
 */
import type { EntityManager } from 'typeorm';
import { Review } from '../../entities/reviews/Review.ts';
import { recordAction } from '../admin/adminLog.ts';
import { refuseParties } from '../approvals/parties.ts';
import type { Actor } from '../platform/caller.ts';
import { insertOne } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { toWireTime } from '../platform/shapes.ts';
import type { ReviewKinds } from './kinds.ts';

export type NewReview = Pick<
  Review,
  'kind' | 'subject_id' | 'applicant_id' | 'beneficiary_id' | 'editor_id' | 'restaurant_id'
> & { limit_minutes: number; dueMs: number };

/** In the transaction that stores its subject. */
export async function openReview(tx: Tx, asked: NewReview, nowMs: number): Promise<number> {
  const { dueMs, ...review } = asked;
  const reviewId = await insertOne(tx, Review, {
    ...review,
    ...{ status: 'pending', due_at: new Date(dueMs), escalated_at: null },
    ...{ decided_by: null, decided_at: null, reason: null, created_at: new Date(nowMs) },
  });
  const { kind, subject_id, restaurant_id } = review;
  const data = { review_id: reviewId, kind, subject_id, restaurant_id, due_at: toWireTime(dueMs) };
  await emitEvents(tx, [{ type: 'review:requested', userId: null, data }], nowMs);
  return reviewId;
}

/** Whether something of theirs waits for a decision. */
export function isWaiting(manager: EntityManager, userId: number): Promise<boolean> {
  const status = 'pending' as const;
  return manager.existsBy(Review, [
    { applicant_id: userId, status },
    { beneficiary_id: userId, status },
  ]);
}

export interface ReviewDecision {
  actor: Actor;
  reviewId: number;
  decision: 'approve' | 'reject';
  reason: string;
  /** Restaurants of which the decider has a say; undefined: of all. */
  restaurants: readonly number[] | undefined;
}

/**
 * @throws AppError NOT_FOUND, FORBIDDEN for the parties, for machines and for whoever works elsewhere, CONFLICT when it is decided or
 * cannot be done
 */
export async function decideReview(
  tx: Tx,
  decision: ReviewDecision,
  kinds: ReviewKinds,
  nowMs: number,
): Promise<Review> {
  const { actor, reviewId, reason, restaurants } = decision;
  const which = { review_id: reviewId };
  const asked = await tx.manager.findOneBy(Review, which);
  const kind = asked === null ? undefined : kinds[asked.kind];
  if (asked === null || kind === undefined) throw new AppError('NOT_FOUND');
  if (restaurants !== undefined && !restaurants.includes(asked.restaurant_id ?? 0))
    throw new AppError('FORBIDDEN', { details: { reason: 'other_restaurant' } });
  await kind.hold(tx, asked);
  const [review] = (await tx.lock(Review, { where: which })) as [Review];
  if (review.status !== 'pending')
    throw new AppError('CONFLICT', {
      details: { reason: 'it is decided', status: review.status, decided_by: review.decided_by },
    });
  await refuseAllParties(tx, review, actor, nowMs);
  const status = decision.decision === 'approve' ? 'approved' : 'rejected';
  const made = status === 'approved' ? await kind.approve(tx, review, actor, nowMs) : {};
  const decided = { status, decided_by: actor.userId, decided_at: new Date(nowMs), reason } as const;
  await tx.manager.update(Review, which, decided);
  const told = { kind: review.kind, subject_id: review.subject_id, status, reason, ...made };
  await recordAction(
    tx,
    {
      actor,
      action: status === 'approved' ? 'review.approve' : 'review.reject',
      target: { type: 'review', id: reviewId },
      before: { status: 'pending' },
      after: told,
    },
    nowMs,
  );
  const userId = review.applicant_id;
  await emitEvents(tx, [{ type: 'review:decided', userId, data: { review_id: reviewId, ...told } }], nowMs);
  return { ...review, ...decided };
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
