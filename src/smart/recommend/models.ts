/** All models of one history. */
import { contentScorer, featureNames, sharesOf, type Features, type Shares } from './content.ts';
import { countsTogether } from './counts.ts';
import { easeOf, easeScorer, type Ease } from './ease.ts';
import type { History, Scorer, Taken } from './history.ts';
import { liftOf, liftScorer, type Lift } from './lift.ts';
import { neighboursOf, neighbourScorer } from './neighbours.ts';
import type { Part } from './parts.ts';
import { logarithmOf, popularityOf, recentPopularityOf, sameForAll } from './popularity.ts';

export interface Parameters {
  neighbours: number;
  /** Of neighbours, in people. */
  shrinkage: number;
  /** Of lift, in people who have both. */
  liftShrinkage: number;
  lambda: number;
  /** Of popularity. */
  halfLifeDays: number;
  /** Of what somebody has taken, as a sign of what they like now. */
  tasteHalfLifeDays: number;
}

export const PARAMETERS: Parameters = {
  neighbours: 50,
  shrinkage: 10,
  liftShrinkage: 1,
  lambda: 300,
  halfLifeDays: 5,
  tasteHalfLifeDays: 120,
};

const DAY_MS = 86_400_000;

/** What scorers of a hybrid are made of. */
export interface Learned {
  /** As logarithms. */
  recent: Float64Array;
  lift: Lift;
  ease: Ease;
  shares: Shares;
  names: readonly (readonly string[])[];
}

export interface Learning {
  items: number;
  /** Of each item; undefined: nothing is known of them, and the content says nothing. */
  features: readonly Features[] | undefined;
  nowMs: number;
}

export function learn(
  history: History,
  { items, features, nowMs }: Learning,
  { lambda, liftShrinkage: shrinkage, halfLifeDays }: Parameters = PARAMETERS,
  counts: Float64Array = countsTogether(history, items),
): Learned {
  const people = history.reduce((sum, own) => sum + (own.length > 0 ? 1 : 0), 0);
  const names = features?.map(featureNames) ?? Array.from({ length: items }, () => []);
  return {
    recent: logarithmOf(recentPopularityOf(history, items, { nowMs, halfLifeDays })),
    lift: liftOf(counts, items, { people, shrinkage }),
    ease: easeOf(counts, items, lambda),
    shares: sharesOf(names, popularityOf(history, items)),
    names,
  };
}

export function partScorers(
  { recent, lift, ease, shares, names }: Learned,
  nowMs: number,
  { tasteHalfLifeDays }: Parameters = PARAMETERS,
): Record<Part, Scorer> {
  const lately = weightOfTaken(nowMs, tasteHalfLifeDays);
  return {
    recent: sameForAll(recent),
    lift: liftScorer(lift, lately),
    ease: easeScorer(ease),
    content: contentScorer(names, shares, lately),
  };
}

/** What a hybrid is measured against. */
export function plainScorers(
  history: History,
  items: number,
  { neighbours: most, shrinkage }: Parameters = PARAMETERS,
): Record<'popularity' | 'neighbours', Scorer> {
  const counts = countsTogether(history, items);
  return {
    popularity: sameForAll(popularityOf(history, items)),
    neighbours: neighbourScorer(neighboursOf(counts, items, { most, shrinkage })),
  };
}

/** What somebody did long ago says less of what they like. */
export function weightOfTaken(nowMs: number, halfLifeDays: number): (taken: Taken) => number {
  return ({ atMs }) => 2 ** (-Math.max(0, nowMs - atMs) / DAY_MS / halfLifeDays);
}
