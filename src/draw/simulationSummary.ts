/** What simulated campaigns come to together: what is likely, what is possible, and what to be warned of. */
import { bandOf, openBandOf, type Band, type OpenBand } from './bands.ts';
import { hundredthsOf } from './hundredths.ts';
import { MARKETS, type Market } from './market.ts';
import { coursePoints, type RunResult, type SimulationPlan } from './simulate.ts';

/** What is told of one prize. */
interface Named {
  prize_id: number;
  name: string;
}

export interface SimulationSummary {
  draws: number;
  runs: number;
  /** Points that the prizes of a campaign are worth. */
  cost: Band;
  /** How many campaigns cost so much, from the cheapest to the dearest, in steps of one width; the last one has its end in it. */
  cost_histogram: { from: number; to: number; runs: number }[];
  /** Points that diners pay for its draws. */
  income: Band;
  win_rate: number;
  win_rate_band: Band;
  /** Of the draws, those that the guarantee won. */
  guarantee_share: number;
  guarantee_share_band: Band;
  budget: number | null;
  /** The share of campaigns that cost more than the budget; null without one. */
  budget_risk: number | null;
  /** Wins of one campaign, on average. */
  prizes: (Named & { wins: number; wins_band: Band })[];
  /** Of each limited prize, the draw that takes the last one. */
  exhaustion: (Named & { stock: number; share: number; draw_no: OpenBand })[];
  course: CoursePoint[];
  /** What is left of each limited prize after so many draws, from none on. */
  stock_course: StockCourse;
  warnings: SimulationWarning[];
}

export interface CoursePoint {
  draw_no: number;
  cost: Band;
  income: Band;
  win_rate: Band;
  guarantee_share: Band;
}

export interface StockCourse {
  draw_nos: number[];
  /** `left` has a band for each of the draws. */
  prizes: (Named & { stock: number; left: Band[] })[];
}

export type WarningCode = 'loses_money' | 'exhausts_early' | 'guarantee_unmet' | 'market_limit';

/** A figure that is beyond what it should keep within. */
export interface SimulationWarning {
  code: WarningCode;
  /** null: it is of the campaign. */
  prize_id: number | null;
  name: string | null;
  value: number;
  limit: number;
}

export interface Summing {
  plan: SimulationPlan;
  /** All runs, in the order of their numbers. */
  results: readonly RunResult[];
  /** 1/100 points; null: none. */
  budget: number | null;
  /** Whose bounds are looked at. */
  market: Market;
}

export function summarize(summing: Summing): SimulationSummary {
  const { plan, results, budget } = summing;
  const { draws, runs, config } = plan;
  const shareOf = (take: (course: RunResult['course']) => number[]) =>
    results.map(({ course }) => take(course).at(-1)! / draws);
  const winRates = shareOf(({ wins }) => wins);
  const guaranteeShares = shareOf(({ guarantees }) => guarantees);
  const costs = results.map(({ course }) => course.cost.at(-1)!);
  const cost = pointsBand(costs);
  const income = pointsBand(results.map(({ course }) => course.income.at(-1)!));
  const exhaustion = exhaustionOf(summing);
  return {
    draws,
    runs,
    cost,
    cost_histogram: histogramOf(costs),
    income,
    win_rate: meanOf(winRates),
    win_rate_band: bandOf(winRates),
    guarantee_share: meanOf(guaranteeShares),
    guarantee_share_band: bandOf(guaranteeShares),
    budget: budget === null ? null : budget / 100,
    budget_risk: budget === null ? null : meanOf(costs.map((spent) => (spent > budget ? 1 : 0))),
    prizes: config.prizes.map(({ prize_id, name }, at) => {
      const wins = results.map((result) => result.wins[at]!);
      return { prize_id, name, wins: Math.round(meanOf(wins)), wins_band: bandOf(wins) };
    }),
    exhaustion,
    course: courseOf(plan, results),
    stock_course: stockCourseOf(plan, results),
    warnings: [
      ...moneyWarnings(cost, income),
      ...earlyWarnings(plan, exhaustion),
      ...guaranteeWarnings(summing),
      ...marketWarnings(summing),
    ],
  };
}

/** Steps of a histogram at most. */
const STEPS = 24;

/** @param hundredths of each campaign */
function histogramOf(hundredths: readonly number[]): SimulationSummary['cost_histogram'] {
  const lowest = Math.min(...hundredths);
  const width = Math.max(1, Math.ceil((Math.max(...hundredths) - lowest + 1) / STEPS));
  const steps = Math.floor((Math.max(...hundredths) - lowest) / width) + 1;
  const runs = new Array<number>(steps).fill(0);
  for (const cost of hundredths) runs[Math.floor((cost - lowest) / width)]! += 1;
  return runs.map((count, at) => ({
    from: (lowest + at * width) / 100,
    to: (lowest + (at + 1) * width) / 100,
    runs: count,
  }));
}

