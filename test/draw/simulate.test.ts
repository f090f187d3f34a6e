import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bandOf, openBandOf } from '../../src/draw/bands.ts';
import type { DrawConfig } from '../../src/draw/odds.ts';
import { Random } from '../../src/draw/random.ts';
import { coursePoints, simulateRun, type RunResult, type SimulationPlan } from '../../src/draw/simulate.ts';
import { summarize } from '../../src/draw/simulationSummary.ts';
import { configOf, prizeOf, prizesArbitrary } from './configs.ts';

const DAY_MS = 86_400_000;
/** Of a normal distribution, what is further from the mean comes once in 10,000 choices of seeds. */
const FAR = 3.9;

interface Asked extends Partial<Omit<SimulationPlan, 'population'>> {
  population?: Partial<SimulationPlan['population']>;
}

function planOf(config: DrawConfig, { population, ...plan }: Asked = {}): SimulationPlan {
  const people = { diners: 500, levels: {}, startsAtMs: 0, endsAtMs: 10 * DAY_MS, freeDrawsPerDay: 0 };
  return {
    config,
    draws: 10_000,
    runs: 20,
    seed: 'a seed',
    ...plan,
    population: { ...people, ...population },
  };
}

function runAll(plan: SimulationPlan): RunResult[] {
  return Array.from({ length: plan.runs }, (_, run) => simulateRun(plan, run));
}

function summaryOf(plan: SimulationPlan, budget: number | null = null) {
  return summarize({ plan, results: runAll(plan), budget, market: 'CN' });
}

/** With all that decides a draw: limited prizes with a chain, a guarantee, pity, levels and a period. */
const RICH = configOf({
  prizes: [
    prizeOf({ prize_id: 1, value: '500.00', p: 1_000_000, stock: 60, fallback_prize_id: 2 }),
    prizeOf({ prize_id: 2, value: '50.00', p: 5_000_000, stock: 400, fallback_prize_id: 3 }),
    prizeOf({ prize_id: 3, value: '10.00', p: 20_000_000 }),
  ],
  guarantee: { threshold: 8, prize_id: 2 },
  pity: [{ after: 4, bonus_bp: 2000 }],
  level_bonus_bp: { '2': 1000, '3': 3000 },
  periods: [
    {
      starts_at: new Date(2 * DAY_MS).toISOString(),
      ends_at: new Date(4 * DAY_MS).toISOString(),
      bonus_bp: 5000,
    },
  ],
});

describe('the generator of simulations', () => {
  it('RL-11 gives the same numbers for a seed, and others for another one', () => {
    const first = (seed: string) => {
      const random = new Random(seed);
      return Array.from({ length: 100 }, () => random.roll());
    };
    assert.deepEqual(first('a'), first('a'));
    for (const other of ['b', 'aa', '', 'A'])
      assert.equal(first(other).filter((roll) => first('a').includes(roll)).length, 0);
  });

  it('RL-11 RL-12 rolls uniformly in [0, 10¹²), in every tenth digit as well', () => {
    const random = new Random('uniform');
    const counts = Array.from({ length: 12 }, () => new Array<number>(10).fill(0));
    const rolls = 200_000;
    for (let at = 0; at < rolls; at++) {
      const roll = random.roll();
      assert.ok(Number.isSafeInteger(roll) && roll >= 0 && roll < 10 ** 12);
      counts.forEach((digits, digit) => digits[Math.floor(roll / 10 ** digit) % 10]!++);
    }
    // 9 degrees of freedom, p = 0.0001: one of the 12 exceeds it once in 800 choices of seeds.
    for (const digits of counts) assert.ok(chiSquare(digits, rolls / 10) < 33.72, String(digits));
  });
});

