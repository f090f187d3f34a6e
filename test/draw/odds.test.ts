import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  buildOddsTable,
  configProblems,
  findInterval,
  levelBonusOf,
  periodBonusOf,
  pityBonusOf,
  ROLL_RANGE,
} from '../../src/draw/odds.ts';
import { configOf, prizeOf, prizesArbitrary } from './configs.ts';

describe('odds', () => {
  it('the intervals partition [0, 10¹²)', () => {
    fc.assert(
      fc.property(prizesArbitrary(40), fc.integer({ min: 0, max: 100_000 }), (prizes, bonusBp) => {
        const table = buildOddsTable(prizes, bonusBp);
        const seen: (number | null)[] = [];
        for (let at = 0; at < ROLL_RANGE;) {
          const interval = findInterval(table, at);
          assert.equal(interval.from, at);
          assert.ok(interval.to > at && interval.to <= ROLL_RANGE);
          assert.deepEqual(findInterval(table, interval.to - 1), interval);
          seen.push(interval.prizeId);
          at = interval.to;
        }
        const ordered = prizes.toSorted((a, b) => a.sort_order - b.sort_order || a.prize_id - b.prize_id);
        const won = ordered.filter((prize) => prize.p > 0).map((prize) => prize.prize_id);
        assert.deepEqual(
          seen.filter((prizeId) => prizeId !== null),
          won,
        );
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('cumulative weights never exceed 10¹² and never fall', () => {
    fc.assert(
      fc.property(prizesArbitrary(40), fc.integer({ min: 0, max: 10_000_000 }), (prizes, bonusBp) => {
        const { cumulative } = buildOddsTable(prizes, bonusBp);
        let before = 0;
        for (const limit of cumulative) {
          assert.ok(Number.isSafeInteger(limit) && limit >= before && limit <= ROLL_RANGE);
          before = limit;
        }
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  it('a weight is p × (10000 + bonus), and beyond 10¹² in all it is scaled down', () => {
    const prizes = [prizeOf({ prize_id: 1, p: 30_000_000 }), prizeOf({ prize_id: 2, p: 60_000_000 })];
    assert.deepEqual(buildOddsTable(prizes, 0).cumulative, [300_000_000_000, 900_000_000_000]);
    assert.deepEqual(buildOddsTable(prizes, 1000).cumulative, [330_000_000_000, 990_000_000_000]);
    assert.deepEqual(buildOddsTable(prizes, 2000).cumulative, [333_333_333_333, 999_999_999_999]);
  });

  it('prizes are laid out by sort_order, then by id', () => {
    const prizes = [
      prizeOf({ prize_id: 1, sort_order: 9, p: 1 }),
      prizeOf({ prize_id: 10, sort_order: 2, p: 1 }),
      prizeOf({ prize_id: 9, sort_order: 2, p: 1 }),
    ];
    assert.deepEqual(buildOddsTable(prizes, 0).prizeIds, [9, 10, 1]);
  });

  it('a prize with probability 0 is never rolled, not even first or last', () => {
    const prizes = [0, 50_000_000, 0, 50_000_000, 0].map((p, at) =>
      prizeOf({ prize_id: at + 1, sort_order: at, p }),
    );
    const table = buildOddsTable(prizes, 0);
    const half = ROLL_RANGE / 2;
    const found = [0, half - 1, half, ROLL_RANGE - 1].map((roll) => findInterval(table, roll).prizeId);
    assert.deepEqual(found, [2, 2, 4, 4]);
  });

  it('without prizes every roll loses', () => {
    assert.deepEqual(findInterval(buildOddsTable([], 0), 0), { prizeId: null, from: 0, to: ROLL_RANGE });
  });

  it('1,000 prizes with equal chances share the range evenly', () => {
    const prizes = Array.from({ length: 1000 }, (_, at) =>
      prizeOf({ prize_id: at + 1, sort_order: at, p: 100_000 }),
    );
    const table = buildOddsTable(prizes, 0);
    for (let at = 0; at < 1000; at++) {
      const from = at * 1_000_000_000;
      assert.deepEqual(findInterval(table, from), { prizeId: at + 1, from, to: from + 1_000_000_000 });
    }
  });
});

describe('L-6 bonuses', () => {
  it('level: by the level itself, none where the table has no entry', () => {
    const config = configOf({ level_bonus_bp: { '1': 0, '3': 250 } });
    assert.deepEqual(
      [1, 2, 3, 33].map((level) => levelBonusOf(config, level)),
      [0, 0, 250, 0],
    );
  });

  it('period: from its start until just before its end; overlapping ones add up', () => {
    const period = (from: string, to: string, bonus_bp: number) => ({
      starts_at: `2026-03-01T${from}:00.000Z`,
      ends_at: `2026-03-01T${to}:00.000Z`,
      bonus_bp,
    });
    const config = configOf({ periods: [period('10:00', '12:00', 100), period('11:00', '13:00', 30)] });
    const bonusAt = (time: string) => periodBonusOf(config, Date.parse(`2026-03-01T${time}Z`));
    const times = [
      '09:59:59.999',
      '10:00:00.000',
      '11:00:00.000',
      '11:59:59.999',
      '12:00:00.000',
      '13:00:00.000',
    ];
    assert.deepEqual(times.map(bonusAt), [0, 100, 130, 130, 30, 0]);
  });

  it('pity: the last step reached, in whatever order the steps are written', () => {
    const steps = [
      { after: 3, bonus_bp: 500 },
      { after: 6, bonus_bp: 2000 },
      { after: 8, bonus_bp: 1000 },
    ];
    for (const pity of [steps, steps.toReversed()]) {
      const bonuses = [0, 2, 3, 5, 6, 7, 8, 100].map((streak) => pityBonusOf(configOf({ pity }), streak));
      assert.deepEqual(bonuses, [0, 0, 500, 500, 2000, 2000, 1000, 1000]);
    }
    assert.equal(pityBonusOf(configOf({ pity: [{ after: 0, bonus_bp: 7 }] }), 0), 7);
  });
});

describe('L-1 a configuration is checked as a whole', () => {
  const problemsOf = (...prizes: Parameters<typeof prizeOf>[0][]) =>
    configProblems(configOf({ prizes: prizes.map(prizeOf) }));

  it('a sound one has no problems', () => {
    assert.deepEqual(
      problemsOf(
        { prize_id: 1, p: 40_000_000 },
        { prize_id: 2, p: 60_000_000, fallback_prize_id: 1, stock: 0 },
      ),
      [],
    );
  });

  it('probabilities beyond 1', () => {
    const problems = problemsOf({ prize_id: 1, p: 40_000_000 }, { prize_id: 2, p: 60_000_001 });
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, /more than 1/);
  });

  it('a prize twice, of which verifiers would take the one or the other', () => {
    assert.deepEqual(problemsOf({ prize_id: 1 }, { prize_id: 2 }, { prize_id: 1 }), [
      'a prize is there twice',
    ]);
  });

  it('a fallback in a circle, of one prize or of several, and prizes that lead into it', () => {
    assert.match(problemsOf({ prize_id: 1, fallback_prize_id: 1 })[0]!, /prize 1: .*circle/);
    const problems = problemsOf(
      { prize_id: 1, fallback_prize_id: 2 },
      { prize_id: 2, fallback_prize_id: 3 },
      { prize_id: 3, fallback_prize_id: 2 },
    );
    assert.equal(problems.filter((problem) => problem.includes('circle')).length, 3);
  });

  it('a fallback or a guarantee that is not a prize of the campaign', () => {
    assert.match(
      problemsOf({ prize_id: 1, fallback_prize_id: 9 })[0]!,
      /prize 1: its fallback is not a prize/,
    );
    const config = configOf({
      prizes: [prizeOf({ prize_id: 1 })],
      guarantee: { threshold: 10, prize_id: 2 },
    });
    assert.match(configProblems(config)[0]!, /guarantee prize is not a prize/);
  });

  it('numbers that are none', () => {
    assert.match(problemsOf({ prize_id: 1, p: -1 })[0]!, /p is not a whole number/);
    assert.match(problemsOf({ prize_id: 1, p: 0.5 })[0]!, /p is not a whole number/);
    assert.match(problemsOf({ prize_id: 1, stock: -1 })[0]!, /stock is not a whole number/);
  });
});
