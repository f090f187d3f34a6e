/** Two parts of what failed together, so that the search for the one at fault goes on; none of a single item. */
export function halvesOf<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [];
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}
