/*
 * What a node does when more is asked of it than it can do (RO-12): it refuses a share of what comes with BUSY, before anything is read
 * of it, so that what it takes is answered as soon as ever. The share grows while the event loop is late, and shrinks slowly when it is
 * not, so that neither flaps. While there is a share the node is not ready, and a balancer that asks sends its callers elsewhere.
 *
 *   calm ⇄ shedding
 *
 * One look that was late is none: a process that stood still, or collected garbage, is not overloaded.
 *
 * Never refused: probes and metrics, what staff and machines ask (who redeem and take bills at the till), tokens that are renewed or handed
 * over, pages, what another node has taken and passes on, and whatever is queued or acknowledged already.
 */
import { AppError } from './errors.ts';
import { meterDelay, type DelayMeter } from './loopLag.ts';
import type { Logger } from './logger.ts';

export interface SheddingOptions {
  /** 0: nothing is ever refused. */
  limitMs: number;
  logger: Pick<Logger, 'warn' | 'info'>;
}

const LOOK_MS = 250;
/** So many looks in a row, one second in all, or half of that when it is already shedding. */
const LATE_LOOKS = { calm: 3, shedding: 1 };
const FIRST_SHARE = 0.3;
const MORE = 0.1;
const LESS = 0.03;
/** Somebody is always let in, so that it shows when there is room again. */
const LARGEST_SHARE = 0.95;
/** Below this part of the limit there is room again. */
const CALM_PART = 0.5;
const RETRY_SECONDS = { least: 1, most: 3 };

export class Shedding {
  private share_ = 0;
  private lateLooks = 0;
  private readonly limitMs: number;

  constructor(private readonly options: SheddingOptions) {
    this.limitMs = options.limitMs;
  }

  /** @returns how to stop */
  start(): () => void {
    if (this.limitMs === 0) return () => undefined;
    const meter: DelayMeter = meterDelay();
    const timer = setInterval(() => {
      this.look(meter.p99Ms());
      meter.beginAnew();
    }, LOOK_MS);
    timer.unref();
    return () => {
      clearInterval(timer);
      meter.stop();
      this.share_ = 0;
    };
  }

  /** Of what may be refused, from 0 to 1. */
  get share(): number {
    return this.share_;
  }

  get isShedding(): boolean {
    return this.share_ > 0;
  }

  /** @throws AppError BUSY for as many as are to be refused */
  admit(): void {
    if (this.share_ === 0 || Math.random() >= this.share_) return;
    const { least, most } = RETRY_SECONDS;
    const retryAfterSeconds = least + Math.floor(Math.random() * (most - least + 1));
    throw new AppError('BUSY', { retryAfterSeconds });
  }

  /** What the last look has found. */
  look(delayMs: number): void {
    if (delayMs > this.limitMs) this.grow(delayMs);
    else {
      this.lateLooks = 0;
      if (delayMs < this.limitMs * CALM_PART) this.shrink();
    }
  }

  private grow(delayMs: number): void {
    this.lateLooks += 1;
    if (this.lateLooks < (this.isShedding ? LATE_LOOKS.shedding : LATE_LOOKS.calm)) return;
    if (!this.isShedding)
      this.options.logger.warn(
        { delayMs: Math.round(delayMs) },
        'too much is asked: a part of it is refused',
      );
    this.share_ = Math.min(LARGEST_SHARE, Math.max(FIRST_SHARE, this.share_ + MORE));
  }

  private shrink(): void {
    if (!this.isShedding) return;
    this.share_ = Math.max(0, this.share_ - LESS);
    if (!this.isShedding) this.options.logger.info('nothing is refused any more');
  }
}
