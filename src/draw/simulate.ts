/**
 * Simulates a campaign before it is launched: the engine of live draws with rolls of a seeded generator. Pure, and the same for the
 * same plan, wherever and on however many threads: each run is one whole campaign with a seed of its own, made of the plan's seed
 * and the run's number.
 */
import { DrawEngine, type Stock } from './engine.ts';
import { hundredthsOf } from './hundredths.ts';
import { levelBonusOf, periodBonusOf, pityBonusOf, type DrawConfig } from './odds.ts';
import { Random } from './random.ts';

/** Who draws, and when. */
export interface Population {
  /** Each draw is of one of them, by chance. */
  diners: number;
  /** level → how many of the diners have it, as parts of the sum; empty: all are of level 1. */
  levels: Record<string, number>;
  /** The draws come evenly between the two, for the sake of bonuses of periods and free draws of a day. */
  startsAtMs: number;
  endsAtMs: number;
  /** Of each diner. */
  freeDrawsPerDay: number;
}

export interface SimulationPlan {
  config: DrawConfig;
  /** Of one campaign. */
  draws: number;
  /** Campaigns, each on its own. */
  runs: number;
  seed: string;
  population: Population;
}

/** What became of one campaign. Points in 1/100; lists of prizes are in the order of the configuration. */
export interface RunResult {
  wins: number[];
  /** The draw that took the last one; 0: there was none; null: some are left, or it has no end. */
  exhaustedAt: (number | null)[];
  /** Sums up to each of `coursePoints`. */
  course: { cost: number[]; wins: number[]; guarantees: number[]; income: number[] };
  /** Of each prize what is left at each of `coursePoints`; null: it has no end. */
  left: (number[] | null)[];
  /** Draws that the guarantee should have won, and had nothing to give. */
  unmetGuarantees: number;
}

/** Points of a course. */
const COURSE_POINTS = 50;
const DAY_MS = 86_400_000;
/** Draws between two reports of progress. */
const REPORTED_DRAWS = 8192;

/** The draws after which a course is looked at; the last one is the end. */
export function coursePoints(draws: number): number[] {
  const points = Math.min(COURSE_POINTS, draws);
  return Array.from({ length: points }, (_, at) => Math.ceil((draws * (at + 1)) / points));
}

/** One campaign. `report` is told of draws that are done, as they add up. */
export function simulateRun(
  plan: SimulationPlan,
  run: number,
  report: (draws: number) => void = () => undefined,
): RunResult {
  const simulation = new Run(plan, run);
  let reported = 0;
  for (const end of coursePoints(plan.draws)) {
    while (simulation.done < end) {
      simulation.drawUntil(Math.min(end, simulation.done + REPORTED_DRAWS));
      report(simulation.done - reported);
      reported = simulation.done;
    }
    simulation.look();
  }
  return simulation.result();
}

/** States: drawing, from its first draw to its last, in order. */
class Run {
  done = 0;
  private readonly random: Random;
  private readonly engine: DrawEngine;
  private readonly stock: Stock;
  private readonly atOf: Map<number, number>;
  private readonly values: number[];
  private readonly streaks: Int32Array;
  private readonly levelBps: Int32Array;
  private readonly periods: Periods;
  private readonly free: FreeDraws;
  private readonly costPerDraw: number;
  private readonly course: RunResult['course'] = { cost: [], wins: [], guarantees: [], income: [] };
  private readonly prizeWins: number[];
  private readonly exhaustedAt: (number | null)[];
  private readonly left: RunResult['left'];
  private cost = 0;
  private wins = 0;
  private guarantees = 0;
  private income = 0;
  private unmetGuarantees = 0;

  constructor(
    private readonly plan: SimulationPlan,
    run: number,
  ) {
    const { config, population } = plan;
    this.random = new Random(`${run}:${plan.seed}`);
    this.engine = new DrawEngine(config);
    this.stock = new Map(config.prizes.map((prize) => [prize.prize_id, prize.stock]));
    this.atOf = new Map(config.prizes.map((prize, at) => [prize.prize_id, at]));
    this.values = config.prizes.map((prize) => hundredthsOf(prize.value));
    this.streaks = new Int32Array(population.diners);
    this.levelBps = levelBpsOf(config, population);
    this.periods = new Periods(config);
    this.free = new FreeDraws(population);
    this.costPerDraw = hundredthsOf(config.cost_per_draw);
    this.prizeWins = config.prizes.map(() => 0);
    this.exhaustedAt = config.prizes.map((prize) => (prize.stock === 0 ? 0 : null));
    this.left = config.prizes.map(({ stock }) => (stock === null ? null : []));
  }

