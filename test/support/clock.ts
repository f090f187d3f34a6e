import type { Clock } from '../../src/platform/clock.ts';

/** A clock that stands still until it is moved. */
export class TestClock implements Clock {
  constructor(private timeMs = Date.parse('2026-03-01T04:00:00.000Z')) {}

  private passedMs = 0;

  nowMs(): number {
    return this.timeMs;
  }

  monotonicMs(): number {
    return this.passedMs;
  }

  /** Time passes until then. */
  set(timeMs: number): void {
    this.advance(timeMs - this.timeMs);
  }

  /** Time passes; when it is less than none, the clock is set back. */
  advance(durationMs: number): void {
    this.timeMs += durationMs;
    this.passedMs += Math.max(0, durationMs);
  }

  /** The clock is set, forward or back, while no time passes. */
  step(byMs: number): void {
    this.timeMs += byMs;
  }
}
