/** Of moments: how many lie within so long of each other, at most. */
export function mostWithin(moments: readonly number[], withinMs: number): number {
  const sorted = [...moments].sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < sorted.length; last++) {
    while (sorted[last]! - sorted[first]! >= withinMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
