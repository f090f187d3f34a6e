/** How far buckets were from what was expected of them when they were to come, and from where on that is no chance. */
import { probit } from 'simple-statistics';
import { robustScale, type Rolled } from './roll.ts';
import { valueOf, type Roots } from './series.ts';

export interface Deviation {
  /** Which bucket. */
  at: number;
  value: number;
  expected: number;
  /** In standard deviations of what forecasts miss by; below zero: less than was expected. */
  score: number;
  /** How many others its standard deviation is measured by. */
  measured: number;
}

/** Each bucket from the first forecast on, by the last one that was made before it. Of those with an occasion nothing is told. */
export function deviationsOf(rolled: readonly Rolled[], roots: Roots, leastScale: number): Deviation[] {
  const found = rolled.flatMap(({ origin, next }, at) => {
    const until = Math.min(rolled[at + 1]?.origin ?? Infinity, roots.length);
    return next.flatMap((expected, ahead) => {
      const root = roots[origin + ahead];
      if (origin + ahead >= until || expected === null || expected.occasion !== null || root == null)
        return [];
      return [{ at: origin + ahead, root, expected: expected.root }];
    });
  });
  const scale = Math.max(leastScale, robustScale(found.map(({ root, expected }) => root - expected)));
  return found.map(({ at, root, expected }) => ({
    at,
    value: valueOf(root),
    expected: valueOf(expected),
    score: scale === 0 ? 0 : (root - expected) / scale,
    measured: found.length - 1,
  }));
}

export interface Testing {
  /** Of one false alarm among all of the tests. */
  risk: number;
  /** How many are looked at together. */
  tests: number;
}

/** With fewer neighbours anything may be usual. */
const LEAST_MEASURED = 10;

/**
 * From which score on a deviation is no chance: of so many that are looked at together, the risk of one that is chance is shared among
 * them (Bonferroni), and a standard deviation that was measured by few is trusted less (Student's t, by Cornish and Fisher).
 */
export function alarmScore({ risk, tests }: Testing, measured: number): number {
  if (measured < LEAST_MEASURED) return Infinity;
  const z = probit(1 - risk / (2 * Math.max(1, tests)));
  return z + (z ** 3 + z) / (4 * measured);
}
