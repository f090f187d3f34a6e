/** How long this process leaves everybody waiting, as its timers feel it. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const WINDOW_MS = 10_000;
const RESOLUTION_MS = 10;
const NS_PER_MS = 1_000_000;

/** Of the time since it was last begun anew. */
export interface DelayMeter {
  /** What 99 of 100 looks were late by at most; 0 before the first look. */
  p99Ms(): number;
  beginAnew(): void;
  stop(): void;
}

export function meterDelay(): DelayMeter {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return {
    p99Ms: () =>
      histogram.count === 0 ? 0 : Math.max(0, histogram.percentile(99) / NS_PER_MS - RESOLUTION_MS),
    beginAnew: () => histogram.reset(),
    stop: () => void histogram.disable(),
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
