import { KaijiangError } from './kaijiangError.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

/** Pauses that grow from attempt to attempt, with half of each left to chance so that clients do not return all at once. */
export class Backoff {
  private attempts = 0;

  /**
   * @param atLeastMs what the server asked for
   * @param signal ends the pause early
   */
  async pause(atLeastMs = 0, signal?: AbortSignal): Promise<void> {
    const fullMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.attempts++);
    await sleep(Math.max(atLeastMs, fullMs * (0.5 + Math.random() / 2)), signal);
  }

  reset(): void {
    this.attempts = 0;
  }
}

/**
 * Tries until `deadlineMs`: a server that is away or asks for patience is met with patience, any other refusal is final.
 * What `work` sends must be safe to repeat: a GET, or a POST with one idempotency key for all tries.
 */
export async function persist<T>(work: () => Promise<T>, deadlineMs: number): Promise<T> {
  const backoff = new Backoff();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const final = error instanceof KaijiangError && !error.isPassing;
      if (final || Date.now() >= deadlineMs) throw error;
      await backoff.pause(retryAfterMs(error));
    }
  }
}

export function retryAfterMs(error: unknown): number {
  return error instanceof KaijiangError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
}

/** Resolves after `durationMs`, or at once when `signal` is aborted. */
export function sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, durationMs);
    signal?.addEventListener('abort', wake);
    if (signal?.aborted === true) wake();
  });
}

/** As `work`, but rejects with the signal's reason as soon as it is aborted; `work` itself goes on. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    // Browsers tell the reason from Chrome 98 and Safari 15.4 on.
    stop = () => reject((signal.reason as Error | undefined) ?? new DOMException('given up', 'AbortError'));
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop!);
  }
}

/** A promise and what settles it. Not Promise.withResolvers, which browsers have from Chrome 119 and Safari 17.4 on. */
export interface Deferred<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((settle, refuse) => {
    resolve = settle;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

/** A signal with an end: `done` is called when nobody needs it any more, so that no timer or listener stays behind. */
export interface Limit {
  signal: AbortSignal;
  done(): void;
}

/**
 * Aborted by whichever comes first: one of `signals`, or the time. Not AbortSignal.any and AbortSignal.timeout, which browsers
 * have from Chrome 116 and Safari 17.4 on.
 */
export function limitBy(signals: readonly AbortSignal[], timeoutMs?: number): Limit {
  const both = new AbortController();
  const onAbort = () => both.abort();
  const timer = timeoutMs === undefined ? undefined : setTimeout(onAbort, timeoutMs);
  for (const signal of signals) {
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  }
  return {
    signal: both.signal,
    done: () => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', onAbort);
    },
  };
}
