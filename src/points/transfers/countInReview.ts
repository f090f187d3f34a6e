import { PointsTransfer } from '../../../entities/points/PointsTransfer.ts';
import { countTo, MOST_COUNTED } from '../../platform/database/numberedList.ts';
import type { Database } from '../../platform/database/transaction.ts';

/** Transfers that wait for a review, counted to `MOST_COUNTED`. */
export function countInReview({ currentReader: manager }: Database): Promise<number> {
  return countTo(MOST_COUNTED, { manager, entity: PointsTransfer, where: { status: 'review' } });
}
