import type { z } from 'zod';
import type { takenShape } from '../analytics/behaviors/messages.ts';
import type { BehaviorKind } from '../../entities/analytics/AnalyticsBehavior.ts';
import type { Api } from './api.ts';
import { KaijiangError } from './kaijiangError.ts';
import { retryAfterMs } from './patience.ts';
import { createRequestId } from './requestId.ts';
import { isSampled } from './visitSample.ts';

/** What somebody does on a page. */
export interface TrackedBehavior {
  kind: BehaviorKind;
  /** Of the page, or of the action on it: a-z 0-9 _ . - */
  name: string;
  /** What it is done to. */
  target?: { type: string; id: number };
  /** Of a dwell. */
  durationMs?: number;
  /** Of what is shown: 1 at the top. */
  position?: number;
}

type Taken = z.output<typeof takenShape>;
type Entry = Record<string, unknown>;

/** What a browser has of it; Node has nothing. */
interface Page {
  addEventListener?(type: string, listener: () => void): void;
  document?: { visibilityState: string };
}

const EVERY_MS = 5000;
const MANY = 20;
const MOST_SENT = 100;
const MOST_KEPT = 500;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/*
 * What is told of goes out every few seconds, as soon as there is much of it, and when the page is left. It is kept until the server has
 * answered, and sent again with the same ids: an answer that was lost counts nothing twice. Of more than is kept the oldest are dropped.
 * Nothing that goes wrong here is ever the page's trouble.
 */
export class BehaviorTracker {
  private kept: Entry[] = [];
  private readonly visitId = createRequestId();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isSending = false;
  private failures = 0;
  private samplePercent = 100;

  constructor(private readonly services: { api: Api; token(): string | undefined }) {
    // Of these two a browser tells at least one when a page is left, or hidden by another app.
    const page = globalThis as Page;
    page.addEventListener?.('pagehide', () => this.leave());
    page.addEventListener?.('visibilitychange', () => {
      if (page.document?.visibilityState === 'hidden') this.leave();
    });
  }

  track(behavior: TrackedBehavior): void {
    try {
      if (!isSampled(this.visitId, this.samplePercent)) return;
      this.kept.push(entryOf(behavior));
      if (this.kept.length > MOST_KEPT) this.kept.shift();
      // After a failure, when it is time for the next try.
      if (this.kept.length >= MANY && this.failures === 0) void this.send();
      else this.sendIn(EVERY_MS);
    } catch (error) {
      console.warn('what is done on this page is not told of', error);
    }
  }

  /** What is not sent yet is nobody's: somebody else uses the page. */
  forget(): void {
    this.kept = [];
  }

  private sendIn(ms: number): void {
    if (this.timer !== undefined || this.isSending) return;
    this.timer = setTimeout(() => void this.send(), ms);
    // In Node nothing waits for it.
    (this.timer as { unref?: () => void }).unref?.();
  }

  private async send(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.isSending || this.kept.length === 0 || this.services.token() === undefined) return;
    this.isSending = true;
    const sent = this.kept.slice(0, MOST_SENT);
    let pauseMs = EVERY_MS;
    try {
      const { sample_percent } = await this.post(sent);
      this.samplePercent = sample_percent;
      this.settle(sent);
      if (this.kept.length >= MANY) pauseMs = 0;
    } catch (error) {
      pauseMs = this.pauseAfter(error, sent);
    }
    this.isSending = false;
    if (!isSampled(this.visitId, this.samplePercent)) this.forget();
    if (this.kept.length > 0) this.sendIn(pauseMs);
  }

  /** @returns how long to wait for the next try */
  private pauseAfter(error: unknown, sent: readonly Entry[]): number {
    // What is refused for good would be refused again.
    if (!(error instanceof KaijiangError) || !error.isPassing) {
      this.settle(sent);
      return EVERY_MS;
    }
    const fullMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.failures++);
    return Math.max(retryAfterMs(error), fullMs * (0.5 + Math.random() / 2));
  }

  private settle(sent: readonly Entry[]): void {
    this.failures = 0;
    const settled = new Set(sent);
    this.kept = this.kept.filter((entry) => !settled.has(entry));
  }

  /** The answer may come when there is nobody any more: what stays is sent again if the page comes back. */
  private leave(): void {
    const sent = this.kept.slice(0, MOST_SENT);
    if (sent.length === 0 || this.services.token() === undefined) return;
    this.post(sent, { outlivesPage: true }).then(
      () => this.settle(sent),
      () => undefined,
    );
  }

  private post(behaviors: readonly Entry[], options?: { outlivesPage: true }): Promise<Taken> {
    const body = { sent_at: new Date().toISOString(), visit_id: this.visitId, behaviors };
    return this.services.api.post<Taken>('/analytics/behaviors', body, options);
  }
}

function entryOf({ kind, name, target, durationMs, position }: TrackedBehavior): Entry {
  return {
    event_id: createRequestId(),
    kind,
    name,
    at: new Date().toISOString(),
    ...(target !== undefined && { target_type: target.type, target_id: target.id }),
    ...(durationMs !== undefined && { duration_ms: Math.round(durationMs) }),
    ...(position !== undefined && { position }),
  };
}