function exhaustionOf({ plan, results }: Summing): SimulationSummary['exhaustion'] {
  return plan.config.prizes.flatMap(({ prize_id, name, stock }, at) => {
    if (stock === null) return [];
    const ends = results.map((result) => result.exhaustedAt[at]!);
    const share = meanOf(ends.map((end) => (end === null ? 0 : 1)));
    return { prize_id, name, stock, share, draw_no: openBandOf(ends) };
  });
}

function courseOf({ draws }: SimulationPlan, results: readonly RunResult[]): CoursePoint[] {
  return coursePoints(draws).map((drawNo, at) => ({
    draw_no: drawNo,
    cost: pointsBand(results.map(({ course }) => course.cost[at]!)),
    income: pointsBand(results.map(({ course }) => course.income[at]!)),
    win_rate: bandOf(results.map(({ course }) => course.wins[at]! / drawNo)),
    guarantee_share: bandOf(results.map(({ course }) => course.guarantees[at]! / drawNo)),
  }));
}

/** Points at which stock is told, besides the start: there may be a hundred prizes. */
const STOCK_POINTS = 24;

function stockCourseOf({ draws, config }: SimulationPlan, results: readonly RunResult[]): StockCourse {
  const drawNos = coursePoints(draws);
  const points = Math.min(STOCK_POINTS, drawNos.length);
  const looked = Array.from(
    { length: points },
    (_, at) => Math.ceil(((at + 1) * drawNos.length) / points) - 1,
  );
  const prizes = config.prizes.flatMap(({ prize_id, name, stock }, at) => {
    if (stock === null) return [];
    const bandAt = (point: number) => roundedBand(results.map(({ left }) => left[at]![point]!));
    return { prize_id, name, stock, left: [{ p5: stock, p50: stock, p95: stock }, ...looked.map(bandAt)] };
  });
  return { draw_nos: [0, ...looked.map((point) => drawNos[point]!)], prizes };
}

/** Counts, to a tenth. */
function roundedBand(counts: readonly number[]): Band {
  const { p5, p50, p95 } = bandOf(counts);
  const round = (value: number) => Math.round(value * 10) / 10;
  return { p5: round(p5), p50: round(p50), p95: round(p95) };
}

function moneyWarnings(cost: Band, income: Band): SimulationWarning[] {
  if (cost.p50 <= income.p50) return [];
  return [{ code: 'loses_money', prize_id: null, name: null, value: cost.p50, limit: income.p50 }];
}

/** A prize that is gone before half of the draws are done is advertised to those who can no longer win it. */
function earlyWarnings(
  { draws }: SimulationPlan,
  exhaustion: SimulationSummary['exhaustion'],
): SimulationWarning[] {
  return exhaustion.flatMap(({ prize_id, name, draw_no: { p50 } }) =>
    p50 !== null && p50 < draws / 2
      ? { code: 'exhausts_early', prize_id, name, value: p50, limit: draws / 2 }
      : [],
  );
}

/** What is promised after so many losing draws must be there. */
function guaranteeWarnings({ plan, results }: Summing): SimulationWarning[] {
  const { guarantee, prizes } = plan.config;
  const share = meanOf(results.map(({ unmetGuarantees }) => (unmetGuarantees > 0 ? 1 : 0)));
  if (guarantee === null || share === 0) return [];
  const name = prizes.find(({ prize_id }) => prize_id === guarantee.prize_id)?.name ?? null;
  return [{ code: 'guarantee_unmet', prize_id: guarantee.prize_id, name, value: share, limit: 0 }];
}

function marketWarnings({ plan, market }: Summing): SimulationWarning[] {
  const highest = MARKETS[market].highestPrizeHundredths;
  if (highest === null) return [];
  return plan.config.prizes.flatMap(({ prize_id, name, value }) =>
    hundredthsOf(value) > highest
      ? { code: 'market_limit', prize_id, name, value: hundredthsOf(value) / 100, limit: highest / 100 }
      : [],
  );
}

function pointsBand(hundredths: readonly number[]): Band {
  const { p5, p50, p95 } = bandOf(hundredths);
  const toPoints = (sum: number) => Math.round(sum) / 100;
  return { p5: toPoints(p5), p50: toPoints(p50), p95: toPoints(p95) };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
