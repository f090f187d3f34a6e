/** The server's clock, as far as this device knows it: what ends at a time ends by that one. */

/** By how much this device's clock is behind, in ms. */
let behindMs = 0;

/** @param now ISO 8601, as the server has just told it */
export function setServerClock(now: string): void {
  behindMs = Date.parse(now) - Date.now();
}

/** In ms. */
export function serverNow(): number {
  return Date.now() + behindMs;
}
