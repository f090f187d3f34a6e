import type { Clock } from '../../src/clock.ts';

/** A clock that stands still until it is moved. */
export class TestClock implements Clock {
  constructor(private timeMs = Date.parse('2026-03-01T04:00:00.000Z')) {}

  nowMs(): number {
    return this.timeMs;
  }

  set(timeMs: number): void {
    this.timeMs = timeMs;
  }

  advance(durationMs: number): void {
    this.timeMs += durationMs;
  }
}
