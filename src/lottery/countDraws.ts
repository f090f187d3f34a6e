import { MoreThanOrEqual, type EntityManager } from 'typeorm';
import { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { countTo } from '../platform/database/numberedList.ts';

export interface CountedDraws {
  userId: number;
  /** Undefined: ever. */
  sinceMs: number | undefined;
  /** No more are counted. */
  most: number;
}

/** How often a user has drawn, in all campaigns. Reads no more rows of the index than it counts. */
export async function countDraws(
  manager: EntityManager,
  { userId, sinceMs, most }: CountedDraws,
): Promise<number> {
  const where = {
    user_id: userId,
    ...(sinceMs !== undefined && { draw_time: MoreThanOrEqual(new Date(sinceMs)) }),
  };
  return countTo(most, { manager, entity: LotteryDraw, where });
}
