import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

interface Window {
  spent: number;
  endsMs: number;
}

/** Whoever comes while all windows are taken shares this one. */
const THE_REST = 'the rest';

/**
 * What each caller may spend within a minute of its first call. Asked for every request before anything else is done for it, so
 * it answers at once, and keeps so many callers and no more, whatever addresses they come from.
 */
export class CallBudget {
  private readonly windows = new Map<string, Window>();
  private sweptMs = -Infinity;

  constructor(
    private readonly limit: number,
    private readonly windowMs = 60_000,
  ) {}

  /** @throws AppError RATE_LIMITED when the caller has nothing left */
  spend(caller: string, cost: number): void {
    const nowMs = performance.now();
    const window = this.windowOf(caller, nowMs);
    if (window.spent >= this.limit) {
      throw new AppError('RATE_LIMITED', {
        retryAfterSeconds: Math.max(1, Math.ceil((window.endsMs - nowMs) / 1000)),
      });
    }
    window.spent += cost;
  }

  private windowOf(caller: string, nowMs: number): Window {
    const known = this.windows.get(caller);
    if (known !== undefined && known.endsMs > nowMs) return known;
    if (known === undefined && caller !== THE_REST && !this.hasRoom(nowMs)) {
      return this.windowOf(THE_REST, nowMs);
    }
    const opened = { spent: 0, endsMs: nowMs + this.windowMs };
    this.windows.set(caller, opened);
    return opened;
  }

  private hasRoom(nowMs: number): boolean {
    if (this.windows.size < LIMITS.callers) return true;
    // Not for each of a flood of newcomers.
    if (nowMs - this.sweptMs < 1000) return false;
    this.sweptMs = nowMs;
    for (const [caller, { endsMs }] of this.windows) if (endsMs <= nowMs) this.windows.delete(caller);
    return this.windows.size < LIMITS.callers;
  }
}
