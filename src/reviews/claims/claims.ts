/** Bills that diners say they have paid: asked for here, decided as a review, and then a bill as any other. */
import { In, LessThan, type EntityManager } from 'typeorm';
import { Review } from '../../../entities/reviews/Review.ts';
import { SpendClaim } from '../../../entities/reviews/SpendClaim.ts';
import { findAddresses } from '../../images/images.ts';
import type { ShownImageView } from '../../images/messages.ts';
import { holdOwnImage } from '../../images/uses.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { emitEvents } from '../../platform/events/outbox.ts';
import { LIMITS } from '../../platform/limits.ts';
import { toWireTime } from '../../platform/shapes.ts';
import { readPointsOf } from '../../points/bills/bills.ts';
import { requireRestaurant } from '../../restaurants/openingHours.ts';
import { dueTimes, type ReviewTerms } from '../overdue.ts';
import { openReview } from '../queue.ts';
import { firstLike } from './likePhotos.ts';

export const CLAIM = 'spend_claim';

export interface NewClaim {
  userId: number;
  restaurantId: number;
  billNo: string;
  /** In fen. */
  amount: number;
  paidAtMs: number;
  imageId: number | null;
}

/** Clocks of tills and telephones differ. */
const AHEAD_MS = 5 * 60_000;
const DAY_MS = 86_400_000;

/** @throws AppError NOT_FOUND for the restaurant, VALIDATION_FAILED for when it was paid and a photo of another's, CONFLICT when too many wait */
export async function claimSpend(
  tx: Tx,
  claim: NewClaim,
  { hours, limitMinutes: limit_minutes }: ReviewTerms,
  nowMs: number,
): Promise<{ claimId: number; reviewId: number }> {
  const { userId, restaurantId, billNo, amount, paidAtMs, imageId } = claim;
  if (paidAtMs > nowMs + AHEAD_MS) throw badTime('is still to come');
  if (paidAtMs < nowMs - LIMITS.claimedDays * DAY_MS)
    throw badTime(`is more than ${LIMITS.claimedDays} days ago`);
  await requireRestaurant(tx.manager, restaurantId);
  const waiting = { applicant_id: userId, status: 'pending' as const, kind: CLAIM };
  if ((await tx.manager.countBy(Review, waiting)) >= LIMITS.openClaims)
    throw new AppError('CONFLICT', { details: { reason: 'too many wait', limit: LIMITS.openClaims } });
  const created_at = new Date(nowMs);
  const claimId = await insertOne(tx, SpendClaim, {
    ...{ user_id: userId, restaurant_id: restaurantId, bill_no: billNo, amount },
    ...{ paid_at: new Date(paidAtMs), image_id: imageId, photo_hash: null, photo_likeness: null },
    ...{ bill_id: null, created_at },
  });
  const timed = { restaurant_id: restaurantId, created_at, limit_minutes };
  const dueOf = await dueTimes(tx.manager, hours, [timed]);
  const atMs = dueOf(timed);
  const reviewId = await openReview(
    tx,
    {
      ...{ kind: CLAIM, subject_id: claimId, restaurant_id: restaurantId },
      // Whoever asks gains by it, and nobody else has written it.
      ...{ applicant_id: userId, beneficiary_id: userId, editor_id: userId },
      due: { limitMinutes: limit_minutes, atMs },
    },
    nowMs,
  );
  const data = {
    ...{ review_id: reviewId, kind: CLAIM, subject_id: claimId, restaurant_id: restaurantId },
    due_at: toWireTime(atMs),
  };
  await emitEvents(tx, [{ type: 'review:requested', userId: null, data }], nowMs);
  if (imageId !== null) await holdPhoto(tx, { claimId, imageId, userId }, nowMs);
  return { claimId, reviewId };
}

/** Last of all, where pictures are locked (DRAW-9). */
async function holdPhoto(
  tx: Tx,
  { claimId, imageId, userId }: { claimId: number; imageId: number; userId: number },
  nowMs: number,
): Promise<void> {
  const picture = { id: imageId, sentBy: userId, path: 'image_id' };
  const { hash, likeness } = await holdOwnImage(tx, { kind: 'claim', id: claimId }, picture, nowMs);
  const photo_hash = (await firstLike(tx.manager, likeness)) ?? hash;
  await tx.manager.update(SpendClaim, { claim_id: claimId }, { photo_hash, photo_likeness: likeness });
}

function badTime(message: string): AppError {
  return new AppError('VALIDATION_FAILED', { details: [{ path: 'paid_at', message }] });
}

/** With its review, and what it has brought. */
export interface ReadClaim {
  claim: SpendClaim;
  review: Review;
  /** 1/100 points; null: it is not approved. */
  points: number | null;
  /** Of the bill; null: there is none, or it has gone with whoever has sent it. */
  photo: ShownImageView | null;
}

/** Newest first. @param page its before: the claim that the page begins after */
export async function readClaims(
  manager: EntityManager,
  userId: number,
  page: { before?: number | undefined; limit: number },
): Promise<ReadClaim[]> {
  const { before, limit } = page;
  const where = { user_id: userId, ...(before !== undefined && { claim_id: LessThan(before) }) };
  const claims = await manager.find(SpendClaim, { where, order: { claim_id: 'DESC' }, take: limit });
  return withOutcome(manager, claims);
}

export async function findClaims(manager: EntityManager, ids: readonly number[]): Promise<ReadClaim[]> {
  return withOutcome(manager, await manager.findBy(SpendClaim, { claim_id: In([...ids]) }));
}

export async function withOutcome(
  manager: EntityManager,
  claims: readonly SpendClaim[],
): Promise<ReadClaim[]> {
  if (claims.length === 0) return [];
  const ids = claims.map(({ claim_id: id }) => id);
  const billIds = claims.flatMap(({ bill_id: id }) => id ?? []);
  const imageIds = claims.flatMap(({ image_id: id }) => id ?? []);
  const [reviews, pointsOf, photoOf] = await Promise.all([
    manager.findBy(Review, { kind: CLAIM, subject_id: In(ids) }),
    readPointsOf(manager, billIds),
    findAddresses(manager, imageIds),
  ]);
  const reviewOf = new Map(reviews.map((review) => [review.subject_id, review]));
  return claims.map((claim) => ({
    claim,
    review: reviewOf.get(claim.claim_id)!,
    points: claim.bill_id === null ? null : (pointsOf.get(claim.bill_id) ?? null),
    photo: photoOf.get(claim.image_id ?? 0) ?? null,
  }));
}

/** An earlier claim of the same bill that was not refused; undefined: there is none. */
export async function findEarlier(tx: Tx, claim: SpendClaim): Promise<number | undefined> {
  const standing = await tx.manager
    .createQueryBuilder(Review, 'review')
    .innerJoin(SpendClaim, 'claim', 'claim.claim_id = review.subject_id')
    .where('claim.bill_no = :billNo AND claim.claim_id < :claimId', {
      billNo: claim.bill_no,
      claimId: claim.claim_id,
    })
    .andWhere(`review.kind = :kind AND review.status <> 'rejected'`, { kind: CLAIM })
    .orderBy('claim.claim_id')
    .limit(1)
    .getOne();
  return standing?.subject_id;
}

/** Whether somebody waits for the points of a bill. */
export function hasOpenClaims(manager: EntityManager, userId: number): Promise<boolean> {
  return manager.existsBy(Review, { applicant_id: userId, status: 'pending', kind: CLAIM });
}