  drawUntil(end: number): void {
    const { random, levelBps, periods, plan } = this;
    const { population, draws } = plan;
    const stepMs = (population.endsAtMs - population.startsAtMs) / draws;
    const hasFree = population.freeDrawsPerDay > 0;
    while (this.done < end) {
      const passedMs = (this.done + 0.5) * stepMs;
      this.done += 1;
      const diner = random.below(levelBps.length);
      if (!hasFree || !this.free.take(diner, Math.floor(passedMs / DAY_MS))) this.income += this.costPerDraw;
      this.drawOnce(diner, periods.bonusAt(population.startsAtMs + passedMs));
    }
  }

  look(): void {
    this.course.cost.push(this.cost);
    this.course.wins.push(this.wins);
    this.course.guarantees.push(this.guarantees);
    this.course.income.push(this.income);
    this.plan.config.prizes.forEach(({ prize_id }, at) => this.left[at]?.push(this.stock.get(prize_id)!));
  }

  result(): RunResult {
    const { prizeWins: wins, exhaustedAt, course, left, unmetGuarantees } = this;
    return { wins, exhaustedAt, course, left, unmetGuarantees };
  }

  private drawOnce(diner: number, periodBp: number): void {
    const { engine, stock } = this;
    const streak = this.streaks[diner]!;
    const bonuses = {
      level_bp: this.levelBps[diner]!,
      period_bp: periodBp,
      pity_bp: pityBonusOf(engine.config, streak),
    };
    const { prizeId, isGuarantee } = engine.decide({ roll: this.random.roll(), bonuses, streak, stock });
    if (prizeId === null) {
      if (engine.guaranteeIn(streak) === 1) this.unmetGuarantees += 1;
      this.streaks[diner] = streak + 1;
      return;
    }
    this.streaks[diner] = 0;
    const at = this.atOf.get(prizeId)!;
    this.prizeWins[at]! += 1;
    this.cost += this.values[at]!;
    this.wins += 1;
    if (isGuarantee) this.guarantees += 1;
    if (stock.get(prizeId) === 0) this.exhaustedAt[at] = this.done;
  }
}

/** The bonus of periods at times that only grow; it is worked out anew where a period begins or ends. */
class Periods {
  /** When it may change, in order. */
  private readonly changesMs: number[];
  private passed = -1;
  private bonusBp = 0;

  constructor(private readonly config: DrawConfig) {
    const timesMs = config.periods
      .flatMap((period) => [period.starts_at, period.ends_at])
      .map((time) => Date.parse(time));
    this.changesMs = [-Infinity, ...timesMs].sort((a, b) => a - b);
  }

  bonusAt(timeMs: number): number {
    const before = this.passed;
    while (this.passed + 1 < this.changesMs.length && this.changesMs[this.passed + 1]! <= timeMs)
      this.passed += 1;
    if (this.passed !== before) this.bonusBp = periodBonusOf(this.config, timeMs);
    return this.bonusBp;
  }
}

/** Free draws that diners have left of a day. A day has 24 hours from the campaign's start on. */
class FreeDraws {
  private readonly perDay: number;
  private readonly days: Int32Array;
  private readonly taken: Int32Array;

  constructor({ freeDrawsPerDay, diners }: Population) {
    this.perDay = freeDrawsPerDay;
    const kept = freeDrawsPerDay > 0 ? diners : 0;
    this.days = new Int32Array(kept).fill(-1);
    this.taken = new Int32Array(kept);
  }

  /** Whether a draw of this day is free. */
  take(diner: number, day: number): boolean {
    if (this.days[diner] !== day) {
      this.days[diner] = day;
      this.taken[diner] = 0;
    }
    if (this.taken[diner]! >= this.perDay) return false;
    this.taken[diner]! += 1;
    return true;
  }
}

/** The bonus of each diner's level. The first ones have the first level of the list, and so on. */
function levelBpsOf(config: DrawConfig, { diners, levels }: Population): Int32Array {
  const shares = Object.entries(levels).map(([level, share]) => ({ level: Number(level), share }));
  const sum = shares.reduce((total, { share }) => total + share, 0);
  const bps = new Int32Array(diners).fill(levelBonusOf(config, 1));
  let from = 0;
  let passed = 0;
  for (const { level, share } of shares) {
    passed += share;
    const to = Math.round((passed / sum) * diners);
    bps.fill(levelBonusOf(config, level), from, to);
    from = to;
  }
  return bps;
}
