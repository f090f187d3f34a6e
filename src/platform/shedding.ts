/*
 * What a node does when more is asked of it than it can do (RO-12): it refuses a part of what comes with BUSY, before anything is read
 * of it, so that what it takes is answered as soon as ever. While it does, it is not ready, and a balancer that asks sends its callers
 * elsewhere.
 *
 *   calm ⇄ shedding
 *
 * Too much is asked in either of two ways, and both have one limit in milliseconds:
 *
 *   late     The event loop is late: nobody's turn comes. Of everything a share is refused, calls and messages of rooms alike. It doubles
 *            what it leaves out as long as the loop is late, and shrinks slowly when it is not, so that neither flaps.
 *   crowded  The loop has no rest, and whoever calls now waits behind all those who are let in and not answered: as many as there are,
 *            by how many are answered in a second (Little). Then no more are let in than are answered in a part of the limit. Where the
 *            loop has rest, they wait for something else, which has bounds of its own.
 *
 * A look or two say nothing: a process that stood still, collected garbage or met a hundred callers at once is not overloaded. It is when
 * it was late for most of a second.
 *
 * Never refused: probes and metrics, what staff and machines ask (who redeem and take bills at the till), tokens that are renewed or handed
 * over, pages, what another node has taken and passes on, and whatever is queued or acknowledged already.
 */
import { performance } from 'node:perf_hooks';
import { AppError } from './errors.ts';
import { meterDelay, type DelayMeter } from './loopLag.ts';
import type { Logger } from './logger.ts';
import { Underway } from './underway.ts';

export interface SheddingOptions {
  /** 0: nothing is ever refused. */
  limitMs: number;
  logger: Pick<Logger, 'warn' | 'info'>;
}

/** What one look finds of the time since the one before. */
export interface Look {
  /** How late the loop was, 99 of 100 times at most. */
  delayMs: number;
  /** What part of the time the loop was at work, from 0 to 1. */
  utilization: number;
  elapsedMs: number;
}

export const LOOK_MS = 100;
/** So much more time that was late or crowded than time that was not is no chance. */
const TOO_LATE_MS = 700;
/** One look says no more than this, however long it took. */
const MOST_OF_LOOK_MS = 250;
/** Of what is still let in, after one more look that was late. */
const KEPT_PART = 0.5;
/** Of all, after one that was not. */
const LESS = 0.02;
/** Somebody is always let in, so that it shows when there is room again. */
const LARGEST_SHARE = 0.95;
/** Below this part of the limit the loop is on time again. */
const CALM_PART = 0.5;
/** The loop has no rest. */
const BUSY_UTILIZATION = 0.95;
/** What is let in is answered in this part of the limit, where it is crowded. */
const CROWD_PART = 0.3;
const LEAST_CROWD = 16;
/** Where the loop has rest, more are let in with each look. */
const WIDER = 1.2;
/** Without a refusal, until a node is calm again. */
const CALM_LOOKS = 20;
const RETRY_SECONDS = { least: 1, most: 3 };

export class Shedding {
  private isShedding_ = false;
  /** Of everything, while the loop is late. */
  private lateShare = 0;
  /** Calls that may be underway at once. */
  private crowd = Infinity;
  /** While it is calm. */
  private lateMs = 0;
  /** In a row, while it is shedding: those without a refusal. */
  private calmLooks = 0;
  private readonly underway = new Underway();
  private readonly sinceLook = { asked: 0, refused: 0 };
  private refusedPart = 0;
  private readonly limitMs: number;

  constructor(private readonly options: SheddingOptions) {
    this.limitMs = options.limitMs;
  }

  /** @returns how to stop */
  start(): () => void {
    if (this.limitMs === 0) return () => undefined;
    const meter: DelayMeter = meterDelay();
    let lastMs = performance.now();
    let last = performance.eventLoopUtilization();
    const timer = setInterval(() => {
      const nowMs = performance.now();
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, last);
      this.look({ delayMs: meter.p99Ms(), utilization, elapsedMs: nowMs - lastMs });
      [lastMs, last] = [nowMs, now];
      meter.beginAnew();
    }, LOOK_MS);
    timer.unref();
    return () => {
      clearInterval(timer);
      meter.stop();
      this.calmDown();
    };
  }

  /** Of what may be refused, what was since the last look, or is to be: from 0 to 1. */
  get share(): number {
    return Math.max(this.lateShare, this.refusedPart);
  }

  get isShedding(): boolean {
    return this.isShedding_;
  }

  /** Of a message, which waits in no crowd: rooms have queues of their own. @throws AppError BUSY */
  admit(): void {
    this.sinceLook.asked += 1;
    if (this.lateShare > 0 && Math.random() < this.lateShare) this.refuse();
  }

  /** Of a call. @returns what has to be called once it is answered or given up; more than once does no harm @throws AppError BUSY */
  admitCall(): () => void {
    this.admit();
    if (this.underway.count >= this.crowd) this.refuse();
    return this.underway.begin();
  }

  look({ delayMs, utilization, elapsedMs }: Look): void {
    this.underway.look(elapsedMs);
    const isLate = delayMs > this.limitMs;
    const hasNoRest = utilization >= BUSY_UTILIZATION;
    if (this.isShedding_) {
      this.adaptShare(delayMs);
      this.adaptCrowd(hasNoRest);
      this.noteRefusals();
    } else {
      const isTooMuch = isLate || (hasNoRest && this.underway.waitMs > this.limitMs);
      this.lateMs = Math.max(0, this.lateMs + Math.min(elapsedMs, MOST_OF_LOOK_MS) * (isTooMuch ? 1 : -1));
      if (this.lateMs >= TOO_LATE_MS) this.begin(delayMs);
    }
    Object.assign(this.sinceLook, { asked: 0, refused: 0 });
  }

  private begin(delayMs: number): void {
    const [lateMs, waitMs] = [Math.round(delayMs), Math.round(this.underway.waitMs)];
    this.options.logger.warn({ lateMs, waitMs }, 'too much is asked: a part of it is refused');
    this.isShedding_ = true;
    this.calmLooks = 0;
    this.adaptShare(delayMs);
    this.adaptCrowd(true);
  }

  private adaptShare(delayMs: number): void {
    if (delayMs > this.limitMs)
      this.lateShare = Math.min(LARGEST_SHARE, 1 - (1 - this.lateShare) * KEPT_PART);
    else if (delayMs < this.limitMs * CALM_PART) this.lateShare = Math.max(0, this.lateShare - LESS);
  }

  private adaptCrowd(hasNoRest: boolean): void {
    this.crowd = hasNoRest
      ? Math.max(LEAST_CROWD, this.underway.answeredIn(this.limitMs * CROWD_PART))
      : this.crowd * WIDER;
  }

  private noteRefusals(): void {
    const { asked, refused } = this.sinceLook;
    this.refusedPart = asked === 0 ? 0 : refused / asked;
    this.calmLooks = refused === 0 && this.lateShare === 0 ? this.calmLooks + 1 : 0;
    if (this.calmLooks < CALM_LOOKS) return;
    this.calmDown();
    this.options.logger.info('nothing is refused any more');
  }

  private calmDown(): void {
    this.isShedding_ = false;
    this.lateShare = 0;
    this.crowd = Infinity;
    this.lateMs = 0;
    this.refusedPart = 0;
  }

  private refuse(): never {
    this.sinceLook.refused += 1;
    const { least, most } = RETRY_SECONDS;
    const retryAfterSeconds = least + Math.floor(Math.random() * (most - least + 1));
    throw new AppError('BUSY', { retryAfterSeconds });
  }
}
