import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

interface Window {
  spent: number;
  endsMs: number;
  /** Of which within the present part. */
  spentInPart: number;
  partEndsMs: number;
}

/** Whoever comes while all windows are taken shares this one. */
const THE_REST = 'the rest';
const WINDOW_MS = 60_000;
/** Within a twelfth of the window a tenth of the budget may be spent: all of it at once would take a core for seconds. */
const PARTS = 12;
const BUDGET_PARTS = 10;
/** A small budget may be spent at once. */
const LEAST_IN_PART = 1000;

/**
 * What each caller may spend within a minute of its first call. Asked for every request before anything else is done for it, so
 * it answers at once, and keeps so many callers and no more, whatever addresses they come from.
 */
export class CallBudget {
  private readonly windows = new Map<string, Window>();
  private readonly limitInPart: number;
  private sweptMs = -Infinity;

  constructor(
    private readonly limit: number,
    private readonly windowMs = WINDOW_MS,
  ) {
    this.limitInPart = Math.max(LEAST_IN_PART, Math.ceil(limit / BUDGET_PARTS));
  }

  /** @throws AppError RATE_LIMITED when the caller has nothing left */
  spend(caller: string, cost: number): void {
    const nowMs = performance.now();
    const window = this.windowOf(caller, nowMs);
    if (window.spent >= this.limit) throw refusal(window.endsMs - nowMs);
    if (nowMs >= window.partEndsMs) {
      window.spentInPart = 0;
      window.partEndsMs = nowMs + this.windowMs / PARTS;
    }
    if (window.spentInPart >= this.limitInPart) throw refusal(window.partEndsMs - nowMs);
    window.spent += cost;
    window.spentInPart += cost;
  }

  /** Of what was spent a moment ago. */
  giveBack(caller: string, cost: number): void {
    const window = this.windows.get(caller);
    if (window === undefined) return;
    window.spent = Math.max(0, window.spent - cost);
    window.spentInPart = Math.max(0, window.spentInPart - cost);
  }

  private windowOf(caller: string, nowMs: number): Window {
    const known = this.windows.get(caller);
    if (known !== undefined && known.endsMs > nowMs) return known;
    if (known === undefined && caller !== THE_REST && !this.hasRoom(nowMs)) {
      return this.windowOf(THE_REST, nowMs);
    }
    const opened = { spent: 0, endsMs: nowMs + this.windowMs, spentInPart: 0, partEndsMs: -Infinity };
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

function refusal(waitMs: number): AppError {
  return new AppError('RATE_LIMITED', { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
}
