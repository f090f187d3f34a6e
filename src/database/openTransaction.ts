import type { QueryRunner } from 'typeorm';
import type { Dialect } from './dataSource.ts';
import { expandLists, flatten } from './placeholders.ts';
import type { Tx } from './tx.ts';

export interface OpenTransactionOptions {
  /** Its connection, on which BEGIN has been sent. */
  runner: QueryRunner;
  dialect: Dialect;
  topics: Set<string>;
  /** Looks at a statement's answer. Throws when it says that the transaction is not open any more. */
  inspect?(answer: unknown): void;
}

/*
 * What one transaction sees of its connection, through `Tx` and TypeORM alike. It is for work only: BEGIN, COMMIT and
 * ROLLBACK are the door's.
 *
 * States: open → failed → over, or open → over.
 *   open    statements are sent
 *   failed  a statement has failed. What the database has rolled back with it is not always known, and what is sent after
 *           a deadlock runs outside of any transaction: nothing more is sent, and there is no COMMIT, even when the
 *           error was passed over (DB-6)
 *   over    the door has ended it. A statement that comes late would be somebody else's
 */
export class OpenTransaction {
  readonly tx: Tx;
  private firstFailure: { error: unknown } | undefined;
  private running = 0;
  private isOver = false;

  constructor(private readonly options: OpenTransactionOptions) {
    const { dialect, topics } = options;
    const runner = this.guardedRunner();
    const send = (sql: string, parameters: unknown[]) =>
      [expandLists(sql, parameters, dialect), flatten(parameters, dialect)] as const;
    this.tx = {
      dialect,
      topics,
      manager: runner.manager,
      namedLocks: new Set(),
      isFailed: () => this.firstFailure !== undefined,
      query: async <Row>(sql: string, parameters: unknown[] = []) =>
        (await runner.query(...send(sql, parameters))) as Row[],
      execute: async (sql, parameters = []) =>
        (await runner.query(...send(sql, parameters), true)).affected ?? 0,
    };
  }

  /** The first statement that failed. */
  get failure(): unknown {
    return this.firstFailure?.error;
  }

  /** @throws the error that was passed over, or an Error when the work has not waited for one of its statements. */
  mustBeWhole(): void {
    if (this.firstFailure !== undefined) throw this.firstFailure.error;
    if (this.running > 0) throw new Error('A transaction returned while a statement of it was running');
  }

  end(): void {
    this.isOver = true;
  }

  /** A runner of its own, so that its state ends with it; the connection and its prepared statements are the real one's. */
  private guardedRunner(): QueryRunner {
    const { runner } = this.options;
    const guarded = Object.assign(Object.create(runner) as QueryRunner, {
      // TypeORM would open a transaction of its own around a `save`.
      isTransactionActive: true,
      query: this.query.bind(this),
      startTransaction: refuse,
      commitTransaction: refuse,
      rollbackTransaction: refuse,
      stream: refuse,
    });
    runner.dataSource.createEntityManager(guarded);
    return guarded;
  }

  private async query(...given: unknown[]): Promise<unknown> {
    if (this.isOver) throw new Error('A statement came after the end of its transaction');
    if (this.firstFailure !== undefined) throw this.firstFailure.error;
    const { runner, inspect } = this.options;
    this.running += 1;
    try {
      const answer: unknown = await (runner.query as (...given: unknown[]) => Promise<unknown>)(...given);
      inspect?.(answer);
      return answer;
    } catch (error) {
      this.firstFailure ??= { error };
      throw error;
    } finally {
      this.running -= 1;
    }
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('A transaction has no transactions inside'));
}
