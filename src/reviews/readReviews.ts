import { In, type EntityManager } from 'typeorm';
import type { z } from 'zod';
import { Review } from '../../entities/reviews/Review.ts';
import { nobody, readPublicPeople } from '../identity/people/publicPeople.ts';
import {
  listNumbered,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../platform/database/numberedList.ts';
import { AppError } from '../platform/errors.ts';
import type { ReviewKinds, Shown } from './kinds.ts';
import type { reviewShape } from './messages.ts';

export type ReviewView = z.output<typeof reviewShape>;

const REVIEWS: NumberedTable<Review> = { entity: Review, key: 'review_id', indexed: ['status', 'kind'] };

interface Narrowed {
  kind?: Review['kind'] | undefined;
  status?: Review['status'] | undefined;
  /** undefined: of all. */
  restaurants?: readonly number[] | undefined;
}

/** Newest first. */
export async function listReviews(
  manager: EntityManager,
  { kind, status, restaurants, ...query }: NumberedQuery & Narrowed,
  kinds: ReviewKinds,
): Promise<LongPage<ReviewView>> {
  const restaurant_id = restaurants && In([...restaurants]);
  const { items, ...page } = await listNumbered(manager, REVIEWS, { kind, status, restaurant_id }, query);
  return { ...page, items: await toViews(manager, items, kinds) };
}

/** @throws AppError NOT_FOUND */
export async function readReview(
  manager: EntityManager,
  reviewId: number,
  kinds: ReviewKinds,
): Promise<ReviewView> {
  const row = await manager.findOneBy(Review, { review_id: reviewId });
  if (row === null) throw new AppError('NOT_FOUND');
  return (await toViews(manager, [row], kinds))[0]!;
}

async function toViews(
  manager: EntityManager,
  rows: readonly Review[],
  kinds: ReviewKinds,
): Promise<ReviewView[]> {
  const people = await readPublicPeople(
    manager,
    rows.flatMap(({ applicant_id: id }) => id ?? []),
  );
  const shown = new Map<string, ReadonlyMap<number, Shown>>();
  for (const [name, ofKind] of Map.groupBy(rows, ({ kind }) => kind)) {
    const ids = ofKind.map(({ subject_id: id }) => id);
    shown.set(name, (await kinds[name]?.show(manager, ids)) ?? new Map<number, Shown>());
  }
  return rows.map((row) => {
    const { subject = null, flags = [] } = shown.get(row.kind)?.get(row.subject_id) ?? {};
    const { applicant_id: userId } = row;
    const applicant = userId === null ? null : (people.get(userId) ?? nobody(userId));
    return {
      review_id: row.review_id,
      kind: row.kind,
      subject_id: row.subject_id,
      ...{ subject, flags, status: row.status },
      applicant: applicant && { user_id: applicant.user_id, nickname: applicant.nickname },
      restaurant_id: row.restaurant_id,
      due_at: row.due_at.toISOString(),
      escalated_at: row.escalated_at?.toISOString() ?? null,
      decided_by: row.decided_by,
      decided_at: row.decided_at?.toISOString() ?? null,
      reason: row.reason,
      created_at: row.created_at.toISOString(),
    };
  });
}
