/** How long this process leaves everybody waiting, as its timers feel it. */
import { createHistogram, performance } from 'node:perf_hooks';

const WINDOW_MS = 10_000;
const RESOLUTION_MS = 10;
const US_PER_MS = 1000;

/** Of the time since it was last begun anew. */
export interface DelayMeter {
  /** What 99 of 100 looks were late by at most; 0 before the first look. */
  p99Ms(): number;
  beginAnew(): void;
  stop(): void;
}

/** Node's own meter forgets, when it is begun anew, the look that is due: whoever begins it anew as late as the loop is never hears of it. */
export function meterDelay(): DelayMeter {
  const histogram = createHistogram();
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    histogram.record(Math.max(1, Math.round((nowMs - lastMs - RESOLUTION_MS) * US_PER_MS)));
    lastMs = nowMs;
  }, RESOLUTION_MS);
  timer.unref();
  return {
    p99Ms: () => (histogram.count === 0 ? 0 : histogram.percentile(99) / US_PER_MS),
    beginAnew: () => histogram.reset(),
    stop: () => clearInterval(timer),
  };
}

export class LoopLag {
  private meter: DelayMeter | undefined;
  private lastMs = 0;

  /** @returns how to stop */
  start(): () => void {
    const meter = meterDelay();
    this.meter = meter;
    const timer = setInterval(() => {
      this.lastMs = meter.p99Ms();
      meter.beginAnew();
    }, WINDOW_MS);
    timer.unref();
    return () => {
      clearInterval(timer);
      meter.stop();
    };
  }

  /** What 99 of 100 looks were late by at most, in the last seconds. */
  get p99Ms(): number {
    return Math.max(this.lastMs, this.meter?.p99Ms() ?? 0);
  }
}
