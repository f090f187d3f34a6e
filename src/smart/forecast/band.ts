/**
 * Between which values nine of ten buckets will lie: as far from the forecast as nine of ten were from the forecasts that were made for
 * them when they were to come (split conformal prediction). What the model itself says of it is far too narrow, which is measured in
 * `npm run eval:forecast`.
 */
import { quantile } from 'simple-statistics';
import type { Rolled } from './roll.ts';
import type { Roots } from './series.ts';

export const BAND = 0.9;
/** Forecasts are told apart by how far ahead they are, in groups of so many buckets. */
const GROUP = 7;
/** With fewer, all that are not further ahead stand in for them. */
const MEASURED = 20;
/** An occasion has been once or twice: nobody knows how much it varies. In parts of the usual width. */
const OF_OCCASION = 1.6;

export interface Measured {
  /** Those that were made before `now`. */
  rolled: readonly Rolled[];
  roots: Roots;
  /** How many buckets are known. */
  now: number;
}

/** By how much the roots of the next buckets may differ from the forecast, in either direction. */
export function widthsOf({ rolled, roots, now }: Measured, horizon: number): number[] {
  const groups = Math.ceil(horizon / GROUP);
  const misses: number[][] = Array.from({ length: groups }, () => []);
  for (const { origin, next } of rolled)
    next.slice(0, Math.min(horizon, now - origin)).forEach((expected, ahead) => {
      const root = roots[origin + ahead];
      if (expected === null || expected.occasion !== null || root == null) return;
      misses[Math.floor(ahead / GROUP)]!.push(Math.abs(root - expected.root));
    });
  const widths: number[] = [];
  for (const [at, of] of misses.entries()) {
    const measured = of.length >= MEASURED ? of : misses.slice(0, at + 1).flat();
    // What lies further ahead is not known better.
    widths.push(Math.max(widths.at(-1) ?? 0, conformalQuantile(measured)));
  }
  return Array.from({ length: horizon }, (_, ahead) => widths[Math.floor(ahead / GROUP)]!);
}

export function widthOf(width: number, occasion: string | null): number {
  return occasion === null ? width : width * OF_OCCASION;
}

/** Of one more value, by the order of those that there are. */
function conformalQuantile(misses: readonly number[]): number {
  if (misses.length === 0) return 0;
  const part = Math.min(1, Math.ceil((misses.length + 1) * BAND) / misses.length);
  return quantile([...misses], part);
}
