/** What many take, ever and lately. */
import type { History, Scorer } from './history.ts';

const DAY_MS = 86_400_000;

/** How many people have each item. */
export function popularityOf(history: History, items: number): Float64Array {
  const counts = new Float64Array(items);
  for (const own of history) for (const { item } of own) counts[item]! += 1;
  return counts;
}

/** As `popularityOf`, and each of them is worth half as much after so many days. */
export function recentPopularityOf(
  history: History,
  items: number,
  { nowMs, halfLifeDays }: { nowMs: number; halfLifeDays: number },
): Float64Array {
  const counts = new Float64Array(items);
  for (const own of history)
    for (const { item, atMs } of own)
      counts[item]! += 2 ** (-Math.max(0, nowMs - atMs) / DAY_MS / halfLifeDays);
  return counts;
}

/** The same for everybody. */
export function sameForAll(scores: Float64Array): Scorer {
  return { score: () => scores.slice() };
}

/** Of what nobody takes lately, as a part of what most people take. */
const NOBODY = 0.003;

/** Of each as a part of the highest. */
export function logarithmOf(counts: Float64Array): Float64Array {
  const highest = counts.reduce((most, count) => Math.max(most, count), 0) || 1;
  return counts.map((count) => Math.log(count / highest + NOBODY));
}

/** As `logarithmOf`, of what is not among them: nobody has it yet. */
export const NEW_ITEM = Math.log(NOBODY);
