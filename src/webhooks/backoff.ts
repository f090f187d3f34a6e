const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** After the first failed try, the second, and so on: within an hour mostly, and for a little more than a day in all. */
const DELAYS_MS = [
  ...[5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS],
  ...[1, 2, 4, 8, 10].map((hours) => hours * HOUR_MS),
];

/** What failed together does not come back together. */
const JITTER = 0.2;

/** @param attempts that have failed @returns how long to wait before the next; undefined: there is none */
export function delayAfter(attempts: number, retryAfterMs = 0): number | undefined {
  const delayMs = DELAYS_MS[attempts - 1];
  if (delayMs === undefined) return undefined;
  return Math.max(delayMs * (1 + JITTER * Math.random()), retryAfterMs);
}
