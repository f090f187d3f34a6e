/** How values that are never below zero lie, in bounded memory however many there are. */

const DIGITS = 3;

export interface SpreadFigures {
  entries: number;
  mean: number;
  median: number;
  p90: number;
}

/** Quantiles are exact to three digits: a page has a few thousand such values at the most, whoever was on it for however long. */
export class Spread {
  private readonly counts = new Map<number, number>();
  private entries = 0;
  private sum = 0;

  add(value: number): void {
    const rounded = Number(value.toPrecision(DIGITS));
    this.counts.set(rounded, (this.counts.get(rounded) ?? 0) + 1);
    this.entries += 1;
    this.sum += value;
  }

  /** Of nothing there are none. */
  figures(): SpreadFigures | undefined {
    if (this.entries === 0) return undefined;
    const sorted = [...this.counts].sort(([a], [b]) => a - b);
    const quantile = (share: number) => valueAt(sorted, Math.ceil(this.entries * share));
    return {
      entries: this.entries,
      mean: this.sum / this.entries,
      median: quantile(0.5),
      p90: quantile(0.9),
    };
  }
}

/** @param place from 1 */
function valueAt(sorted: readonly (readonly [value: number, count: number])[], place: number): number {
  let before = 0;
  for (const [value, count] of sorted) {
    before += count;
    if (before >= place) return value;
  }
  return sorted.at(-1)![0];
}
