/** Several scores of one person as one: their weighted sum. All are logarithms of how likely something is, or stand for one. */
import type { Scorer, Scores, Taken } from './history.ts';
import { PARTS, type Part } from './parts.ts';

export type Weights = Readonly<Record<Part, number>>;
type Scorers = Readonly<Record<Part, Scorer>>;
type ScoresOf = Readonly<Record<Part, Scores>>;

export function hybridScorer(scorers: Scorers, weights: Weights): Scorer {
  return { score: (own) => combined(scoresOf(scorers, own), weights) };
}

export function scoresOf(scorers: Scorers, own: readonly Taken[]): ScoresOf {
  return Object.fromEntries(PARTS.map((part) => [part, scorers[part].score(own)])) as ScoresOf;
}

export function combined(scores: ScoresOf, weights: Weights): Scores {
  const sum = new Float64Array(scores.recent.length);
  for (const part of PARTS) {
    const weight = weights[part];
    const ofPart = scores[part];
    if (weight !== 0) for (let item = 0; item < sum.length; item++) sum[item]! += weight * ofPart[item]!;
  }
  return sum;
}
