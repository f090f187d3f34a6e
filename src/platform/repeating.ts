import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from './logger.ts';

const INTERVAL_MS = 2000;

export interface Repeated {
  /** Before the first time. */
  afterMs?: number;
  /** Between two times. */
  intervalMs?: number;
}

/** Does some work again and again, whatever becomes of it. @returns how to stop it */
export function repeating(
  logger: Logger,
  problem: string,
  work: (stopping: AbortSignal) => Promise<void>,
  { afterMs = 0, intervalMs = INTERVAL_MS }: Repeated = {},
): () => void {
  const stopping = new AbortController();
  const pause = (ms: number) => pauseUntil(stopping.signal, ms);
  void (async () => {
    if (afterMs > 0) await pause(afterMs);
    while (!stopping.signal.aborted) {
      try {
        await work(stopping.signal);
      } catch (error) {
        // While it shuts down, the database is closed under whatever still works.
        if (!stopping.signal.aborted) logger.error({ err: error }, problem);
      }
      await pause(intervalMs);
    }
  })();
  return () => stopping.abort();
}

/** Waits, and no longer than until it is stopped: whoever is stopped goes on, and finds that out. */
export async function pauseUntil(stopping: AbortSignal | undefined, ms: number): Promise<void> {
  await sleep(ms, undefined, { ref: false, signal: stopping }).catch(() => undefined);
}
