import type { Logger } from './logger.ts';

/** An answer holds for so long, however many ask. */
const FRESH_MS = 1000;
/** What has not answered by then counts as missing; a balancer does not wait for longer either. */
const DEADLINE_MS = 2000;

export interface Check {
  /** Rejects when the part does not do its work. It may take for ever. */
  check(): Promise<void>;
  /** A part without which nothing is known of this one. */
  needs?: string;
}

export interface ReadinessOptions {
  checks: Record<string, Check>;
  logger: Logger;
  deadlineMs?: number;
}

/*
 * Whether this node can do all of its work, part by part: each does what the work will do.
 *
 * Those who ask within a second share one round of checks. A check that is still running when the next round begins is not
 * begun again, so that a part which hangs has one check waiting and not one for every second.
 */
export class Readiness {
  private readonly running = new Map<string, Running>();
  private round: Promise<string[]> | undefined;
  private roundMs = -Infinity;

  constructor(private readonly options: ReadinessOptions) {}

  /** The names of the parts that do not work now; empty when the node is ready. */
  missing(): Promise<string[]> {
    const nowMs = performance.now();
    if (this.round === undefined || nowMs - this.roundMs >= FRESH_MS) {
      this.roundMs = nowMs;
      this.round = this.runRound();
    }
    return this.round;
  }

  private async runRound(): Promise<string[]> {
    const { checks, logger } = this.options;
    const outcomes = await Promise.all(
      Object.entries(checks).map(async ([part, { check }]) => ({
        part,
        failure: await this.failureOf(part, check),
      })),
    );
    const failed = outcomes.filter(({ failure }) => failure !== undefined);
    const isFailed = (name: string | undefined) => failed.some(({ part }) => part === name);
    const missing = failed.filter(({ part }) => !isFailed(checks[part]!.needs));
    for (const { part, failure } of missing) logger.warn({ err: failure, part }, 'not ready');
    return missing.map(({ part }) => part);
  }

  private async failureOf(part: string, check: Check['check']): Promise<unknown> {
    let running = this.running.get(part);
    if (running === undefined) {
      running = { failure: check().then(noFailure, asFailure), isLate: false };
      this.running.set(part, running);
      void running.failure.finally(() => this.running.delete(part));
    }
    // The deadline of a check that has missed it once is over.
    const late = new Error('no answer in time');
    if (running.isLate) return late;
    const { deadlineMs = DEADLINE_MS } = this.options;
    const timer = Promise.withResolvers<Error>();
    const timeout = setTimeout(() => {
      running.isLate = true;
      timer.resolve(late);
    }, deadlineMs);
    try {
      return await Promise.race([running.failure, timer.promise]);
    } finally {
      clearTimeout(timeout);
    }
  }
}

interface Running {
  /** Of the check, once it has ended; undefined: it has found nothing. */
  failure: Promise<unknown>;
  isLate: boolean;
}

const noFailure = () => undefined;

const asFailure = (error: unknown): unknown => error ?? new Error('failed for no reason');
