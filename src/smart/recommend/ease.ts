/**
 * A linear model in which each item is told by all others, in closed form: with G what items have in common and P = (G + λI)⁻¹, the
 * weight of item i for item j is −P[i, j] / P[j, j], and 0 for itself.
 */
import { inverse, Matrix } from 'ml-matrix';
import type { Scorer } from './history.ts';

export interface Ease {
  items: number;
  /** Of `items` × `items`: row i, what having i says of each other item. */
  weights: Float32Array;
}

/** @param counts as of countsTogether. @param lambda people that say of each item that it has to do with no other */
export function easeOf(counts: Float64Array, items: number, lambda: number): Ease {
  const weights = new Float32Array(items * items);
  if (items === 0) return { items, weights };
  const gram = Matrix.from1DArray(items, items, counts);
  for (let item = 0; item < items; item++) gram.set(item, item, gram.get(item, item) + lambda);
  const inverted = inverse(gram);
  for (let one = 0; one < items; one++)
    for (let other = 0; other < items; other++)
      if (one !== other)
        weights[one * items + other] = -inverted.get(one, other) / inverted.get(other, other);
  return { items, weights };
}

export function easeScorer({ items, weights }: Ease): Scorer {
  return {
    score(own) {
      const scores = new Float64Array(items);
      for (const { item } of own) {
        const row = item * items;
        for (let other = 0; other < items; other++) scores[other]! += weights[row + other]!;
      }
      return scores;
    },
  };
}
