import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';

interface Bucket {
  tokens: number;
  atMs: number;
}

/**
 * Token buckets of the draw rate, one per diner: `perSecond` requests sustained, twice that at once. Bounded: when too many
 * are kept, those that are full again go first, since a full bucket is what a newcomer has.
 */
export class DrawRate {
  private readonly buckets = new Map<number, Bucket>();
  private readonly burst: number;

  constructor(private readonly perSecond: number) {
    this.burst = 2 * perSecond;
  }

  /** Takes one token. @throws AppError RATE_LIMITED with the seconds until there is one. */
  take(userId: number, monotonicMs: number): void {
    const known = this.buckets.get(userId);
    const tokens = known === undefined ? this.burst : this.refilled(known, monotonicMs);
    if (tokens < 1) {
      throw new AppError('RATE_LIMITED', {
        retryAfterSeconds: Math.max(1, Math.ceil((1 - tokens) / this.perSecond)),
      });
    }
    if (known === undefined && this.buckets.size >= LIMITS.rateBuckets) this.dropFull(monotonicMs);
    this.buckets.set(userId, { tokens: tokens - 1, atMs: monotonicMs });
  }

  private refilled({ tokens, atMs }: Bucket, monotonicMs: number): number {
    return Math.min(this.burst, tokens + (Math.max(0, monotonicMs - atMs) / 1000) * this.perSecond);
  }

  private dropFull(monotonicMs: number): void {
    for (const [userId, bucket] of this.buckets) {
      if (this.refilled(bucket, monotonicMs) >= this.burst) this.buckets.delete(userId);
    }
    // Everyone is drawing at once: let the longest known go rather than grow.
    const oldest = this.buckets.keys().next();
    if (this.buckets.size >= LIMITS.rateBuckets && !oldest.done) this.buckets.delete(oldest.value);
  }
}
