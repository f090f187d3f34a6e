/*
 * The queue of what waits for somebody to decide it. A domain that asks for a decision opens a review in the transaction that
 * stores what is asked for, and closes it in the one that decides, by whichever route: so the two never say different things.
 */
import { In } from 'typeorm';
import { Review } from '../../entities/reviews/Review.ts';
import { insertOne } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';

export type NewReview = Pick<
  Review,
  'kind' | 'subject_id' | 'applicant_id' | 'beneficiary_id' | 'editor_id' | 'restaurant_id'
> & {
  /** undefined: whoever looks for those that are overdue counts it. */
  due?: { limitMinutes: number; atMs: number };
};

/** In the transaction that stores its subject. */
export function openReview(tx: Tx, { due, ...review }: NewReview, nowMs: number): Promise<number> {
  return insertOne(tx, Review, {
    ...review,
    ...{ status: 'pending', limit_minutes: due?.limitMinutes ?? null, due_at: new Date(due?.atMs ?? nowMs) },
    ...{ escalated_at: null, decided_by: null, decided_at: null, reason: null, created_at: new Date(nowMs) },
  });
}

export interface Closed {
  /** Of which there may be one for each of the subjects. */
  kinds: readonly string[];
  subjectIds: readonly number[];
  status: 'approved' | 'rejected' | 'void';
  /** null: nobody; it is void. */
  decidedBy: number | null;
  reason: string | null;
}

/** In the transaction that decides the subjects, or makes them void, and holds them. @returns their reviews as they were */
export async function closeReviews(
  tx: Tx,
  { kinds, subjectIds, status, decidedBy, reason }: Closed,
  nowMs: number,
): Promise<Review[]> {
  const which = { kind: In([...kinds]), subject_id: In([...subjectIds]), status: 'pending' as const };
  const decided = { status, decided_by: decidedBy, decided_at: new Date(nowMs), reason };
  const reviews = await tx.manager.findBy(Review, which);
  const ids = reviews.map(({ review_id: id }) => id);
  if (ids.length > 0) await tx.manager.update(Review, { review_id: In(ids) }, decided);
  return reviews;
}
