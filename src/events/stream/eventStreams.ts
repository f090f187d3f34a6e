import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../platform/clock.ts';
import { coalesce } from '../../platform/coalesce.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import type { StreamReply } from '../../platform/http/sendEventStream.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { Logger } from '../../platform/logger.ts';
import { pauseUntil } from '../../platform/repeating.ts';
import { FrameMemory, Listener } from './listener.ts';
import { dropGaps, numberEvents } from './numberEvents.ts';
import { isWhole, readFrames } from './readStream.ts';

const POLL_MS = 200;
const PAGE = 500;
const READING_WAIT_MS = 5;
const READING_WAITS = 10;
const DROP_GAPS_MS = 10_000;
/** A login that is revoked, and a permission that is taken away, end a stream within a second of it, the way of the news included. */
const CHECK_MS = 300;

export interface EventStreamsServices {
  database: Database;
  clock: Clock;
  logger: Logger;
}

export interface AskedStream {
  callerId: number;
  /** Of all, when absent. */
  types: ReadonlySet<string> | undefined;
  /** The last number that the client has seen; absent: it begins with what comes next. */
  after: number | undefined;
  /** Rejects when the caller may not listen any more. */
  check(): Promise<void>;
  /** Calls when the login is revoked. @returns how to stop */
  watch(end: () => void): () => void;
}

/*
 * The live stream of this node (E-4, RE-9): its clients, and the last events in memory, which are those of all nodes, committed and
 * numbered (numberEvents.ts).
 *
 * asleep → awake → asleep … → closed. Awake while somebody listens: a few times a second it numbers what has been committed, reads what
 * has come, and lets each client take it. Asleep it does nothing at all; memory is brought up to date, or begun anew, for the next
 * client before that one is answered, so that whatever is committed after the answer has begun is told.
 */
export class EventStreams {
  private readonly memory = new FrameMemory();
  private readonly listeners = new Map<Listener, number>();
  /** By caller, those that are about to begin among them. */
  private readonly open = new Map<number, number>();
  private readonly closing = new AbortController();
  private polling: Promise<void> | undefined;
  private gapsDroppedMs = -Infinity;
  private readonly catchUp = coalesce(() => this.read());

  constructor(private readonly services: EventStreamsServices) {}

  /** How many clients there are. */
  get size(): number {
    return [...this.open.values()].reduce((sum, count) => sum + count, 0);
  }

  /** @throws AppError RATE_LIMITED when the caller has as many as they may, BUSY when the node has, or is closing */
  async admit(asked: AskedStream): Promise<StreamReply> {
    const release = this.takePlace(asked.callerId);
    try {
      await this.catchUp();
      const last = this.memory.lastId;
      const { after = last } = asked;
      const isLost = !(await isWhole(this.services.database, { after, last }));
      return {
        stream: (client) => {
          const { database, logger } = this.services;
          const listener = new Listener({
            client,
            memory: this.memory,
            database,
            types: asked.types,
            after: isLost ? this.memory.lastId : after,
            isLost,
            onFailure: (error) => logger.warn({ err: error }, 'a stream of events could not go on'),
          });
          const end = this.attend(listener, asked);
          return () => {
            end();
            release();
          };
        },
      };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Sends everybody away, and lets nobody in. */
  async close(): Promise<void> {
    this.closing.abort();
    for (const listener of this.listeners.keys()) listener.end();
    await this.polling;
  }

  private takePlace(callerId: number): () => void {
    if (this.closing.signal.aborted || this.size >= LIMITS.eventStreams) throw new AppError('BUSY');
    const count = this.open.get(callerId) ?? 0;
    if (count >= LIMITS.eventStreamsPerPerson) throw new AppError('RATE_LIMITED', { retryAfterSeconds: 10 });
    this.open.set(callerId, count + 1);
    return () => {
      const left = this.open.get(callerId)! - 1;
      if (left === 0) this.open.delete(callerId);
      else this.open.set(callerId, left);
    };
  }

  private attend(listener: Listener, { callerId, check, watch }: AskedStream): () => void {
    const end = () => listener.end();
    this.listeners.set(listener, callerId);
    const leave = watch(end);
    const checking = setInterval(() => void check().catch(end), CHECK_MS);
    if (this.closing.signal.aborted) end();
    this.polling ??= this.poll();
    return () => {
      clearInterval(checking);
      leave();
      end();
      this.listeners.delete(listener);
    };
  }

  private async poll(): Promise<void> {
    while (this.listeners.size > 0 && !this.closing.signal.aborted) {
      await pauseUntil(this.closing.signal, POLL_MS);
      try {
        await this.catchUp();
        await this.dropGapsAtTimes();
      } catch (error) {
        if (!this.closing.signal.aborted)
          this.services.logger.warn({ err: error }, 'events could not be read for their streams');
      }
    }
    this.polling = undefined;
  }

  private async read(): Promise<void> {
    const { database } = this.services;
    const last = await numberEvents(this.services);
    // Whoever listens is told of all; for nobody, no more is read than memory takes.
    if (this.listeners.size === 0 && last - this.memory.lastId > LIMITS.eventsInMemory)
      this.memory.passTo(last - LIMITS.eventsInMemory);
    while (this.memory.lastId < last) {
      const frames = await readFrames(database, this.memory.lastId, PAGE);
      for (const frame of frames) this.memory.add(frame);
      for (const listener of this.listeners.keys()) listener.flush();
      // What is left was forgotten meanwhile.
      if (frames.length < PAGE) break;
      await this.letRead();
    }
  }

  /** Between two pages of many: who reads as fast as they come is not left behind, and who does not holds up the others for a moment. */
  private async letRead(): Promise<void> {
    const isAnyBehind = () => [...this.listeners.keys()].some((listener) => listener.isBehind);
    for (let waits = 0; waits < READING_WAITS && isAnyBehind(); waits++) await sleep(READING_WAIT_MS);
  }

  private async dropGapsAtTimes(): Promise<void> {
    const nowMs = this.services.clock.monotonicMs();
    if (nowMs - this.gapsDroppedMs < DROP_GAPS_MS) return;
    this.gapsDroppedMs = nowMs;
    await dropGaps(this.services);
  }
}
