/** How good lists are. Each measure is of one person, from 0 to 1; what is said of all is their mean. */
import type { Random } from '../../draw/random.ts';

/** Of a list of so many. */
export const TOP = 10;

/** How much of what they took is in the list, of as much as a list can have. */
export function recallOf(list: readonly number[], taken: ReadonlySet<number>): number {
  const hits = list.filter((item) => taken.has(item)).length;
  return hits / Math.min(TOP, taken.size);
}

/** As `recallOf`, and further up counts more. */
export function ndcgOf(list: readonly number[], taken: ReadonlySet<number>): number {
  const gain = list.reduce((sum, item, at) => sum + (taken.has(item) ? gainAt(at) : 0), 0);
  const most = Array.from({ length: Math.min(TOP, taken.size) }, (_, at) => gainAt(at));
  return gain / sumOf(most);
}

function gainAt(at: number): number {
  return 1 / Math.log2(at + 2);
}

export function meanOf(values: ArrayLike<number>): number {
  return values.length === 0 ? 0 : sumOf(values) / values.length;
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  return sum;
}

/** 95 of 100 samples of as many people, drawn with repetition, lie in it. */
export interface Interval {
  low: number;
  high: number;
}

const SAMPLES = 1000;

/** @param statistic of the places of some people */
export function bootstrap(
  people: number,
  statistic: (places: Int32Array) => number,
  random: Random,
  samples = SAMPLES,
): Interval {
  const places = new Int32Array(people);
  const found = Float64Array.from({ length: samples }, () => {
    for (let at = 0; at < people; at++) places[at] = random.below(people);
    return statistic(places);
  }).sort();
  const at = (part: number) => found[Math.min(samples - 1, Math.floor(samples * part))]!;
  return { low: at(0.025), high: at(0.975) };
}

/** How many of the lists are like no other, the order within a list aside. */
export function distinctShareOf(lists: readonly (readonly number[])[]): number {
  const keys = lists.map((list) => [...list].sort((a, b) => a - b).join(' '));
  return keys.length === 0 ? 0 : new Set(keys).size / keys.length;
}

/** Which part of the items is in somebody's list. */
export function coverageOf(lists: readonly (readonly number[])[], items: number): number {
  return items === 0 ? 0 : new Set(lists.flat()).size / items;
}
