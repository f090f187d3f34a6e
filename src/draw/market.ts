/**
 * The rules of a market for campaigns: what must be told before one starts, what a prize may be worth, and which changes of
 * a published one are in the diner's favour. Pure, as the engine beside it, whose tables it judges.
 *
 * How it is called:
 * - before a draft starts: `missingDisclosures` and `marketProblems` are to be empty;
 * - before a published campaign changes, and before its stock does: `worsenings` is to be empty. `before` and `after` are
 *   the whole terms as of one moment, `before` read under the lock under which the change is stored.
 * A prize that is new has a `prize_id` that no other has; which one does not matter.
 */
import { worseChances } from './chances.ts';
import { hundredthsOf } from './hundredths.ts';
import type { DrawConfig } from './odds.ts';
import { DISCLOSURES, type PrizeTerms, type Terms, type TermsProblem } from './terms.ts';

interface MarketRules {
  /** Whether diners must be told all of DISCLOSURES, and a published campaign only changes in their favour. */
  protectsDiners: boolean;
  /** In 1/100 of a point; null: none. */
  highestPrizeHundredths: number | null;
}

/**
 * CN: a prize is worth 50,000 yuan at most. A prize's value is in points, and a point is a yuan: the rebate of 1 to 5 % of a
 * bill is given as so many points as it is yuan (src/points/rules/defaults.ts).
 */
export const MARKETS = {
  CN: { protectsDiners: true, highestPrizeHundredths: 50_000_00 },
  none: { protectsDiners: false, highestPrizeHundredths: null },
} as const satisfies Record<string, MarketRules>;

export type Market = keyof typeof MARKETS;

/** What is worse for a diner than it was, where that may not be: nothing, if the change is in their favour alone (RL-1). */
export function worsenings(
  market: Market,
  { before, after }: { before: Terms; after: Terms },
): TermsProblem[] {
  if (!MARKETS[market].protectsDiners) return [];
  return [
    ...MEASURES.flatMap((measure) => worseMeasure(measure, before, after)),
    ...CIRCLES.flatMap(({ path, of }) =>
      isSmaller(of(before) ?? [], of(after) ?? [])
        ? [{ path, reason: 'leaves somebody or something out' }]
        : [],
    ),
    ...untold(after)
      .filter((name) => !untold(before).includes(name))
      .map((name) => ({ path: `disclosures.${name}`, reason: 'is no longer told' })),
    ...before.prizes.flatMap((prize) => worsePrize(prize, after)),
    ...worseChances(before, after),
  ];
}

/** What has to be told and is not, by name (RL-2). `prizes` and `quantity_or_odds` are told by the prizes themselves. */
export function missingDisclosures(
  market: Market,
  terms: Pick<Terms, 'prizes' | 'guarantee' | 'disclosures'>,
): string[] {
  if (!MARKETS[market].protectsDiners) return [];
  const missing: string[] = untold(terms);
  if (terms.prizes.every(({ stock, p }) => stock === null && p === 0)) missing.unshift('quantity_or_odds');
  if (terms.prizes.length === 0) missing.unshift('prizes');
  return missing;
}

/** What a market does not let be won (RL-2). */
export function marketProblems(market: Market, { prizes }: Pick<DrawConfig, 'prizes'>): TermsProblem[] {
  const highest = MARKETS[market].highestPrizeHundredths;
  if (highest === null) return [];
  return prizes
    .filter(({ value }) => hundredthsOf(value) > highest)
    .map(({ prize_id }) => ({
      path: `prizes.${prize_id}.value`,
      reason: `is above ${highest / 100} points, the highest prize of the market ${market}`,
    }));
}

/** A number that may move one way only. */
interface Measure {
  path: string;
  better: 'more' | 'less';
  of(terms: Terms): number;
}

