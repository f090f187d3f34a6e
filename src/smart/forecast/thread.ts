import { Threads } from '../../platform/threads.ts';
import type { Asked, Forecast } from './forecast.ts';

/** Whoever looks at one measure looks at the next one. */
const IDLE_MS = 30_000;

/*
 * Forecasts on a thread of their own, so that nothing here waits for them. One runs at a time. States: without a thread ↔ with one →
 * closed. A thread begins with the first that is asked, and ends when none has been for a while.
 */
export class ForecastThread {
  private threads: Threads<readonly Asked[], Forecast[]> | undefined;
  private isClosed = false;

  /** In their order. @throws when it is closed, or the thread could not begin: whoever asks next has another one */
  async forecast(asked: readonly Asked[]): Promise<Forecast[]> {
    if (this.isClosed) throw new Error('The thread of forecasts is closed');
    if (this.threads?.isBroken === true) {
      await this.threads.end();
      this.threads = undefined;
    }
    this.threads ??= new Threads({ beside: import.meta.url, name: 'work', most: 1, idleMs: IDLE_MS });
    return this.threads.run(asked);
  }

  /** Ends it, whatever it does. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.threads?.end();
  }
}
