import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';

interface Bucket {
  tokens: number;
  atMs: number;
}

/** What is taken, and how fast it comes back. */
interface DrawTaken {
  perSecond: number;
  /** 1 unless given. */
  tokens?: number;
}

/**
 * Token buckets of the draw rate, one per diner: `perSecond` sustained, twice that at once. Whoever has one token may take more
 * than there are, and waits the longer afterwards. Bounded: when too many are kept, those that are full again go first, since a
 * full bucket is what a newcomer has.
 */
class DrawRate {
  private readonly buckets = new Map<number, Bucket>();

  /** @throws AppError RATE_LIMITED with the seconds until there is a token. */
  take(userId: number, monotonicMs: number, { perSecond, tokens: taken = 1 }: DrawTaken): void {
    const known = this.buckets.get(userId);
    const tokens = known === undefined ? 2 * perSecond : refilled(known, monotonicMs, perSecond);
    if (tokens < 1) {
      throw new AppError('RATE_LIMITED', {
        retryAfterSeconds: Math.max(1, Math.ceil((1 - tokens) / perSecond)),
      });
    }
    if (known === undefined && this.buckets.size >= LIMITS.rateBuckets) this.dropFull(monotonicMs, perSecond);
    this.buckets.set(userId, { tokens: tokens - taken, atMs: monotonicMs });
  }

  private dropFull(monotonicMs: number, perSecond: number): void {
    for (const [userId, bucket] of this.buckets) {
      if (refilled(bucket, monotonicMs, perSecond) >= 2 * perSecond) this.buckets.delete(userId);
    }
    // Everyone is drawing at once: let the longest known go rather than grow.
    const oldest = this.buckets.keys().next();
    if (this.buckets.size >= LIMITS.rateBuckets && !oldest.done) this.buckets.delete(oldest.value);
  }
}

/** What one diner may ask for: requests as the setting bounds them, and draws as the campaign does. */
export class DinerRates {
  private readonly requests = new DrawRate();
  private readonly draws = new DrawRate();

  /** @throws AppError RATE_LIMITED */
  take(
    { userId, drawCount }: { userId: number; drawCount: number },
    monotonicMs: number,
    { requestsPerSecond, drawsPerSecond }: { requestsPerSecond: number; drawsPerSecond: number | null },
  ): void {
    this.requests.take(userId, monotonicMs, { perSecond: requestsPerSecond });
    if (drawsPerSecond === null) return;
    this.draws.take(userId, monotonicMs, { perSecond: drawsPerSecond, tokens: drawCount });
  }
}

function refilled({ tokens, atMs }: Bucket, monotonicMs: number, perSecond: number): number {
  return Math.min(2 * perSecond, tokens + (Math.max(0, monotonicMs - atMs) / 1000) * perSecond);
}
