/**
 * Whether the chances of a new configuration are no worse than those of the old one: at every level, after every losing
 * streak, at every moment while the old one runs, and whatever is in stock. Exact integers, by the tables of the engine.
 *
 * No worse is: of no value is the chance to win a prize of so much or more lower than it was, nor the chance to win at all.
 * So a prize may lose chance to prizes that are worth at least as much, and to no others. What a draw would have lost is not
 * compared with the guarantee: a chance that grows makes the guarantee rarer, and is better all the same. The guarantee is
 * judged by itself: it stays, it comes no later, and its prize is no worse.
 *
 * The states of the stock are as many as there are sets of prizes. They need not be tried one by one:
 * - A prize's fallback chain is compared with its old one by itself. It may not lead to a prize of less value in any state. This
 *   asks for more than the chances do (one chain could make up for another), and is what a diner is told of that prize.
 * - With the new chains, which form a forest, the state in which the chances lose most is found from the leaves to the roots: a
 *   prize gives what it is itself, or what its fallback gives.
 */
import { BothPrizes, worseFallbacks, worseGuarantee, type OfBoth } from './fallbacks.ts';
import {
  BASE_BP,
  buildOddsTable,
  levelBonusOf,
  oddsAreScaled,
  periodBonusOf,
  pityBonusOf,
  type DrawConfig,
} from './odds.ts';
import type { Terms, TermsProblem } from './terms.ts';

/** A configuration, and when it is drawn from. */
type RunningConfig = DrawConfig & Pick<Terms, 'starts_at' | 'ends_at'>;

/** Of configurations without faults (`configProblems`). Prizes that were taken away are not judged here. */
export function worseChances(before: RunningConfig, after: RunningConfig): TermsProblem[] {
  const prizes = new BothPrizes(before, after);
  if (prizes.someAreMissing()) return [];
  const problems = [
    ...worseGuarantee(prizes, { before: before.guarantee, after: after.guarantee }),
    ...worseFallbacks(prizes),
  ];
  const known = new Set<string>();
  const forest = forestOf(prizes);
  for (const state of statesOf(before, after)) {
    const bonuses = { before: bonusOf(before, state), after: bonusOf(after, state) };
    const scaled = {
      before: oddsAreScaled(before.prizes, bonuses.before),
      after: oddsAreScaled(after.prizes, bonuses.after),
    };
    const key = comparisonOf(bonuses, scaled);
    if (known.has(key)) continue;
    known.add(key);
    const loss = lossOf(weigh(forest, { before, after, bonuses }), scaled.after);
    if (loss === undefined) continue;
    const path = blame(loss, { before, after, state });
    if (problems.every((problem) => problem.path !== path))
      problems.push({ path, reason: told(loss, state) });
  }
  return problems;
}

type Changed = OfBoth<RunningConfig>;

interface State {
  level: number;
  streak: number;
  timeMs: number;
}

/** One of each kind: bonuses change with named levels, at pity steps, and where periods begin and end. */
function* statesOf(before: RunningConfig, after: RunningConfig): Generator<State> {
  const both = [before, after];
  const named = new Set(both.flatMap(({ level_bonus_bp }) => Object.keys(level_bonus_bp).map(Number)));
  let unnamed = 1;
  while (named.has(unnamed)) unnamed++;
  const streaks = new Set([0, ...both.flatMap(({ pity }) => pity.map((step) => step.after))]);
  const [startMs, endMs] = [Date.parse(before.starts_at), Date.parse(before.ends_at)];
  const turns = both.flatMap(({ periods }) =>
    periods.flatMap((period) => [period.starts_at, period.ends_at]),
  );
  const moments = new Set([startMs, ...turns.map((turn) => Date.parse(turn))]);
  for (const level of [...named, unnamed])
    for (const streak of streaks)
      for (const timeMs of moments)
        // Before it started nothing was promised, and after its end everything is more.
        if (timeMs >= startMs && timeMs < endMs) yield { level, streak, timeMs };
}

function bonusOf(config: DrawConfig, { level, streak, timeMs }: State): number {
  return levelBonusOf(config, level) + periodBonusOf(config, timeMs) + pityBonusOf(config, streak);
}

/**
 * Bonuses with the same text have the same verdict, so that only few are compared: while nothing is scaled down only their
 * proportion matters, and when all is, they do not matter at all.
 */
function comparisonOf(bonuses: OfBoth<number>, scaled: OfBoth<boolean>): string {
  const [was, becomes] = [BASE_BP + bonuses.before, BASE_BP + bonuses.after];
  if (scaled.before && scaled.after) return 'scaled';
  if (scaled.before || scaled.after) return `${was}:${becomes}`;
  const divisor = greatestDivisor(was, becomes);
  return `1/${was / divisor}:${becomes / divisor}`;
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other);
}

/** A prize within the new chains. Worth is in 1/100 points; a worth that fell is reported as such, and counts here as it was. */
interface Tree {
  prizeId: number;
  /** Where its fallback stands in the forest, before it; -1: it has none. */
  fallbackAt: number;
  canRunOut: boolean;
  /** null: it is new. */
  worthBefore: number | null;
  worthAfter: number;
}

