/*
 * How a node ends (RO-2).
 *
 *   serving → leaving → closing → ended
 *
 * leaving: it is not ready, for DRAIN_WAIT_MS, so that balancers leave it alone; then its guests go, over DRAIN_SPREAD_MS
 *   (departure.ts). Whatever is asked of it meanwhile it does.
 * closing: what is queued is committed and answered, rooms are handed over, and what was opened is closed, within 10 s.
 *
 * A further signal ends what the node is at: leaving becomes closing, and closing the end. Nothing acknowledged is lost by either: it is
 * in the database. After an exception that nobody caught a node closes at once.
 */
import { matchMaker, type Server } from '@colyseus/core';
import type { Context } from './context.ts';
import { pauseUntil } from './platform/repeating.ts';

const CLOSING_LIMIT_MS = 10_000;
/** A terminal signals npm and this process, and npm passes it on: that is one signal. */
const SAME_SIGNAL_MS = 1000;

interface Ending {
  server: Server;
  context: Pick<Context, 'config' | 'logger' | 'departure'>;
  stopBackground(): void;
}

export class Shutdown {
  private stage: 'serving' | 'leaving' | 'closing' = 'serving';
  private signalledMs = -Infinity;
  private readonly hurry = new AbortController();

  constructor(private readonly ending: Ending) {}

  /** From now on signals end this process. */
  listen(): void {
    const { logger } = this.ending.context;
    process.on('unhandledRejection', (reason) =>
      logger.error({ err: reason }, 'a rejection that nobody handled'),
    );
    process.on('uncaughtException', (error) => {
      // What it left half done is unknown; what was acknowledged is in the database, and another process takes over.
      logger.fatal({ err: error }, 'an exception that nobody caught');
      process.exitCode = 1;
      this.hurry.abort();
      this.close();
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.hear(signal));
  }

  private hear(signal: string): void {
    const nowMs = performance.now();
    if (nowMs - this.signalledMs < SAME_SIGNAL_MS) return;
    this.signalledMs = nowMs;
    const { logger } = this.ending.context;
    logger.info({ signal, stage: this.stage }, 'shutting down');
    if (this.stage === 'serving') void this.leave();
    else if (this.stage === 'leaving') this.hurry.abort();
    else {
      logger.error(remainder(), 'the shutdown was broken off by a further signal');
      process.exit(1);
    }
  }

  private async leave(): Promise<void> {
    const { config, departure, logger } = this.ending.context;
    const stopping = this.hurry.signal;
    if (config.drainWaitMs + config.drainSpreadMs === 0) {
      this.close();
      return;
    }
    this.stage = 'leaving';
    try {
      await departure.begin();
      await pauseUntil(stopping, config.drainWaitMs);
      const sent = await departure.empty({ spreadMs: config.drainSpreadMs, stopping });
      if (sent > 0) logger.info({ sent }, 'guests were sent to other nodes');
    } catch (error) {
      logger.error({ err: error }, 'leaving failed');
    }
    this.close();
  }

  private close(): void {
    if (this.stage === 'closing') return;
    this.stage = 'closing';
    const { server, stopBackground } = this.ending;
    const { logger } = this.ending.context;
    stopBackground();
    setTimeout(() => {
      logger.error(remainder(), 'the shutdown took too long and was broken off');
      process.exit(1);
    }, CLOSING_LIMIT_MS).unref();
    server.gracefullyShutdown(false).then(
      () => process.exit(),
      (error: unknown) => {
        logger.error({ err: error }, 'shutdown failed');
        process.exit(1);
      },
    );
  }
}

function remainder(): { roomCount: number; clients: number } {
  const { roomCount, ccu } = matchMaker.stats.local;
  return { roomCount, clients: ccu };
}
