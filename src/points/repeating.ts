import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../platform/logger.ts';

const INTERVAL_MS = 2000;

/** Does some work again and again, whatever becomes of it. @returns how to stop it */
export function repeating(
  logger: Logger,
  problem: string,
  work: (stopping: AbortSignal) => Promise<void>,
): () => void {
  const stopping = new AbortController();
  void (async () => {
    while (!stopping.signal.aborted) {
      try {
        await work(stopping.signal);
      } catch (error) {
        // While it shuts down, the database is closed under whatever still works.
        if (!stopping.signal.aborted) logger.error({ err: error }, problem);
      }
      await sleep(INTERVAL_MS, undefined, { ref: false });
    }
  })();
  return () => stopping.abort();
}
