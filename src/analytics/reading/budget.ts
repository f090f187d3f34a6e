/** What one analysis may read, and how it lets others go first. */
import type { Clock } from '../../platform/clock.ts';
import { LIMITS } from '../../platform/limits.ts';
import { pauseUntil } from '../../platform/repeating.ts';

/** Between two statements: on SQLite nothing else is done while one runs. */
const PAUSE_MS = 2;

export class ReadingBudget {
  rows = 0;
  /** It is used up: what was read is not all. */
  isTruncated = false;
  private readonly endsAtMs: number;

  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly mostRows: number = LIMITS.analysedRows,
  ) {
    this.endsAtMs = clock.monotonicMs() + LIMITS.analysisMs;
  }

  /** After each statement. */
  async spend(rows: number): Promise<void> {
    this.rows += rows;
    await pauseUntil(undefined, PAUSE_MS);
    this.isTruncated ||= this.rows >= this.mostRows || this.clock.monotonicMs() >= this.endsAtMs;
  }
}
