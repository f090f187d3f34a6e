/*
 * Forecasts of a series from several moments of its past, each of which knows nothing of what came later: how well they did is what
 * bands and anomalies are measured by.
 *
 * A bucket with an occasion, as a day of a festival, is left out of the fit. What it differed by in earlier years is what it will differ
 * by; where there are none, nothing is said of it. A bucket that was far from what was expected counts as its nearest usual value for
 * forecasts that follow, so that one bad evening is not taken for a habit; after some of them in the same direction it is one.
 */
import { mean, medianAbsoluteDeviation } from 'simple-statistics';
import { filled } from './filled.ts';
import { fitSeasonal } from './fit.ts';
import { rootsOf, type Roots, type Series } from './series.ts';

export interface Expected {
  root: number;
  /** null: an ordinary bucket. */
  occasion: string | null;
}

export interface Rolled {
  /** How many buckets it knew. */
  origin: number;
  /** null: it has an occasion that has never been. */
  next: readonly (Expected | null)[];
}

export interface Rolling {
  /** Rising. */
  origins: readonly number[];
  horizon: number;
}

/** Of the robust standard deviation of what forecasts miss by: from there on it is taken for its nearest usual value. */
const FAR = 4;
/** So many of those in a row and in one direction are a new level. */
const HABIT = 3;
/** Fewer say nothing of how far they miss. */
const MEASURED = 14;
/** Of a normal distribution: its standard deviation by its median absolute one. */
const NORMAL = 1.4826;

export function robustScale(misses: readonly number[]): number {
  return misses.length === 0 ? 0 : NORMAL * medianAbsoluteDeviation([...misses]);
}

export function roll(series: Series, { origins, horizon }: Rolling): Rolled[] {
  const roots: (number | null)[] = [...rootsOf(series.values)];
  const misses: number[] = [];
  const rolled: Rolled[] = [];
  let inRow = 0;
  for (const [at, origin] of origins.entries()) {
    const next = forecastFrom(series, roots.slice(0, origin), horizon);
    rolled.push({ origin, next });
    // What came until the next moment, before that one is looked at from.
    for (let ahead = 0; origin + ahead < (origins[at + 1] ?? 0) && ahead < horizon; ahead++) {
      const [expected, root] = [next[ahead], roots[origin + ahead]];
      if (expected == null || root == null || expected.occasion !== null) continue;
      const miss = root - expected.root;
      const most = FAR * Math.max(series.leastScale, robustScale(misses));
      const isFar = misses.length >= MEASURED && most > 0 && Math.abs(miss) > most;
      inRow = !isFar ? 0 : Math.sign(inRow) === Math.sign(miss) ? inRow + Math.sign(miss) : Math.sign(miss);
      if (isFar && Math.abs(inRow) <= HABIT) roots[origin + ahead] = expected.root + Math.sign(miss) * most;
      misses.push(miss);
    }
  }
  return rolled;
}

function forecastFrom(series: Series, roots: Roots, horizon: number): (Expected | null)[] {
  const { seasons, occasions } = series;
  const origin = roots.length;
  const ordinary = roots.map((root, at) => (occasions[at] == null ? root : null));
  const { fitted, next } = fitSeasonal({ roots: filled(ordinary, Math.max(...seasons)), seasons, horizon });
  const effects = effectsOf(roots, fitted, occasions);
  return next.map((root, ahead) => {
    const occasion = occasions[origin + ahead] ?? null;
    if (occasion === null) return { root: Math.max(0, root), occasion };
    const effect = effects.get(occasion);
    return effect === undefined ? null : { root: Math.max(0, root * effect), occasion };
  });
}

/** By what part of its ordinary value a bucket with an occasion differed, of those that there were. */
function effectsOf(
  roots: Roots,
  fitted: readonly number[],
  occasions: Series['occasions'],
): Map<string, number> {
  const parts = new Map<string, number[]>();
  roots.forEach((root, at) => {
    const occasion = occasions[at];
    if (occasion == null || root === null || !(fitted[at]! > 0)) return;
    parts.set(occasion, [...(parts.get(occasion) ?? []), root / fitted[at]!]);
  });
  return new Map([...parts].map(([occasion, of]) => [occasion, mean(of)]));
}
