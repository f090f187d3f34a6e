/**
 * What items are, not who has them: known of a new item at once. A person is told by how much more often than others they take what is of
 * a kind, a price, a restaurant or a word.
 */
import type { Scorer, Taken } from './history.ts';

/** What an item is, as it is known before anybody has it. Points are whole points. */
export interface Features {
  /** campaign, product, way or offer. */
  type: string;
  /** What a draw or a piece costs, or a way brings. */
  price: number | null;
  /** What the best of it is worth. */
  value: number | null;
  restaurants: readonly number[];
  /** Its name, and names of prizes. */
  text: string;
}

/** Of all that is taken, the part that has a feature, by its name. */
export type Shares = ReadonlyMap<string, number>;

/** Prices that differ by less than this factor are one price. */
const PRICE_STEP = 2;
/** Names of one item, the longest texts aside. */
const MOST_WORDS = 40;
/** So many things taken by everybody stand behind what one person has taken. */
const PRIOR = 15;
const LETTERS = /[\p{L}\p{N}]+/gu;
const HAN = /\p{Script=Han}/u;

export function featureNames({ type, price, value, restaurants, text }: Features): string[] {
  return [
    ...new Set([
      `type ${type}`,
      ...(price === null ? [] : [`price ${stepOf(price)}`]),
      ...(value === null ? [] : [`value ${stepOf(value)}`]),
      ...restaurants.map((id) => `restaurant ${id}`),
      ...wordsOf(text)
        .slice(0, MOST_WORDS)
        .map((word) => `word ${word}`),
    ]),
  ];
}

function stepOf(points: number): number {
  return Math.round(Math.log(Math.max(1, points)) / Math.log(PRICE_STEP));
}

/** Words; of Chinese, which has no spaces, each two characters. */
function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(LETTERS) ?? []).flatMap((run) => {
    if (!HAN.test(run)) return [run];
    const characters = [...run];
    return characters.length === 1
      ? characters
      : characters.slice(1).map((character, at) => characters[at]! + character);
  });
}

/** @param counts how often each item was taken */
export function sharesOf(names: readonly (readonly string[])[], counts: Float64Array): Shares {
  const sums = new Map<string, number>();
  let all = 0;
  names.forEach((ofItem, item) => {
    all += counts[item]!;
    for (const name of ofItem) sums.set(name, (sums.get(name) ?? 0) + counts[item]!);
  });
  return new Map([...sums].flatMap(([name, sum]) => (sum > 0 ? [[name, sum / all] as const] : [])));
}

/** How much more of it somebody takes than others do, of each feature as a logarithm; what nobody has taken says nothing. */
export function preferencesOf(
  taken: readonly { names: readonly string[]; weight: number }[],
  shares: Shares,
): (names: readonly string[]) => number {
  const sums = new Map<string, number>();
  let all = 0;
  for (const { names, weight } of taken) {
    all += weight;
    for (const name of names) sums.set(name, (sums.get(name) ?? 0) + weight);
  }
  const known = new Map<string, number>();
  const preferenceOf = (name: string) => {
    const share = shares.get(name);
    if (share === undefined) return 0;
    const kept = known.get(name);
    if (kept !== undefined) return kept;
    const found = Math.log(((sums.get(name) ?? 0) + PRIOR * share) / ((all + PRIOR) * share));
    known.set(name, found);
    return found;
  };
  return (names) => names.reduce((sum, name) => sum + preferenceOf(name), 0);
}

export function contentScorer(
  names: readonly (readonly string[])[],
  shares: Shares,
  weightOfOwn: (taken: Taken) => number,
): Scorer {
  return {
    score(own) {
      const scores = new Float64Array(names.length);
      if (own.length === 0) return scores;
      const taken = own.map((one) => ({ names: names[one.item]!, weight: weightOfOwn(one) }));
      const preference = preferencesOf(taken, shares);
      return scores.map((_, item) => preference(names[item]!));
    },
  };
}
