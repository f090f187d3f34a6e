/** One campaign, what may be changed of it, and what the judge is expected to say. */
import assert from 'node:assert/strict';
import { worsenings } from '../../src/draw/market.ts';
import { configProblems } from '../../src/draw/odds.ts';
import type { PrizeTerms, Terms } from '../../src/draw/terms.ts';
import { prizeTermsOf, termsOf } from './terms.ts';

/**
 * 1: a television for one in a hundred, of which there are few; when it is gone, 2: a dinner. 3: a coupon without a bound. 4: a
 * sweet that nobody rolls and that the guarantee gives. With all bonuses the chances are more than 1.
 */
export const BEFORE = termsOf({
  prizes: [
    prizeTermsOf({ prize_id: 1, p: 1_000_000, value: '3000.00', stock: 5, won: 2, fallback_prize_id: 2 }),
    prizeTermsOf({ prize_id: 2, p: 9_000_000, value: '200.00', stock: 50, fallback_prize_id: 3 }),
    prizeTermsOf({ prize_id: 3, p: 40_000_000, value: '10.00' }),
    prizeTermsOf({ prize_id: 4, value: '5.00', stock: 1000 }),
  ],
  guarantee: { threshold: 10, prize_id: 4 },
  pity: [
    { after: 3, bonus_bp: 1000 },
    { after: 6, bonus_bp: 8000 },
  ],
  level_bonus_bp: { '1': 0, '3': 500, '5': 2000 },
  periods: [{ starts_at: '2026-03-08T00:00:00.000Z', ends_at: '2026-03-09T00:00:00.000Z', bonus_bp: 3000 }],
});

const HOUR_MS = 3_600_000;
export const movedBy = (moment: string, hours: number) =>
  new Date(Date.parse(moment) + hours * HOUR_MS).toISOString();

export function withPrize(
  prizeId: number,
  change: Partial<PrizeTerms>,
  prizes = BEFORE.prizes,
): Pick<Terms, 'prizes'> {
  return { prizes: prizes.map((prize) => (prize.prize_id === prizeId ? { ...prize, ...change } : prize)) };
}

/** What is changed, and where that is worse for a diner. */
export type Row = [title: string, change: Partial<Terms>, worse: string[], before?: Terms];

/** Registers the test of one change. */
export function judged([title, change, worse, before = BEFORE]: Row): void {
  it(`${title}: ${worse.join(', ') || 'nothing'}`, () => {
    const after = { ...before, ...change };
    assert.deepEqual(configProblems(after), []);
    const found = worsenings('CN', { before, after });
    assert.deepEqual(found.map(({ path }) => path).toSorted(), worse.toSorted());
    for (const { reason } of found) assert.ok(reason.length > 0 && reason.length < 300);
    assert.deepEqual(worsenings('none', { before, after }), []);
  });
}
