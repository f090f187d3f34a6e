/** Calls that are let in and not answered yet, and how long whoever comes now waits behind them. */

/** Of the answers of the last look against those of before, so that a pause between two of them is none. */
const NEWEST_PART = 0.3;

export class Underway {
  private count_ = 0;
  private answered = 0;
  private perMs = 0;

  get count(): number {
    return this.count_;
  }

  /** By Little's law. */
  get waitMs(): number {
    if (this.count_ === 0) return 0;
    return this.perMs === 0 ? Infinity : this.count_ / this.perMs;
  }

  /** @returns what has to be called in the end, once or more often */
  begin(): () => void {
    this.count_ += 1;
    let isUnderway = true;
    return () => {
      if (!isUnderway) return;
      isUnderway = false;
      this.count_ -= 1;
      this.answered += 1;
    };
  }

  /** How many are answered in such a time, as it went of late. */
  answeredIn(durationMs: number): number {
    return this.perMs * durationMs;
  }

  look(elapsedMs: number): void {
    if (elapsedMs <= 0) return;
    this.perMs += (this.answered / elapsedMs - this.perMs) * NEWEST_PART;
    this.answered = 0;
  }
}
