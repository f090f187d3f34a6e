import { Tinypool } from 'tinypool';
import type { Asked, Forecast } from './forecast.ts';

/** A thread loads TypeScript as this process does. */
const IS_SOURCE = import.meta.url.endsWith('.ts');
const WORKER = new URL(IS_SOURCE ? './worker.ts' : './worker.js', import.meta.url);
/** Whoever looks at one measure looks at the next one. */
const IDLE_MS = 30_000;

/*
 * Forecasts on a thread of their own, so that nothing here waits for them. One runs at a time. States: without a thread ↔ with one →
 * closed. A thread begins with the first that is asked, and ends when none has been for a while.
 */
export class ForecastThread {
  private pool: Tinypool | undefined;
  private isClosed = false;

  /** In their order. @throws when it is closed */
  async forecast(asked: readonly Asked[]): Promise<Forecast[]> {
    if (this.isClosed) throw new Error('The thread of forecasts is closed');
    this.pool ??= new Tinypool({
      filename: WORKER,
      name: 'work',
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE_MS,
      ...(IS_SOURCE && { execArgv: ['--import', 'tsx'] }),
    });
    return this.pool.run(asked) as Promise<Forecast[]>;
  }

  /** Ends it, whatever it does. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.pool?.destroy();
  }
}
