import { pino, type Logger } from 'pino';
import type { Clock } from '../../src/platform/clock.ts';
import type { Pause } from '../../src/platform/database/pause.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { AppError } from '../../src/platform/errors.ts';
import { InjectedFault } from './faults.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

export interface LifeParts {
  random: Random;
  scheduler: Scheduler;
  store: { databaseOf(life: Life, pause: Pause): Database };
  trace: Trace;
}

/**
 * One life of a server process. Killed, it is dropped as it is; its place is taken by another life. It runs the product's own
 * code; only time, waiting and the way to the database are the simulation's.
 */
export abstract class Life implements Actor {
  isAlive = true;
  isPaused = false;
  protected readonly clock: Clock;
  protected readonly database: Database;
  protected readonly pause: Pause;
  private clockAheadMs: number;

  constructor(
    readonly name: string,
    protected readonly parts: LifeParts,
  ) {
    const { scheduler, random } = parts;
    this.pause = {
      turn: () => scheduler.park(this, 'a turn'),
      sleep: (durationMs) => scheduler.park(this, 'a sleep', { afterMs: durationMs }),
      random: () => random.next(),
    };
    this.clockAheadMs = random.pick([0, 0, -1_500, 2_500]);
    this.clock = {
      nowMs: () => scheduler.nowMs + this.clockAheadMs,
      monotonicMs: () => scheduler.nowMs,
    };
    this.database = parts.store.databaseOf(this, this.pause);
  }

  /** Somebody sets its clock, or it sets itself: forward or back, over midnight or not. */
  stepClock(): void {
    this.clockAheadMs = this.parts.random.pick([-60_000, -3_000, -1_000, 0, 1_000, 3_000, 60_000]);
    this.parts.trace.add(`${this.name}'s clock is ${this.clockAheadMs} ms ahead`);
  }

  /** Anything but a refusal and an injected fault is a fault of the product. */
  expect(error: unknown, doing: string): void {
    if (error instanceof InjectedFault || (error instanceof AppError && error.code !== 'INTERNAL')) return;
    this.parts.trace.violate(`${this.name}: ${doing} failed: ${describe(error)}`);
  }

  /** What failing work logs is looked at instead of written. */
  protected logger(onError: (error: unknown) => void): Logger {
    const logMethod = ([first]: unknown[]) => {
      const error = (first as { err?: unknown } | undefined)?.err;
      if (error !== undefined) onError(error);
    };
    return pino({ level: 'warn', hooks: { logMethod } });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0]! : String(error);
}
