import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { buildOddsTable, findInterval, type PrizeConfig } from '../../src/draw/odds.ts';
import { Roller } from '../../src/draw/roll.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';

const DRAWS = 1_000_000;
const RANGE = 10 ** 12;
const BUCKETS = 1000;
/** In 10⁻⁸; 38.5 % of the draws lose. */
const PROBABILITIES = [10_000, 490_000, 1_000_000, 2_000_000, 5_000_000, 8_000_000, 15_000_000, 30_000_000];

/*
 * The seeds are fixed, so the figures below are the same at every run and cannot flake. A fair generator exceeds each
 * bound once in 1,000 choices of seeds:
 *   9 outcomes, 8 degrees of freedom: χ² < 26.12 (p = 0.001); 1,000 buckets, 999 degrees: χ² < 1142.8 (p = 0.001).
 */
const CRITICAL_OUTCOMES = 26.12;
const CRITICAL_BUCKETS = 1142.8;

describe(`the distribution of ${DRAWS.toLocaleString('en')} draws`, () => {
  const rolls = new Float64Array(DRAWS);

  before('draws', function () {
    // Two seconds of hashing on an idle machine.
    this.timeout(60_000);
    for (let epoch = 0; epoch * 1000 < DRAWS; epoch++) {
      const roller = new Roller(createHash('sha256').update(`distribution ${epoch}`).digest(), nodeSha256);
      for (let at = 0; at < 1000; at++) {
        const drawNo = epoch * 1000 + at + 1;
        const userId = 1 + (drawNo % 500);
        rolls[drawNo - 1] = roller.roll({ campaignId: 1, drawNo, userId, clientSeed: String(userId) });
      }
    }
  });

  it('L-5 gives each of 8 prizes as often as its probability says', () => {
    const table = buildOddsTable(PROBABILITIES.map(prizeOf), 0);
    const counts = new Array<number>(PROBABILITIES.length + 1).fill(0);
    for (const roll of rolls) counts[findInterval(table, roll).prizeId ?? 0]!++;
    const lost = 1e8 - PROBABILITIES.reduce((sum, p) => sum + p, 0);
    const expected = [lost, ...PROBABILITIES].map((p) => (p / 1e8) * DRAWS);
    assert.ok(chiSquare(counts, expected) < CRITICAL_OUTCOMES, `${chiSquare(counts, expected)}: ${counts}`);
  });

  it('L-5 rolls uniformly', () => {
    const counts = new Array<number>(BUCKETS).fill(0);
    for (const roll of rolls) counts[Math.floor(roll / (RANGE / BUCKETS))]!++;
    const expected = counts.map(() => DRAWS / BUCKETS);
    assert.ok(chiSquare(counts, expected) < CRITICAL_BUCKETS, String(chiSquare(counts, expected)));
  });

  it('the bound notices a prize that comes 2 % too often', () => {
    const expected = [0.3, 0.7].map((share) => share * DRAWS);
    assert.ok(chiSquare([0.306 * DRAWS, 0.694 * DRAWS], expected) > CRITICAL_OUTCOMES);
  });
});

function prizeOf(p: number, index: number): PrizeConfig {
  const rest = { name: '', type: 'coupon', value: '0.00', stock: null, fallback_prize_id: null };
  return { prize_id: index + 1, sort_order: index, p, ...rest };
}

function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, count, at) => sum + (count - expected[at]!) ** 2 / expected[at]!, 0);
}