function chiSquare(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('a simulated campaign', () => {
  it('RL-11 is the same for the same plan, and another one for another seed or run', () => {
    const plan = planOf(RICH);
    assert.deepEqual(simulateRun(plan, 3), simulateRun(plan, 3));
    assert.notDeepEqual(simulateRun(plan, 3), simulateRun(plan, 4));
    assert.notDeepEqual(simulateRun(plan, 3), simulateRun({ ...plan, seed: 'another seed' }, 3));
  });

  it('RL-11 adds up: wins and their values, stock, and the draws that it reports', () => {
    const plan = planOf(RICH);
    let reported = 0;
    const { wins, course, exhaustedAt } = simulateRun(plan, 0, (draws) => (reported += draws));
    assert.equal(reported, plan.draws);
    assert.equal(
      course.wins.at(-1),
      wins.reduce((sum, won) => sum + won, 0),
    );
    assert.equal(course.cost.at(-1), wins[0]! * 500_00 + wins[1]! * 50_00 + wins[2]! * 10_00);
    assert.equal(course.income.at(-1), plan.draws * 100_00);
    assert.deepEqual(wins.slice(0, 2), [60, 400]);
    assert.ok(exhaustedAt[0]! >= 60 && exhaustedAt[1]! >= 400 && exhaustedAt[2] === null);
    assert.equal(course.cost.length, coursePoints(plan.draws).length);
  });

  it('L-11 RL-12 without stock wins as often as the streaks of its diners say, by an exact calculation', () => {
    const config = configOf({
      prizes: [prizeOf({ prize_id: 1, p: 5_000_000 }), prizeOf({ prize_id: 2, p: 3_000_000 })],
      guarantee: { threshold: 12, prize_id: 2 },
      pity: [
        { after: 3, bonus_bp: 2000 },
        { after: 6, bonus_bp: 9000 },
      ],
      level_bonus_bp: { '1': 500 },
    });
    const plan = planOf(config, { draws: 20_000, runs: 40, population: { diners: 1 } });
    const results = runAll(plan);
    const expected = expectedWins(config, plan.draws);
    for (const at of [0, 1]) {
      const wins = results.map((result) => result.wins[at]!);
      const mean = wins.reduce((sum, won) => sum + won, 0) / wins.length;
      const variance = wins.reduce((sum, won) => sum + (won - mean) ** 2, 0) / (wins.length - 1);
      const distance = (mean - expected[at]!) / Math.sqrt(variance / wins.length);
      assert.ok(Math.abs(distance) < FAR, `prize ${at + 1}: ${mean} and not ${expected[at]}`);
    }
  });

  it('L-11 gives diners of each level their bonus, by their share', () => {
    const config = configOf({
      prizes: [prizeOf({ prize_id: 1, p: 10_000_000 })],
      level_bonus_bp: { '2': 10_000, '3': 40_000 },
    });
    const levels = { '1': 5, '2': 3, '3': 2 };
    const { win_rate } = summaryOf(planOf(config, { population: { diners: 1000, levels } }));
    const expected = 0.1 * 0.5 + 0.2 * 0.3 + 0.5 * 0.2;
    const deviation = Math.sqrt((expected * (1 - expected)) / 200_000);
    assert.ok(Math.abs(win_rate - expected) < FAR * deviation, String(win_rate));
  });

  it('L-11 spreads its draws over its time, for bonuses of periods and for free draws', () => {
    const config = configOf({
      prizes: [prizeOf({ prize_id: 1, p: 20_000_000 })],
      periods: [
        { starts_at: new Date(0).toISOString(), ends_at: new Date(5 * DAY_MS).toISOString(), bonus_bp: 5000 },
      ],
    });
    // Each of 10 diners has far more draws on each of the 10 days than are free.
    const plan = planOf(config, { runs: 1, population: { diners: 10, freeDrawsPerDay: 3 } });
    const [{ course }] = runAll(plan) as [RunResult];
    assert.equal(course.income.at(-1), (plan.draws - 10 * 10 * 3) * 100_00);
    const half = course.wins[course.wins.length / 2 - 1]!;
    assert.ok(Math.abs(half / 5000 - 0.3) < FAR * Math.sqrt((0.3 * 0.7) / 5000), String(half));
    const rest = course.wins.at(-1)! - half;
    assert.ok(Math.abs(rest / 5000 - 0.2) < FAR * Math.sqrt((0.2 * 0.8) / 5000), String(rest));
  });
});

/** What one diner wins of two unlimited prizes on average: the chances of each streak, draw after draw. */
function expectedWins(config: DrawConfig, draws: number): [number, number] {
  const threshold = config.guarantee!.threshold;
  let streaks = new Array<number>(threshold).fill(0);
  streaks[0] = 1;
  const wins: [number, number] = [0, 0];
  for (let draw = 0; draw < draws; draw++) {
    const next = new Array<number>(threshold).fill(0);
    streaks.forEach((chance, streak) => {
      const pity = streak >= 6 ? 0.9 : streak >= 3 ? 0.2 : 0;
      const [first, second] = [0.05 * (1.05 + pity), 0.03 * (1.05 + pity)];
      const isLast = streak === threshold - 1;
      wins[0] += chance * first;
      wins[1] += chance * (isLast ? 1 - first : second);
      next[0]! += chance * (isLast ? 1 : first + second);
      if (!isLast) next[streak + 1]! += chance * (1 - first - second);
    });
    streaks = next;
  }
  return wins;
}

describe('what simulated campaigns come to', () => {
  it('RL-11 bands lie between the values that were seen, and leave open what was not', () => {
    const values = Array.from({ length: 21 }, (_, at) => 20 - at);
    assert.deepEqual(bandOf(values), { p5: 1, p50: 10, p95: 19 });
    assert.deepEqual(bandOf([7]), { p5: 7, p50: 7, p95: 7 });
    assert.deepEqual(bandOf([1, 2]), { p5: 1.05, p50: 1.5, p95: 1.95 });
    assert.deepEqual(openBandOf([3, null, 5, null, 4]), { p5: 3.2, p50: 5, p95: null });
  });

  it('RL-11 tells p5 ≤ p50 ≤ p95 of cost, and how often it passes the budget', () => {
    const { cost, course } = summaryOf(planOf(RICH));
    assert.ok(cost.p5 < cost.p50 && cost.p50 < cost.p95, JSON.stringify(cost));
    assert.deepEqual(course.at(-1)!.cost, cost);
    for (const [budget, risk] of [
      [cost.p50, 0.5],
      [cost.p95, 0.05],
      [cost.p95 * 2, 0],
      [0, 1],
    ] as const)
      assert.equal(summaryOf(planOf(RICH), Math.round(budget * 100)).budget_risk, risk);
    assert.equal(summaryOf(planOf(RICH)).budget_risk, null);
    const { cost_histogram: steps, runs } = summaryOf(planOf(RICH));
    assert.equal(
      steps.reduce((sum, step) => sum + step.runs, 0),
      runs,
    );
    assert.ok(steps[0]!.from <= cost.p5 && cost.p95 <= steps.at(-1)!.to);
    assert.ok(steps.every(({ to }, at) => at === steps.length - 1 || to === steps[at + 1]!.from));
  });

  it('L-11 warns of a loss, of a prize that is gone early, and of a guarantee that nothing is left for', () => {
    const prize = (rest: object) =>
      prizeOf({ prize_id: 1, name: 'Cup', value: '300.00', p: 50_000_000, ...rest });
    const codes = (config: DrawConfig) => summaryOf(planOf(config)).warnings.map(({ code }) => code);
    assert.deepEqual(codes(configOf({ prizes: [prize({})] })), ['loses_money']);
    assert.deepEqual(codes(configOf({ prizes: [prize({ value: '199.00' })] })), []);
    assert.deepEqual(codes(configOf({ prizes: [prize({ stock: 2400 })] })), ['exhausts_early']);
    assert.deepEqual(codes(configOf({ prizes: [prize({ stock: 3000 })] })), []);
    const guarantee = { threshold: 3, prize_id: 1 };
    assert.deepEqual(codes(configOf({ prizes: [prize({ stock: 3000 })], guarantee })), ['guarantee_unmet']);
    const fallback = [prize({ stock: 3000, fallback_prize_id: 2 }), prizeOf({ prize_id: 2, value: '1.00' })];
    assert.deepEqual(codes(configOf({ prizes: fallback, guarantee })), []);
    const dear = { p: 1, value: '50000.01' };
    assert.deepEqual(codes(configOf({ prizes: [prize(dear)] })), ['market_limit']);
    assert.deepEqual(codes(configOf({ prizes: [prize({ ...dear, value: '50000.00' })] })), []);
  });

  it('L-11 tells when limited prizes are gone, and that one which was never there is gone at once', () => {
    const prizes = [
      prizeOf({ prize_id: 1, p: 10_000_000, stock: 500 }),
      prizeOf({ prize_id: 2, p: 1_000_000, stock: 0 }),
      prizeOf({ prize_id: 3, p: 100, stock: 10_000 }),
      prizeOf({ prize_id: 4, p: 1 }),
    ];
    const { exhaustion } = summaryOf(planOf(configOf({ prizes })));
    assert.deepEqual(
      exhaustion.map(({ prize_id, share }) => [prize_id, share]),
      [
        [1, 1],
        [2, 1],
        [3, 0],
      ],
    );
    // 500 wins at one in ten: 5,000 draws on average, with a deviation of 213.
    const { p5, p50, p95 } = exhaustion[0]!.draw_no;
    assert.ok(p5! > 4000 && p5! < p50! && Math.abs(p50! - 5000) < 300 && p50! < p95! && p95! < 6000);
    assert.deepEqual(exhaustion[1]!.draw_no, { p5: 0, p50: 0, p95: 0 });
    assert.deepEqual(exhaustion[2]!.draw_no, { p5: null, p50: null, p95: null });
  });

  it('L-11 stock only falls, from all of it on, as its bands keep their order and end as the campaigns end', () => {
    fc.assert(
      fc.property(prizesArbitrary(5), fc.integer({ min: 1, max: 120 }), (prizes, draws) => {
        const plan = planOf(configOf({ prizes }), { draws, runs: 7, population: { diners: 3 } });
        const results = runAll(plan);
        const { stock_course: course } = summarize({ plan, results, budget: null, market: 'CN' });
        const { draw_nos: drawNos } = course;
        assert.ok(drawNos.length <= 25 && drawNos[0] === 0 && drawNos.at(-1) === draws);
        assert.ok(drawNos.every((drawNo, at) => at === 0 || drawNo > drawNos[at - 1]!));
        const limited = prizes.filter(({ stock }) => stock !== null);
        assert.deepEqual(
          course.prizes.map(({ prize_id, stock }) => [prize_id, stock]),
          limited.map(({ prize_id, stock }) => [prize_id, stock]),
        );
        for (const { prize_id: id, stock, left } of course.prizes) {
          assert.equal(left.length, drawNos.length);
          assert.deepEqual(left[0], { p5: stock, p50: stock, p95: stock });
          left.forEach((band, at) => {
            assert.ok(band.p5 >= 0 && band.p5 <= band.p50 && band.p50 <= band.p95);
            const before = left[Math.max(0, at - 1)]!;
            for (const of of ['p5', 'p50', 'p95'] as const) assert.ok(band[of] <= before[of]);
          });
          const place = prizes.findIndex(({ prize_id: other }) => other === id);
          const ends = results.map(({ wins }) => stock - wins[place]!).sort((a, b) => a - b);
          assert.equal(left.at(-1)!.p50, ends[3]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('L-11 RL-12 stock is as far down in between as single draws one after the other have it', () => {
    const config = configOf({ prizes: [prizeOf({ prize_id: 1, p: 3_000_000, stock: 100 })] });
    const plan = planOf(config, { draws: 4000, runs: 400 });
    const { draw_nos: drawNos, prizes } = summaryOf(plan).stock_course;
    const random = new Random('one after the other');
    const campaigns = Array.from({ length: 400 }, () => {
      let left = 100;
      const seen = [left];
      for (let draw = 1; draw <= plan.draws; draw++) {
        if (left > 0 && random.below(100) < 3) left -= 1;
        if (drawNos.includes(draw)) seen.push(left);
      }
      return seen;
    });
    let widest = 0;
    prizes[0]!.left.forEach((band, at) => {
      const expected = bandOf(campaigns.map((seen) => seen[at]!));
      // Wins up to there have a deviation of 10 at most; the middle of 400 of them, one of 0.7, and the outer ones of 1.1.
      assert.ok(Math.abs(band.p50 - expected.p50) <= 4, `${drawNos[at]}: ${band.p50}, not ${expected.p50}`);
      assert.ok(Math.abs(band.p5 - expected.p5) <= 6 && Math.abs(band.p95 - expected.p95) <= 6);
      widest = Math.max(widest, band.p95 - band.p5);
    });
    assert.ok(widest > 20, String(widest));
    assert.equal(prizes[0]!.left.at(-1)!.p50, 0);
  });
});
