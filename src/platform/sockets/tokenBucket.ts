export interface BucketSize {
  perSecond: number;
  /** What may be taken at once. */
  burst: number;
}

/** So many tokens a second, as many as `burst` at once. The time is monotonic and the caller's, in milliseconds. */
export class TokenBucket {
  private tokens: number;
  private atMs: number;

  constructor(
    private readonly size: BucketSize,
    nowMs: number,
  ) {
    this.tokens = size.burst;
    this.atMs = nowMs;
  }

  /** Takes one token, unless there is none. */
  take(nowMs: number): boolean {
    this.refill(nowMs);
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  /** Takes what has been used already, and may owe for it. */
  charge(amount: number, nowMs: number): void {
    this.refill(nowMs);
    this.tokens -= amount;
  }

  isInDebt(nowMs: number): boolean {
    this.refill(nowMs);
    return this.tokens < 0;
  }

  /** Until `take` succeeds again. */
  waitMs(): number {
    return Math.max(0, ((1 - this.tokens) / this.size.perSecond) * 1000);
  }

  private refill(nowMs: number): void {
    const { perSecond, burst } = this.size;
    if (nowMs <= this.atMs) return;
    this.tokens = Math.min(burst, this.tokens + ((nowMs - this.atMs) / 1000) * perSecond);
    this.atMs = nowMs;
  }
}
