import type { Logger } from '../../src/platform/logger.ts';
import { asAppError } from '../../src/platform/errors.ts';

export interface Periodic {
  /** The room's own clock, which stops with it. */
  clock: { setInterval(work: () => void, intervalMs: number): unknown };
  roomId: string;
  logger: Logger;
}

/** Runs `work` again and again, one run at a time; a failure is logged and the next run tries again. */
export function every(
  { clock, roomId, logger }: Periodic,
  intervalMs: number,
  work: () => Promise<void>,
): void {
  let isRunning = false;
  clock.setInterval(() => {
    if (isRunning) return;
    isRunning = true;
    work()
      .catch((error: unknown) => {
        const { code } = asAppError(error);
        // The room is closing, or its campaign is changing hands.
        if (code === 'MOVED') return;
        logger[code === 'BUSY' ? 'warn' : 'error']({ err: error, roomId }, 'periodic work failed');
      })
      .finally(() => (isRunning = false));
  }, intervalMs);
}
