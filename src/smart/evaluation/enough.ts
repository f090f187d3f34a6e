/** What recommendations have to come to (RS-6, RS-8). */
import type { Comparison } from './compare.ts';

export const BAR = {
  /** NDCG of the hybrid by that of another. */
  byPopularity: 1.3,
  byNeighbours: 1.05,
  distinctShare: 0.5,
  coverage: 0.6,
} as const;

/** In what it falls short; empty: in nothing. */
export function shortOf({ people, models: { hybrid }, ratios }: Comparison): string[] {
  if (people === 0) return ['nobody took anything new'];
  return [
    ...below('NDCG by popularity', ratios.popularity.mean, BAR.byPopularity),
    ...below('NDCG by neighbours', ratios.neighbours.mean, BAR.byNeighbours),
    ...below('distinct lists', hybrid.distinctShare, BAR.distinctShare),
    ...below('coverage', hybrid.coverage, BAR.coverage),
  ];
}

function below(name: string, value: number, bar: number): string[] {
  // A figure that is no number is short as well.
  return value >= bar ? [] : [`${name} ${value.toFixed(3)}, wanted ${bar}`];
}
