import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DrawEngine, type Stock } from '../../src/draw/engine.ts';
import {
  configProblems,
  ROLL_RANGE,
  type Bonuses,
  type DrawConfig,
  type PrizeConfig,
} from '../../src/draw/odds.ts';
import { configOf, prizeOf, prizesArbitrary } from './configs.ts';

const NO_BONUS: Bonuses = { level_bp: 0, period_bp: 0, pity_bp: 0 };
/** Beyond every prize of the configurations below: loses. */
const LOSING = ROLL_RANGE - 1;

const stockOf = (prizes: readonly PrizeConfig[]): Stock =>
  new Map(prizes.map(({ prize_id, stock }) => [prize_id, stock]));

/** A configuration and the draws of one user. */
const play = fc.record({
  prizes: prizesArbitrary(12),
  guarantee: fc.option(fc.record({ threshold: fc.integer({ min: 1, max: 6 }), prize: fc.nat() })),
  draws: fc.array(
    fc.record({
      roll: fc.integer({ min: 0, max: ROLL_RANGE - 1 }),
      level_bp: fc.integer({ min: 0, max: 3000 }),
      pity_bp: fc.constantFrom(0, 500, 20_000),
    }),
    { minLength: 1, maxLength: 60 },
  ),
});

describe('the engine', () => {
  it('decides as the rules say, draw after draw', () => {
    fc.assert(
      fc.property(play, ({ prizes, guarantee, draws }) => {
        const config = configOf({
          prizes,
          guarantee: guarantee && {
            threshold: guarantee.threshold,
            prize_id: 1 + (guarantee.prize % prizes.length),
          },
        });
        assert.deepEqual(configProblems(config), []);
        const engine = new DrawEngine(config);
        const stock = stockOf(prizes);
        const given = new Map<number, number>();
        let streak = 0;
        for (const { roll, level_bp, pity_bp } of draws) {
          const bonuses = { level_bp, period_bp: 10, pity_bp };
          const before = new Map(stock);
          const decision = engine.decide({ roll, bonuses, streak, stock });
          assert.deepEqual(
            { ...decision, rolled: decision.rolled.prizeId },
            expectedOf(config, { roll, bonuses, streak, stock: before }),
          );
          assert.ok(decision.rolled.from <= roll && roll < decision.rolled.to);
          for (const [prizeId, remaining] of before) {
            const taken = remaining !== null && prizeId === decision.prizeId ? 1 : 0;
            assert.equal(stock.get(prizeId), remaining === null ? null : remaining - taken);
          }
          if (decision.prizeId !== null) given.set(decision.prizeId, (given.get(decision.prizeId) ?? 0) + 1);
          streak = decision.prizeId === null ? streak + 1 : 0;
        }
        // DRAW-3: total = remaining + won, never below zero.
        for (const { prize_id, stock: total } of prizes) {
          if (total === null) continue;
          const remaining = stock.get(prize_id)!;
          assert.ok(remaining >= 0);
          assert.equal(remaining + (given.get(prize_id) ?? 0), total);
        }
      }),
      // Looking for the smallest of so many draws could take minutes.
      { numRuns: 500, seed: 4, interruptAfterTimeLimit: 10_000 },
    );
  });

  it('gives the guarantee at exactly the threshold, when the roll loses', () => {
    const engine = new DrawEngine(
      configOf({
        prizes: [prizeOf({ prize_id: 1, p: 10_000_000 }), prizeOf({ prize_id: 2 })],
        guarantee: { threshold: 10, prize_id: 2 },
      }),
    );
    const decide = (streak: number) =>
      engine.decide({ roll: LOSING, bonuses: NO_BONUS, streak, stock: stockOf(engine.config.prizes) });
    for (let streak = 0; streak < 9; streak++) {
      assert.deepEqual(pick(decide(streak)), { prizeId: null, isGuarantee: false });
      assert.equal(engine.guaranteeIn(streak), 10 - streak);
    }
    assert.deepEqual(pick(decide(9)), { prizeId: 2, isGuarantee: true });
    assert.deepEqual(pick(decide(30)), { prizeId: 2, isGuarantee: true });
    assert.equal(engine.guaranteeIn(9), 1);
    assert.equal(engine.guaranteeIn(30), 1);
  });

  it('keeps a roll that wins by itself, or through its fallback, at the threshold', () => {
    const prizes = [
      prizeOf({ prize_id: 1, p: 10_000_000, stock: 1, fallback_prize_id: 3 }),
      prizeOf({ prize_id: 2 }),
      prizeOf({ prize_id: 3, stock: 1 }),
    ];
    const engine = new DrawEngine(configOf({ prizes, guarantee: { threshold: 1, prize_id: 2 } }));
    const stock = stockOf(prizes);
    const won = [0, 0, 0].map(() => pick(engine.decide({ roll: 0, bonuses: NO_BONUS, streak: 9, stock })));
    assert.deepEqual(won, [
      { prizeId: 1, isGuarantee: false },
      { prizeId: 3, isGuarantee: false },
      { prizeId: 2, isGuarantee: true },
    ]);
  });

  it('passes a draw down the fallback chain in order, to no win when all is gone', () => {
    const prizes = [
      prizeOf({ prize_id: 1, p: 100_000_000, stock: 1, fallback_prize_id: 3 }),
      prizeOf({ prize_id: 2, stock: 1 }),
      prizeOf({ prize_id: 3, stock: 2, fallback_prize_id: 2 }),
    ];
    const engine = new DrawEngine(configOf({ prizes }));
    const stock = stockOf(prizes);
    const decisions = Array.from({ length: 6 }, () =>
      engine.decide({ roll: 5, bonuses: NO_BONUS, streak: 0, stock }),
    );
    assert.deepEqual(
      decisions.map(({ prizeId }) => prizeId),
      [1, 3, 3, 2, null, null],
    );
    assert.ok(decisions.every(({ rolled }) => rolled.prizeId === 1));
    assert.deepEqual([...stock.values()], [0, 0, 0]);
  });

  it('follows the fallback chain of the guarantee prize, and gives nothing when that is gone too', () => {
    const prizes = [
      prizeOf({ prize_id: 1, stock: 0, fallback_prize_id: 2 }),
      prizeOf({ prize_id: 2, stock: 1 }),
    ];
    const engine = new DrawEngine(configOf({ prizes, guarantee: { threshold: 1, prize_id: 1 } }));
    const stock = stockOf(prizes);
    const won = [0, 1].map((streak) =>
      pick(engine.decide({ roll: LOSING, bonuses: NO_BONUS, streak, stock })),
    );
    assert.deepEqual(won, [
      { prizeId: 2, isGuarantee: true },
      { prizeId: null, isGuarantee: false },
    ]);
  });

  it('an unlimited prize stays unlimited', () => {
    const prizes = [prizeOf({ prize_id: 1, p: 100_000_000 })];
    const engine = new DrawEngine(configOf({ prizes }));
    const stock = stockOf(prizes);
    for (let draw = 0; draw < 5; draw++)
      assert.equal(engine.decide({ roll: 1, bonuses: NO_BONUS, streak: 0, stock }).prizeId, 1);
    assert.equal(stock.get(1), null);
  });

  it('uses the table of each sum of bonuses, also after more sums than it keeps', () => {
    const engine = new DrawEngine(configOf({ prizes: [prizeOf({ prize_id: 1, p: 10_000_000 })] }));
    for (let round = 0; round < 2; round++) {
      for (let bonusBp = 0; bonusBp <= 600; bonusBp++) {
        const table = engine.tableFor({ level_bp: bonusBp, period_bp: 1, pity_bp: 2 });
        assert.deepEqual(table.cumulative, [10_000_000 * (10_003 + bonusBp)]);
      }
    }
  });

  it('decides over 1,000 prizes', () => {
    const prizes = Array.from({ length: 1000 }, (_, at) =>
      prizeOf({ prize_id: at + 1, p: 100_000, stock: 1 }),
    );
    const engine = new DrawEngine(configOf({ prizes }));
    const stock = stockOf(prizes);
    for (let at = 0; at < 1000; at++) {
      const { prizeId } = engine.decide({
        roll: at * 1_000_000_000 + 7,
        bonuses: NO_BONUS,
        streak: 0,
        stock,
      });
      assert.equal(prizeId, at + 1);
    }
    assert.ok([...stock.values()].every((remaining) => remaining === 0));
  });

  it('has no guarantee countdown without a guarantee', () => {
    assert.equal(new DrawEngine(configOf({})).guaranteeIn(5), null);
  });
});

