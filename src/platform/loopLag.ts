/** How long this process leaves everybody waiting, as its timers feel it. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const WINDOW_MS = 10_000;
const RESOLUTION_MS = 10;
const NS_PER_MS = 1_000_000;

export class LoopLag {
  private histogram: ReturnType<typeof monitorEventLoopDelay> | undefined;
  private lastMs = 0;

  /** @returns how to stop */
  start(): () => void {
    const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    histogram.enable();
    this.histogram = histogram;
    const timer = setInterval(() => {
      this.lastMs = this.current();
      histogram.reset();
    }, WINDOW_MS);
    timer.unref();
    return () => {
      clearInterval(timer);
      histogram.disable();
    };
  }

  /** What 99 of 100 looks were late by at most, in the last seconds. */
  get p99Ms(): number {
    return Math.max(this.lastMs, this.current());
  }

  private current(): number {
    const { histogram } = this;
    if (histogram === undefined || histogram.count === 0) return 0;
    return Math.max(0, histogram.percentile(99) / NS_PER_MS - RESOLUTION_MS);
  }
}
