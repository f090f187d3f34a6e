/*
 * What clients tell of, on its way into the database (B-1).
 *
 * Calls wait in a queue that is bounded by its behaviours. What has gathered within a moment, or as soon as it is a batch, is one
 * transaction; a call is answered once all of it is committed, so that nothing that was acknowledged is lost with the process (RS-4).
 * Transactions are few rather than many, since each costs a flush, and between two of them others have their time: on SQLite more of it,
 * since draws have the same one writer, and its thread. Where that is not enough for what comes in, the queue fills: draws go first.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../platform/errors.ts';
import { GroupCommit, type Outcome } from '../../platform/actor/groupCommit.ts';
import { isItemsFault } from '../../platform/actor/itemsFault.ts';
import type { Clock } from '../../platform/clock.ts';
import { systemPause } from '../../platform/database/pause.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { Logger } from '../../platform/logger.ts';
import { TokenBucket } from '../../platform/sockets/tokenBucket.ts';
import type { Buckets } from './buckets.ts';
import { storeBehaviors, type Behavior, type Fate } from './storeBehaviors.ts';

const GATHERING_MS = 250;
const LOOK_MS = 5;
/** Of the time that the last transaction took, so much is left before the next one. */
const LEFT_TO_OTHERS = { sqlite: 4, mysql: 2 };
const RETRY_SECONDS = 2;

export interface IntakeServices {
  database: Database;
  clock: Pick<Clock, 'monotonicMs'>;
  logger: Logger;
  buckets: Buckets;
}

export class Intake {
  private readonly queue: GroupCommit<readonly Behavior[], readonly Fate[]>;
  private waiting = 0;
  private lastMs = 0;
  private isClosing = false;
  private readonly rates = new Map<number, TokenBucket>();

  constructor(private readonly services: IntakeServices) {
    this.queue = new GroupCommit({
      kind: 'behaviors',
      // Bounded by its behaviours, below.
      maxQueued: LIMITS.waitingBehaviors,
      maxBatchWeight: LIMITS.behaviorsPerBatch,
      weightOf: (behaviors) => behaviors.length,
      commit: (calls) => this.commit(calls),
      isFinal: () => false,
      isItemsFault,
      onError: (error, attempt) =>
        this.services.logger.warn({ err: error, attempt }, 'behaviours could not be written'),
      pause: { ...systemPause, turn: () => this.gather() },
    });
  }

  /**
   * Resolves once they are committed, with what has become of each.
   * @throws AppError RATE_LIMITED when they are too many of one person, or of all; BUSY while the database is away
   */
  async take(userId: number, behaviors: readonly Behavior[]): Promise<readonly Fate[]> {
    if (behaviors.length === 0) return [];
    this.requireRoom(behaviors.length);
    this.charge(userId, behaviors.length);
    this.waiting += behaviors.length;
    try {
      return await this.queue.submit(behaviors);
    } finally {
      this.waiting -= behaviors.length;
    }
  }

  /** Asked before anything else is done for them. @throws AppError RATE_LIMITED */
  requireRoom(count: number): void {
    if (this.waiting + count > LIMITS.waitingBehaviors)
      throw new AppError('RATE_LIMITED', { retryAfterSeconds: RETRY_SECONDS });
  }

  /** What waits is written. */
  async close(): Promise<void> {
    this.isClosing = true;
    await this.queue.close();
  }

  private charge(userId: number, count: number): void {
    const nowMs = this.services.clock.monotonicMs();
    if (this.rates.size >= LIMITS.callers && !this.rates.has(userId)) this.rates.clear();
    const size = { perSecond: LIMITS.behaviorsPerSecond, burst: LIMITS.behaviorsAtOnce };
    const rate = this.rates.get(userId) ?? new TokenBucket(size, nowMs);
    this.rates.set(userId, rate);
    if (rate.isInDebt(nowMs))
      throw new AppError('RATE_LIMITED', { retryAfterSeconds: Math.ceil(rate.waitMs() / 1000) });
    rate.charge(count, nowMs);
  }

  private async gather(): Promise<void> {
    const startedMs = performance.now();
    await sleep(Math.max(LOOK_MS, LEFT_TO_OTHERS[this.services.database.dialect] * this.lastMs));
    while (
      !this.isClosing &&
      this.waiting < LIMITS.behaviorsPerBatch &&
      performance.now() - startedMs < GATHERING_MS
    )
      await sleep(LOOK_MS);
  }

  private async commit(calls: readonly (readonly Behavior[])[]): Promise<Outcome<readonly Fate[]>[]> {
    const { database, buckets } = this.services;
    const startedMs = performance.now();
    const behaviors = calls.flat();
    const fates = await storeBehaviors(database, behaviors, buckets);
    this.lastMs = performance.now() - startedMs;
    let from = 0;
    return calls.map(({ length }) => {
      const result = fates.slice(from, from + length);
      from += length;
      return { ok: true, result };
    });
  }
}