/** Every fallback before the prizes that fall back to it. */
function forestOf(prizes: BothPrizes): Tree[] {
  const standing = new Map<number, number>();
  const forest: Tree[] = [];
  for (const { prize_id } of prizes.after.values()) {
    for (const prizeId of prizes.chain('after', prize_id).reverse()) {
      if (standing.has(prizeId)) continue;
      const { fallback_prize_id } = prizes.after.get(prizeId)!;
      standing.set(prizeId, forest.length);
      forest.push({
        prizeId,
        fallbackAt: fallback_prize_id === null ? -1 : (standing.get(fallback_prize_id) ?? -1),
        canRunOut: prizes.canRunOut(prizeId),
        worthBefore: prizes.worthBefore(prizeId),
        worthAfter: prizes.worthAfter(prizeId),
      });
    }
  }
  return forest;
}

/** A prize with its effective chances in units of 10⁻¹². */
interface Weighed extends Tree {
  weightBefore: number;
  weightAfter: number;
}

function weigh(
  forest: readonly Tree[],
  { before, after, bonuses }: Changed & { bonuses: OfBoth<number> },
): Weighed[] {
  const weightsBefore = weightsOf(before, bonuses.before);
  const weightsAfter = weightsOf(after, bonuses.after);
  return forest.map((tree) => ({
    ...tree,
    weightBefore: weightsBefore.get(tree.prizeId) ?? 0,
    weightAfter: weightsAfter.get(tree.prizeId)!,
  }));
}

function weightsOf({ prizes }: DrawConfig, bonusBp: number): Map<number, number> {
  const { prizeIds, cumulative } = buildOddsTable(prizes, bonusBp);
  return new Map(prizeIds.map((prizeId, at) => [prizeId, cumulative[at]! - (cumulative[at - 1] ?? 0)]));
}

interface Loss {
  /** Prizes of so much or more; 0: any prize. */
  worth: number;
  /** In units of 10⁻¹², at most, whatever is in stock. */
  by: number;
  /** The prize that lost most. */
  prizeId: number;
}

/**
 * The engine rounds each chance down when it scales them, so that so many of 10¹² as there are prizes may seem to be lost where
 * nothing is. A change of one step of a probability is always more: at least 10⁴ of 10¹².
 */
function lossOf(prizes: readonly Weighed[], isScaled: boolean): Loss | undefined {
  const fell = prizes.filter(({ weightBefore, weightAfter }) => weightAfter < weightBefore);
  if (fell.length === 0) return undefined;
  const allowed = isScaled ? prizes.length : 0;
  const worths = prizes.flatMap(({ worthBefore }) => (worthBefore === null ? [] : [worthBefore]));
  for (const worth of new Set([0, ...worths])) {
    const by = greatestLoss(prizes, worth);
    if (by <= allowed) continue;
    const { prizeId } = fell.reduce((most, prize) => (lostBy(prize) > lostBy(most) ? prize : most));
    return { worth, by, prizeId };
  }
  return undefined;
}

function lostBy({ weightBefore, weightAfter }: Weighed): number {
  return weightBefore - weightAfter;
}

/** Bits of what a draw comes to that rolled a prize: whether it counts before, and after. */
const BEFORE = 1;
const AFTER = 2;
const OUTCOMES = [0, BEFORE, AFTER, BEFORE | AFTER] as const;

/** By how much the chance to win so much or more falls at most, over all states of the stock. */
function greatestLoss(prizes: readonly Weighed[], worth: number): number {
  const nothing = 0;
  let most = 0;
  /** What the prizes that fall back to each one lose at most, by what that one comes to. */
  const above = prizes.map(() => [0, 0, 0, 0]);
  for (let at = prizes.length - 1; at >= 0; at--) {
    const prize = prizes[at]!;
    const losing = OUTCOMES.map((outcome) => above[at]![outcome]! + ownLoss(prize, outcome));
    const own = outcomeOf(prize, worth);
    const best = (ofFallback: number) =>
      prize.canRunOut ? Math.max(losing[own]!, losing[ofFallback]!) : losing[own]!;
    if (prize.fallbackAt === -1) most += best(nothing);
    else for (const outcome of OUTCOMES) above[prize.fallbackAt]![outcome]! += best(outcome);
  }
  return most;
}

function ownLoss({ weightBefore, weightAfter }: Weighed, outcome: number): number {
  return (outcome & BEFORE ? weightBefore : 0) - (outcome & AFTER ? weightAfter : 0);
}

function outcomeOf({ worthBefore, worthAfter }: Tree, worth: number): number {
  return ((worthBefore ?? worthAfter) >= worth ? BEFORE : 0) | (worthAfter >= worth ? AFTER : 0);
}

function blame({ prizeId }: Loss, { before, after, state }: Changed & { state: State }): string {
  const { level, streak, timeMs } = state;
  if (levelBonusOf(after, level) < levelBonusOf(before, level)) return `level_bonus_bp.${level}`;
  if (pityBonusOf(after, streak) < pityBonusOf(before, streak)) return 'pity';
  if (periodBonusOf(after, timeMs) < periodBonusOf(before, timeMs)) return 'periods';
  return `prizes.${prizeId}.probability`;
}

function told({ worth, by }: Loss, { level, streak, timeMs }: State): string {
  const prize = worth === 0 ? 'any prize' : `a prize of ${worth / 100} points or more`;
  const when = `at level ${level}, after ${streak} losing draws, at ${new Date(timeMs).toISOString()}`;
  return `the chance to win ${prize} falls by up to ${by} of 10^12 ${when}`;
}
