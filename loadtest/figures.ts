import { build, type Histogram } from 'hdr-histogram-js';

/** Whether a bound is kept, as it is told. */
export function yes(holds: boolean): string {
  return holds ? 'yes' : 'no';
}

/** Latencies in microseconds up to ten minutes, three digits. */
export function latencyHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 600_000_000,
    numberOfSignificantValueDigits: 3,
  });
}

/** What happened since the last reading and since the start. Written by the bots, read by the progress line. */
export class Figures {
  requests = 0;
  draws = 0;
  replays = 0;
  lostConnections = 0;
  /** Connections that the room asked to join anew. */
  moves = 0;
  rejoins = 0;
  failedJoins = 0;
  /** Draw requests without an answer when the run ended. */
  unanswered = 0;
  joined = 0;
  drawing = 0;
  /** Patches received by those who only watch. */
  patches = 0;
  lastJoinError = '';
  readonly refusals = new Map<string, number>();
  readonly latency = latencyHistogram();
  readonly recentLatency = latencyHistogram();

  answered(draws: number, latencyMs: number, replayed: boolean): void {
    this.requests++;
    this.draws += draws;
    if (replayed) this.replays++;
    const microseconds = Math.max(1, Math.round(latencyMs * 1000));
    this.latency.recordValue(microseconds);
    this.recentLatency.recordValue(microseconds);
  }

  joinFailed(error: unknown): void {
    this.failedJoins++;
    const { message } = error as { message?: unknown };
    this.lastJoinError = typeof message === 'string' && message !== '' ? message : 'connection failed';
  }

  refused(code: string): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  refusalsText(): string {
    return this.refusals.size === 0
      ? 'none'
      : [...this.refusals].map(([code, times]) => `${code} ${times}`).join(', ');
  }
}

export function percentileMs(histogram: Histogram, percentile: number): number {
  return histogram.totalCount === 0 ? NaN : histogram.getValueAtPercentile(percentile) / 1000;
}

export function formatMs(ms: number): string {
  return Number.isNaN(ms) ? '-' : ms < 100 ? ms.toFixed(1) : ms.toFixed(0);
}

export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

export function median(values: readonly number[]): number {
  const ordered = [...values].sort((a, b) => a - b);
  const middle = ordered.length >>> 1;
  if (ordered.length === 0) return NaN;
  return ordered.length % 2 === 1 ? ordered[middle]! : (ordered[middle - 1]! + ordered[middle]!) / 2;
}
