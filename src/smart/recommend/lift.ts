/**
 * How much likelier somebody is to have an item who has another one: the logarithm of how many have both, by how many would if one had
 * nothing to do with the other. What all have says nothing here, unlike of a cosine: it is told by how popular it is, and once.
 */
import type { Scorer, Taken } from './history.ts';

export interface Lift {
  items: number;
  /** Of `items` × `items`: row i, what having i says of each other item. */
  weights: Float32Array;
}

/** @param counts as of countsTogether. @param shrinkage people who have both, added to either count */
export function liftOf(
  counts: Float64Array,
  items: number,
  { people, shrinkage }: { people: number; shrinkage: number },
): Lift {
  const weights = new Float32Array(items * items);
  for (let one = 0; one < items; one++)
    for (let other = 0; other < items; other++) {
      if (one === other) continue;
      const expected = (counts[one * items + one]! * counts[other * items + other]!) / Math.max(1, people);
      const together = counts[one * items + other]!;
      weights[one * items + other] = Math.log((together + shrinkage) / (expected + shrinkage));
    }
  return { items, weights };
}

/** Items of one person say much the same: their sum grows with the root of how many there are. */
export function liftScorer({ items, weights }: Lift, weightOfOwn: (taken: Taken) => number): Scorer {
  return {
    score(own) {
      const scores = new Float64Array(items);
      let all = 0;
      for (const taken of own) {
        const weight = weightOfOwn(taken);
        const row = taken.item * items;
        all += weight;
        for (let other = 0; other < items; other++) scores[other]! += weight * weights[row + other]!;
      }
      return scores.map((score) => score / Math.sqrt(all + 1));
    },
  };
}
