import { MoreThanOrEqual, type EntityManager } from 'typeorm';
import { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { countTo } from '../platform/database/numberedList.ts';
import { countPackedOf } from './archive/packedDraws.ts';

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
  const counted = await countTo(most, { manager, entity: LotteryDraw, where });
  // No period that begins at some moment is as long as draws are young that are in no pack.
  if (sinceMs !== undefined || counted >= most) return counted;
  return Math.min(most, counted + (await countPackedOf(manager, userId)));
}
