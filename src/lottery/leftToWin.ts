/** How much of a prize there is, for draws and for everybody who looks. */
import type { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';

export type PrizeStock = Pick<
  LotteryPrize,
  'remaining_quantity' | 'won_quantity' | 'code_source' | 'codes_total' | 'codes_given'
>;

/** Whether each win takes a code that was uploaded for it. */
export function hasPool({ code_source }: Pick<LotteryPrize, 'code_source'>): boolean {
  return code_source === 'pool';
}

/** How often a prize can still be won; null: as often as it comes. From a pool never without a code (RL-10). */
export function leftToWin(prize: Omit<PrizeStock, 'won_quantity'>): number | null {
  const { remaining_quantity: remaining, codes_total, codes_given } = prize;
  if (!hasPool(prize)) return remaining;
  const codes = codes_total - codes_given;
  return remaining === null ? codes : Math.min(codes, remaining);
}

export interface ShownStock {
  /** null: unlimited. */
  remaining: number | null;
  total: number | null;
}

/** As it is shown: total = remaining + won (DRAW-3), also where codes are fewer than pieces. */
export function shownStock(prize: PrizeStock): ShownStock {
  const remaining = leftToWin(prize);
  return { remaining, total: remaining === null ? null : remaining + prize.won_quantity };
}
