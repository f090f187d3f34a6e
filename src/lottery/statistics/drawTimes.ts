import { MoreThanOrEqual } from 'typeorm';
import { LotteryDraw } from '../../../entities/lottery/LotteryDraw.ts';
import type { Database } from '../../platform/database/transaction.ts';

export interface TimesOf {
  userId: number;
  sinceMs: number;
  /** The newest. */
  limit: number;
}

/** When somebody has drawn. */
export async function readDrawTimes(
  { currentReader }: Database,
  { userId, sinceMs, limit }: TimesOf,
): Promise<number[]> {
  const rows = await currentReader.find(LotteryDraw, {
    select: { draw_id: true, draw_time: true },
    where: { user_id: userId, draw_time: MoreThanOrEqual(new Date(sinceMs)) },
    order: { draw_time: 'DESC', draw_id: 'DESC' },
    take: limit,
  });
  return rows.map(({ draw_time: at }) => at.getTime());
}
