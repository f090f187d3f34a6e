import type { Logger } from '../logger.ts';
import type { Pause } from './pause.ts';
import type { Tx } from './tx.ts';

/**
 * The one way into a transaction, which owns BEGIN, COMMIT and ROLLBACK (DB-1, DB-7). It knows whether its connection has
 * an open transaction, and never uses one again whose state it does not know.
 */
export interface Door {
  /** Committed when it resolves. When it rejects, nothing is committed, but where the answer to COMMIT was lost. */
  run<T>(work: (tx: Tx) => Promise<T>, topics: Set<string>): Promise<T>;
  /** Those that wait for their turn here; absent: none do, they wait before it. */
  readonly waiting?: number;
}

export interface DoorOptions {
  /** That business days are of. */
  timezone: string;
  pause: Pause;
  /** Where a connection that was given up is told of. */
  logger: Pick<Logger, 'warn'> | undefined;
  /** The process cannot write any more, and must end: another one starts with a connection that it knows. */
  onUnusable(reason: unknown): void;
}
