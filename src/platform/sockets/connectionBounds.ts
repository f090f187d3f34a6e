import { LIMITS } from '../limits.ts';
import type { BucketSize } from './tokenBucket.ts';

/** What one connection may send, make wait and leave unread. */
export interface ConnectionBounds {
  messages: BucketSize;
  bytes: BucketSize;
  /** Requests that are being answered; further ones wait unread. */
  unanswered: number;
}

/** A diner draws, asks and pings far below these; one who draws too fast is still answered RATE_LIMITED before they are met. */
const MESSAGES = { perSecond: 100, burst: 400 };
const BYTES = { perSecond: 64 * 1024, burst: 2 * LIMITS.socketFrameBytes };
const UNANSWERED = 100;
/** For each draw a second that is allowed. */
const PER_DRAW = { messages: 5, bytes: 1024 };

/** Where more draws a second are allowed, the connections carry more. */
export function connectionBoundsOf(drawsPerSecond: number): ConnectionBounds {
  const perSecond = Math.max(MESSAGES.perSecond, PER_DRAW.messages * drawsPerSecond);
  return {
    messages: { perSecond, burst: Math.max(MESSAGES.burst, 4 * perSecond) },
    bytes: {
      perSecond: Math.max(BYTES.perSecond, PER_DRAW.bytes * drawsPerSecond),
      burst: Math.max(BYTES.burst, 2 * PER_DRAW.bytes * drawsPerSecond),
    },
    unanswered: Math.max(UNANSWERED, PER_DRAW.messages * drawsPerSecond),
  };
}
