/** Items that the same people have: of each item, the few that are most like it. */
import type { Scorer } from './history.ts';

export interface Neighbours {
  items: number;
  /** Of item i: from i × most to (i + 1) × most; -1: there are no more. */
  others: Int32Array;
  weights: Float32Array;
  most: number;
}

/**
 * The cosine of their columns, and less of it where few people have them, of whom little is known. Of each item at most so many, the
 * likest first; at the same weight the lower item.
 * @param counts as of countsTogether
 * @param shrinkage people, added to the product of the lengths
 */
export function neighboursOf(
  counts: Float64Array,
  items: number,
  { most, shrinkage }: { most: number; shrinkage: number },
): Neighbours {
  const people = (item: number) => counts[item * items + item]!;
  const others = new Int32Array(items * most).fill(-1);
  const weights = new Float32Array(items * most);
  for (let one = 0; one < items; one++) {
    const found: { other: number; weight: number }[] = [];
    for (let other = 0; other < items; other++) {
      const together = other === one ? 0 : counts[one * items + other]!;
      if (together > 0)
        found.push({ other, weight: together / (Math.sqrt(people(one) * people(other)) + shrinkage) });
    }
    found.sort((a, b) => b.weight - a.weight || a.other - b.other);
    found.slice(0, most).forEach(({ other, weight }, nth) => {
      others[one * most + nth] = other;
      weights[one * most + nth] = weight;
    });
  }
  return { items, others, weights, most };
}

/** Adds up what somebody's own items are like. */
export function neighbourScorer({ items, others, weights, most }: Neighbours): Scorer {
  return {
    score(own) {
      const scores = new Float64Array(items);
      for (const { item } of own)
        for (let at = item * most; at < (item + 1) * most; at++) {
          const other = others[at]!;
          if (other < 0) break;
          scores[other]! += weights[at]!;
        }
      return scores;
    },
  };
}
