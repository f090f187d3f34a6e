/*
 * What a minute's draws lie between as a rule: those of the same hour on the same weekday of the weeks before. Of past days hours are
 * counted, not minutes; a minute of an hour is as chance spreads its draws over it, and which of the weeks this one is like is unknown.
 * So the band is that of a mixture: one Poisson distribution for each week.
 */

/** Above so many a minute the normal distribution is as good. */
const MANY = 400;
const HOUR_MS = 3_600_000;
const MINUTES_PER_HOUR = 60;

export interface UsualMinute {
  p5: number;
  p95: number;
}

export interface DrawnHours {
  /** By the beginning of the hour, in milliseconds from that of the day; below zero: of the day before. */
  hours: ReadonlyMap<number, { draws: number }>;
}

/** By minute, as `offsetsMs` has them from the beginning of the day; null: no hours were counted on such days. */
export function usualMinutes(
  past: readonly DrawnHours[],
  offsetsMs: readonly number[],
): (UsualMinute | null)[] {
  const days = past.filter(({ hours }) => hours.size > 0);
  const known = new Map<number, UsualMinute>();
  return offsetsMs.map((offsetMs) => {
    if (days.length === 0) return null;
    const hour = Math.floor(offsetMs / HOUR_MS) * HOUR_MS;
    const band =
      known.get(hour) ?? bandOf(days.map(({ hours }) => (hours.get(hour)?.draws ?? 0) / MINUTES_PER_HOUR));
    known.set(hour, band);
    return band;
  });
}

/** @param means of a minute, one for each week */
export function bandOf(means: readonly number[]): UsualMinute {
  return { p5: quantile(means, 0.05), p95: quantile(means, 0.95) };
}

/** The least number of draws that `share` of such minutes do not exceed. */
function quantile(means: readonly number[], share: number): number {
  const most = Math.max(...means);
  let [low, high] = [0, Math.ceil(most + 10 * Math.sqrt(most) + 10)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const below = means.reduce((sum, mean) => sum + shareUpTo(middle, mean), 0) / means.length;
    if (below >= share) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Of minutes with such a mean, those that have at most so many draws. */
function shareUpTo(draws: number, mean: number): number {
  if (mean > MANY) return normalUpTo((draws + 0.5 - mean) / Math.sqrt(mean));
  let one = Math.exp(-mean);
  let sum = one;
  for (let at = 1; at <= draws; at++) sum += one *= mean / at;
  return Math.min(1, sum);
}

/** The normal distribution, to 0.0002. */
function normalUpTo(deviations: number): number {
  return 1 / (1 + Math.exp(-1.5976 * deviations - 0.07056 * deviations ** 3));
}
