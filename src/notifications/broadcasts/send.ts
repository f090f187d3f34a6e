import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { In, LessThanOrEqual } from 'typeorm';
import { NotificationBroadcast } from '../../../entities/notifications/NotificationBroadcast.ts';
import { isItemsFault } from '../../platform/actor/itemsFault.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { FirstTime } from '../../platform/firstTime.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { Logger } from '../../platform/logger.ts';
import { BROADCASTS_TOPIC, OPEN } from './broadcasts.ts';
import { stepBroadcast, type Stepped } from './steps.ts';

export interface SendingServices {
  database: Database;
  clock: Clock;
  logger: Logger;
}

/** What comes due by itself, or is of a node that has died, is found by then. */
const POLL_MS = 1000;
/** Much longer than a step takes. */
const LEASE_MS = 5000;
/** At least between two steps; and as long as the step took, so that others have half of the time. */
const PAUSE_MS = 10;

/** Does what is due of broadcasts, on every node: each is gone through by the one that has claimed it, in turns with others. */
export class BroadcastSender {
  private readonly nodeId = randomUUID();
  private readonly ending = new AbortController();
  /** Recipients of the next batch, where a batch has failed: the one at fault is found by halving. */
  private readonly batches = new Map<number, number>();
  private readonly foreign = new FirstTime();
  private loop: Promise<void> | undefined;
  private isTold = false;
  private endRest: (() => void) | undefined;

  constructor(private readonly services: SendingServices) {
    services.database.onCommit((topics) => {
      if (!topics.has(BROADCASTS_TOPIC)) return;
      this.isTold = true;
      this.endRest?.();
    });
  }

  start(): void {
    this.loop ??= this.run();
  }

  stop(): void {
    this.ending.abort();
    this.endRest?.();
  }

  /** Resolves when no step is under way. */
  async close(): Promise<void> {
    this.stop();
    await this.loop;
  }

  private async run(): Promise<void> {
    while (!this.ending.signal.aborted) {
      this.isTold = false;
      const isMore = await this.round();
      if (!isMore) await this.rest();
    }
  }

  /** One step of each that is due. @returns whether there is more to do */
  private async round(): Promise<boolean> {
    const { database, logger, clock } = this.services;
    try {
      const due = await findDue(database, clock.nowMs());
      let isMore = false;
      for (const broadcastId of due) {
        if (this.ending.signal.aborted) return false;
        const startedMs = performance.now();
        isMore = (await this.step(broadcastId)) === 'more' || isMore;
        await this.pause(Math.max(PAUSE_MS, performance.now() - startedMs));
      }
      return isMore;
    } catch (error) {
      if (!this.ending.signal.aborted) logger.warn({ err: error }, 'broadcasts could not be sent');
      return false;
    }
  }

  private async step(broadcastId: number): Promise<Stepped> {
    const { database, clock, logger } = this.services;
    const recipients = this.batches.get(broadcastId) ?? LIMITS.recipientsPerBatch;
    const step = { broadcastId, nodeId: this.nodeId, leaseMs: LEASE_MS, recipients };
    const run = (isGivenUp: boolean) =>
      database.retryingTransaction((tx) => stepBroadcast(tx, { ...step, isGivenUp }, clock.nowMs()));
    try {
      const stepped = await run(false);
      if (recipients < LIMITS.recipientsPerBatch && stepped === 'more')
        this.batches.set(broadcastId, Math.min(2 * recipients, LIMITS.recipientsPerBatch));
      else this.batches.delete(broadcastId);
      if (stepped === 'foreign' && this.foreign.of(String(broadcastId)))
        logger.warn({ broadcastId }, 'a broadcast of a newer build is left to its nodes');
      return stepped;
    } catch (error) {
      if (!isItemsFault(error)) throw error;
      this.batches.set(broadcastId, Math.ceil(recipients / 2));
      if (recipients > 1) return 'more';
      logger.warn({ err: error, broadcastId }, 'somebody could not be told by a broadcast');
      return run(true);
    }
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.ending.signal, ref: false }).catch(() => undefined);
  }

  private async rest(): Promise<void> {
    if (this.isTold || this.ending.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      timer.unref();
      this.endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.endRest = undefined;
  }
}

/** Open ones whose time has come. */
async function findDue({ currentReader }: Database, nowMs: number): Promise<number[]> {
  const due = await currentReader.find(NotificationBroadcast, {
    select: { broadcast_id: true },
    where: { status: In([...OPEN]), send_at: LessThanOrEqual(new Date(nowMs)) },
    order: { broadcast_id: 'ASC' },
  });
  return due.map(({ broadcast_id: broadcastId }) => broadcastId);
}
