/** How often items come together with the same people. */
import type { History } from './history.ts';

/** Of `items` × `items`, row by row; on the diagonal, how many people have the item. */
export function countsTogether(history: History, items: number): Float64Array {
  const counts = new Float64Array(items * items);
  for (const own of history)
    for (const { item: one } of own) {
      const row = one * items;
      for (const { item: other } of own) counts[row + other]! += 1;
    }
  return counts;
}
