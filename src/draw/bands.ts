/** What nine of ten lie between, and the middle. */
export interface Band {
  p5: number;
  p50: number;
  p95: number;
}

/** null: beyond all that was seen. */
export interface OpenBand {
  p5: number | null;
  p50: number | null;
  p95: number | null;
}

export function bandOf(values: readonly number[]): Band {
  // Sorted as numbers: of a hundred prizes there are thousands of bands.
  const sorted = new Float64Array(values).sort();
  return { p5: quantile(sorted, 0.05)!, p50: quantile(sorted, 0.5)!, p95: quantile(sorted, 0.95)! };
}

/** @param values at least one; null counts as larger than any number */
export function openBandOf(values: readonly (number | null)[]): OpenBand {
  const sorted = [...values].sort((a, b) => (a ?? Infinity) - (b ?? Infinity) || 0);
  return { p5: quantile(sorted, 0.05), p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) };
}

/** Between two values that which lies between them, as far as it does. */
function quantile(sorted: ArrayLike<number | null>, share: number): number | null {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  if (below === null || above === null) return null;
  return below + (above - below) * (place - Math.floor(place));
}