interface Situation {
  roll: number;
  bonuses: Bonuses;
  streak: number;
  stock: Stock;
}

/** The rules once more, in the plainest way: a scan over weights as BigInt, recursion down the chain. */
function expectedOf(config: DrawConfig, { roll, bonuses, streak, stock }: Situation) {
  const factor = 10_000n + BigInt(bonuses.level_bp + bonuses.period_bp + bonuses.pity_bp);
  const total = config.prizes.reduce((sum, prize) => sum + BigInt(prize.p) * factor, 0n);
  let limit = 0n;
  let rolled: number | null = null;
  for (const prize of config.prizes.toSorted(
    (a, b) => a.sort_order - b.sort_order || a.prize_id - b.prize_id,
  )) {
    const weight = BigInt(prize.p) * factor;
    limit += total > 10n ** 12n ? (weight * 10n ** 12n) / total : weight;
    if (rolled === null && BigInt(roll) < limit) rolled = prize.prize_id;
  }
  const available = (prizeId: number | null): number | null => {
    if (prizeId === null || stock.get(prizeId) !== 0) return prizeId;
    return available(config.prizes.find((prize) => prize.prize_id === prizeId)!.fallback_prize_id);
  };
  const won = available(rolled);
  if (won !== null || config.guarantee === null || streak + 1 < config.guarantee.threshold) {
    return { rolled, prizeId: won, isGuarantee: false };
  }
  const guaranteed = available(config.guarantee.prize_id);
  return { rolled, prizeId: guaranteed, isGuarantee: guaranteed !== null };
}

function pick({ prizeId, isGuarantee }: { prizeId: number | null; isGuarantee: boolean }) {
  return { prizeId, isGuarantee };
}
