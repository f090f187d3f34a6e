import fc from 'fast-check';
import type { DrawConfig, PrizeConfig } from '../../src/draw/odds.ts';

export function prizeOf(prize: Partial<PrizeConfig> & { prize_id: number }): PrizeConfig {
  const rest = { name: '', type: 'coupon', value: '0.00', p: 0, stock: null, fallback_prize_id: null };
  return { ...rest, sort_order: prize.prize_id, ...prize };
}

export function configOf(config: Partial<DrawConfig>): DrawConfig {
  const rest = { prizes: [], guarantee: null, pity: [], level_bonus_bp: {}, periods: [] };
  return { cost_per_draw: '100.00', ...rest, ...config };
}

/** Prizes that may be published together: chances add up to at most 1, fallback chains have no circle. */
export function prizesArbitrary(most: number): fc.Arbitrary<PrizeConfig[]> {
  const prize = fc.record({
    share: fc.integer({ min: 0, max: 1_000_000 }),
    sort_order: fc.integer({ min: 0, max: 5 }),
    stock: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 4 }),
    fallback: fc.option(fc.nat()),
  });
  const all = fc.record({
    prizes: fc.array(prize, { minLength: 1, maxLength: most }),
    sum: fc.integer({ min: 1, max: 100_000_000 }),
  });
  return all.map(({ prizes, sum }) => {
    const shares = Math.max(
      1,
      prizes.reduce((total, { share }) => total + share, 0),
    );
    return prizes.map(({ share, sort_order, stock, fallback }, at) => ({
      ...prizeOf({ prize_id: at + 1, sort_order, stock }),
      p: Math.floor((share * sum) / shares),
      // Only to an earlier prize, so no circle can arise.
      fallback_prize_id: fallback === null || at === 0 ? null : 1 + (fallback % at),
    }));
  });
}
