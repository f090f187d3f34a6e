import { Review } from '../../entities/reviews/Review.ts';
import { countTo, MOST_COUNTED } from '../platform/database/numberedList.ts';
import type { Database } from '../platform/database/transaction.ts';

/** All that waits in the queue, of whatever kind, to `MOST_COUNTED` and one more. */
export function countPendingReviews({ currentReader: manager }: Database): Promise<number> {
  return countTo(MOST_COUNTED, { manager, entity: Review, where: { status: 'pending' } });
}
