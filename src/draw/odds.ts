/**
 * From a published configuration to the intervals a roll falls into. Exact integers, the same answer in any language.
 *
 * A prize's weight is p × (10000 + bonuses), in units of 10⁻¹², where p is its probability in units of 10⁻⁸. Weights are
 * laid end to end in the order (sort_order, prize_id); a roll in [0, 10¹²) wins the prize whose interval it falls into, or
 * nothing when it lies beyond the last one.
 */

/** One more than the largest roll. */
export const ROLL_RANGE = 1_000_000_000_000;
/** A probability without bonuses, in 1/10000 of itself. */
export const BASE_BP = 10_000;

export interface PrizeConfig {
  prize_id: number;
  sort_order: number;
  name: string;
  type: string;
  /** Points with two decimals, as text. */
  value: string;
  /** Probability in units of 10⁻⁸. */
  p: number;
  /** Remaining stock when the configuration took effect; null: unlimited. */
  stock: number | null;
  fallback_prize_id: number | null;
}

/** What the fairness log publishes as `config`; everything a draw's outcome depends on besides seeds and stock changes. */
export interface DrawConfig {
  cost_per_draw: string;
  prizes: PrizeConfig[];
  guarantee: { threshold: number; prize_id: number } | null;
  pity: { after: number; bonus_bp: number }[];
  level_bonus_bp: Record<string, number>;
  periods: { starts_at: string; ends_at: string; bonus_bp: number }[];
}

/** The bonuses of one draw, in 1/10000 of the base probability. */
export interface Bonuses {
  level_bp: number;
  period_bp: number;
  pity_bp: number;
}

/** Prizes in roll order with the upper end of each interval. */
export interface OddsTable {
  prizeIds: number[];
  /** cumulative[i] is the first roll beyond prize i. */
  cumulative: number[];
}

export interface Interval {
  prizeId: number | null;
  from: number;
  to: number;
}

/** The table for a sum of bonuses. Cumulative weights above 10¹² are scaled down to it. */
export function buildOddsTable(prizes: readonly PrizeConfig[], bonusBp: number): OddsTable {
  const ordered = [...prizes].sort((a, b) => a.sort_order - b.sort_order || a.prize_id - b.prize_id);
  const factor = BigInt(BASE_BP + bonusBp);
  const range = BigInt(ROLL_RANGE);
  const weights = ordered.map((prize) => BigInt(prize.p) * factor);
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  const scaled = total > range ? weights.map((weight) => (weight * range) / total) : weights;
  let sum = 0n;
  const cumulative = scaled.map((weight) => Number((sum += weight)));
  return { prizeIds: ordered.map((prize) => prize.prize_id), cumulative };
}

/** Whether the table for a sum of bonuses is scaled down. */
export function oddsAreScaled(prizes: readonly PrizeConfig[], bonusBp: number): boolean {
  const sum = prizes.reduce((total, { p }) => total + BigInt(p), 0n);
  return sum * BigInt(BASE_BP + bonusBp) > BigInt(ROLL_RANGE);
}

/** The interval a roll falls into: the first prize whose cumulative weight exceeds it, or the rest of the range. */
export function findInterval({ prizeIds, cumulative }: OddsTable, roll: number): Interval {
  let low = 0;
  let high = cumulative.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cumulative[middle]! > roll) high = middle;
    else low = middle + 1;
  }
  const from = low === 0 ? 0 : cumulative[low - 1]!;
  if (low === cumulative.length) return { prizeId: null, from, to: ROLL_RANGE };
  return { prizeId: prizeIds[low]!, from, to: cumulative[low]! };
}

export function levelBonusOf(config: DrawConfig, level: number): number {
  return config.level_bonus_bp[String(level)] ?? 0;
}

/** The bonuses of all periods that hold at a moment, added up. */
export function periodBonusOf(config: DrawConfig, timeMs: number): number {
  let sum = 0;
  for (const period of config.periods) {
    if (Date.parse(period.starts_at) <= timeMs && timeMs < Date.parse(period.ends_at)) sum += period.bonus_bp;
  }
  return sum;
}

/** The bonus of the last step that the losing streak has reached. */
export function pityBonusOf(config: DrawConfig, streak: number): number {
  let reached = -1;
  let bonus = 0;
  for (const step of config.pity) {
    if (step.after <= streak && step.after > reached) {
      reached = step.after;
      bonus = step.bonus_bp;
    }
  }
  return bonus;
}

/**
 * Everything wrong with a configuration as a whole: probabilities beyond 1, a fallback that leads nowhere or in a circle,
 * a guarantee prize that is not in it. Empty when it may be published.
 */
export function configProblems(config: DrawConfig): string[] {
  const problems: string[] = [];
  const byId = new Map(config.prizes.map((prize) => [prize.prize_id, prize]));
  const sum = config.prizes.reduce((total, prize) => total + prize.p, 0);
  if (sum > 100_000_000) problems.push(`probabilities add up to ${sum / 1e8}, more than 1`);
  if (byId.size < config.prizes.length) problems.push('a prize is there twice');
  for (const prize of config.prizes) {
    if (!Number.isSafeInteger(prize.p) || prize.p < 0)
      problems.push(`prize ${prize.prize_id}: p is not a whole number ≥ 0`);
    if (prize.stock !== null && (!Number.isSafeInteger(prize.stock) || prize.stock < 0)) {
      problems.push(`prize ${prize.prize_id}: stock is not a whole number ≥ 0`);
    }
    const seen = new Set<number>();
    for (let at: PrizeConfig | undefined = prize; at !== undefined && at.fallback_prize_id !== null;) {
      if (seen.has(at.prize_id)) {
        problems.push(`prize ${prize.prize_id}: its fallback chain is a circle`);
        break;
      }
      seen.add(at.prize_id);
      const next: PrizeConfig | undefined = byId.get(at.fallback_prize_id);
      if (next === undefined)
        problems.push(`prize ${at.prize_id}: its fallback is not a prize of the campaign`);
      at = next;
    }
  }
  if (config.guarantee !== null && !byId.has(config.guarantee.prize_id)) {
    problems.push('the guarantee prize is not a prize of the campaign');
  }
  return problems;
}
