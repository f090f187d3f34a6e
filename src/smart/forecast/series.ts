/**
 * A series that is forecast, and what it is worked out in. Counts of a larger mean vary more; their square roots vary about the same
 * all over (by 0.5, where they come by chance alone), so that a quiet hour and a full evening go by one measure.
 */

export interface Series {
  /** Of buckets one after the other, each complete, none below zero; null: nothing was counted then. */
  values: readonly (number | null)[];
  /** How many buckets its seasons have, the shortest first. */
  seasons: readonly number[];
  /** What is special about each bucket, and about those to come (occasions.ts); null: nothing. */
  occasions: readonly (string | null)[];
  /** Roots that lie no further apart than this differ by chance: CHANCE of counts, 0 of amounts. */
  leastScale: number;
}

/** Of counts: the standard deviation of the root of a number that comes by chance. */
export const CHANCE = 0.5;

export type Roots = readonly (number | null)[];

export function rootsOf(values: Series['values']): Roots {
  return values.map((value) => (value === null ? null : Math.sqrt(Math.max(0, value))));
}

export function valueOf(root: number): number {
  return Math.max(0, root) ** 2;
}

/** Of two whole seasons both the season and the trend can be told. */
export function neededBuckets(seasons: readonly number[]): number {
  return 2 * Math.max(...seasons);
}
