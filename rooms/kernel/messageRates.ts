import type { BucketSize } from '../../src/platform/sockets/tokenBucket.ts';

/** How often one connection may send each message; the next one is answered RATE_LIMITED. */
export const STANDING_RATE: BucketSize = { perSecond: 10, burst: 40 };
/** They change with a draw, a level or a period, and may be those of a thousand prizes. */
export const ODDS_RATE: BucketSize = { perSecond: 2, burst: 10 };
export const RECALL_RATE: BucketSize = { perSecond: 1, burst: 5 };
export const READ_RATE: BucketSize = { perSecond: 5, burst: 20 };
export const TYPING_RATE: BucketSize = { perSecond: 0.5, burst: 2 };
export const HISTORY_RATE: BucketSize = { perSecond: 5, burst: 20 };
/** A fresh token is good for hours. */
export const TOKEN_RATE: BucketSize = { perSecond: 0.2, burst: 5 };

/** What somebody writes, and a few of them that waited. */
export function sendRate(messagesPerSecond: number): BucketSize {
  return { perSecond: messagesPerSecond, burst: 3 * messagesPerSecond + 1 };
}

/** What a diner may draw is the campaign's to say, over all of their connections; this bounds what is refused as well. */
export function drawMessageRate(drawsPerSecond: number): BucketSize {
  return { perSecond: 2 * drawsPerSecond, burst: 4 * drawsPerSecond };
}