/** What is not limited is more than any limit, and what is not asked for less than any demand. */
const MEASURES: readonly Measure[] = [
  { path: 'starts_at', better: 'less', of: ({ starts_at }) => Date.parse(starts_at) },
  { path: 'ends_at', better: 'more', of: ({ ends_at }) => Date.parse(ends_at) },
  { path: 'cost_per_draw', better: 'less', of: ({ cost_per_draw }) => hundredthsOf(cost_per_draw) },
  { path: 'total_draws', better: 'more', of: ({ total_draws }) => total_draws ?? Infinity },
  {
    path: 'draws_per_user_per_day',
    better: 'more',
    of: ({ draws_per_user_per_day }) => draws_per_user_per_day ?? Infinity,
  },
  { path: 'free_draws_per_day', better: 'more', of: ({ free_draws_per_day }) => free_draws_per_day },
  { path: 'wins_per_user', better: 'more', of: ({ wins_per_user }) => wins_per_user ?? Infinity },
  { path: 'draws_per_second', better: 'more', of: ({ draws_per_second }) => draws_per_second ?? Infinity },
  { path: 'claim_days', better: 'more', of: ({ claim_days }) => claim_days ?? Infinity },
  { path: 'return_unclaimed', better: 'more', of: ({ return_unclaimed }) => Number(return_unclaimed) },
  {
    path: 'conditions.min_level',
    better: 'less',
    of: ({ conditions }) => conditions?.min_level ?? -Infinity,
  },
  { path: 'conditions.max_level', better: 'more', of: ({ conditions }) => conditions?.max_level ?? Infinity },
  {
    path: 'conditions.min_history_points',
    better: 'less',
    of: ({ conditions }) => conditions?.min_history_points ?? -Infinity,
  },
  {
    path: 'conditions.registered_before',
    better: 'more',
    of: ({ conditions }) => momentOr(conditions?.registered_before, Infinity),
  },
  {
    path: 'conditions.registered_after',
    better: 'less',
    of: ({ conditions }) => momentOr(conditions?.registered_after, -Infinity),
  },
];

/** Who or what belongs to something, where belonging is good; nobody named: everybody. */
const CIRCLES: readonly { path: string; of(terms: Terms): readonly unknown[] | null | undefined }[] = [
  { path: 'restaurant_ids', of: ({ restaurant_ids }) => restaurant_ids },
  { path: 'conditions.segments', of: ({ conditions }) => conditions?.segments },
  { path: 'conditions.visited_restaurant_ids', of: ({ conditions }) => conditions?.visited_restaurant_ids },
];

function worseMeasure({ path, better, of }: Measure, before: Terms, after: Terms): TermsProblem[] {
  const was = of(before);
  const becomes = of(after);
  // Asked the other way round, so that what is no number at all is refused.
  if (better === 'more' ? becomes >= was : becomes <= was) return [];
  return [{ path, reason: better === 'more' ? 'may only grow' : 'may only shrink' }];
}

function isSmaller(before: readonly unknown[], after: readonly unknown[]): boolean {
  if (after.length === 0) return false;
  return before.length === 0 || before.some((one) => !after.includes(one));
}

/** The way prizes are drawn is judged as a whole, by `worseChances`; this is what each is by itself. */
function worsePrize(prize: PrizeTerms, after: Terms): TermsProblem[] {
  const path = `prizes.${prize.prize_id}`;
  const becomes = after.prizes.find(({ prize_id }) => prize_id === prize.prize_id);
  if (becomes === undefined) return [{ path, reason: 'may not be taken away' }];
  const problems: TermsProblem[] = [];
  if (becomes.type !== prize.type) problems.push({ path: `${path}.type`, reason: 'may not change' });
  if (hundredthsOf(becomes.value) < hundredthsOf(prize.value))
    problems.push({ path: `${path}.value`, reason: 'may only grow' });
  if (quantityOf(becomes) < quantityOf(prize))
    problems.push({ path: `${path}.stock`, reason: 'may only grow' });
  return problems;
}

function quantityOf({ stock, won }: PrizeTerms): number {
  return stock === null ? Infinity : stock + won;
}

function untold({ disclosures }: Pick<Terms, 'disclosures'>): (typeof DISCLOSURES)[number][] {
  return DISCLOSURES.filter((name) => (disclosures?.[name] ?? '').trim() === '');
}

function momentOr(moment: string | undefined, otherwise: number): number {
  return moment === undefined ? otherwise : Date.parse(moment);
}
