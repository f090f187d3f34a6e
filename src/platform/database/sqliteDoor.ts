import type BetterSqlite3 from 'better-sqlite3';
import { Mutex } from 'async-mutex';
import type { DataSource, QueryRunner } from 'typeorm';
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Door, DoorOptions } from './door.ts';
import { isSqliteBusy } from './driverErrors.ts';
import { OpenTransaction } from './openTransaction.ts';
import type { Tx } from './tx.ts';

/** What is used of TypeORM's driver. */
interface Driver {
  databaseConnection: BetterSqlite3.Database;
  queryRunner?: QueryRunner | undefined;
  createDatabaseConnection(): Promise<BetterSqlite3.Database>;
}

const MAX_BACKOFF_MS = 25;

/*
 * All transactions, one after the other, on the one connection that writes (DB-2).
 *
 * SQLite rolls back by itself when a statement or COMMIT meets a full disk, an input error, too little memory or an
 * interrupt, and then refuses a ROLLBACK. So what counts is never what was sent but what the connection says: before BEGIN
 * and after COMMIT or ROLLBACK it is outside of a transaction, and TypeORM's runner, whose own counting would turn
 * everything after such a failure into savepoints of a transaction that never commits, counts nothing.
 *
 * States: usable → usable, a new connection being opened when the old one does not leave its transaction; usable → unusable
 * when that fails too. Unusable is for good, and ends the process.
 */
export class SqliteDoor implements Door {
  private readonly mutex = new Mutex();
  private readonly driver: Driver;
  private runner: QueryRunner | undefined;
  private unusable: { reason: unknown } | undefined;
  private queued = 0;
  /** How long transactions have waited for other programs so far, all together. */
  private waitedMs = 0;

  constructor(
    private readonly source: DataSource,
    private readonly options: DoorOptions,
  ) {
    this.driver = source.driver as unknown as Driver;
  }

  get waiting(): number {
    return Math.max(0, this.queued - 1);
  }

  run<T>(work: (tx: Tx) => Promise<T>, topics: Set<string>): Promise<T> {
    if (this.queued >= LIMITS.queuedTransactions) return Promise.reject(new AppError('BUSY'));
    this.queued += 1;
    // Counted from here, so that those who queue behind one that waits do not wait one after the other.
    const giveUpAtMs = this.waitedMs + LIMITS.sqliteBusyMs;
    return this.mutex.runExclusive(async () => {
      this.queued -= 1;
      const runner = await this.begin(giveUpAtMs);
      const open = new OpenTransaction({
        runner,
        dialect: 'sqlite',
        topics,
        timezone: this.options.timezone,
      });
      try {
        const result = await work(open.tx);
        open.mustBeWhole();
        await open.end();
        if (!this.isInTransaction) throw new Error('A transaction was over before its COMMIT');
        await runner.query('COMMIT');
        if (!this.isClean(runner)) throw new Error('COMMIT was answered, and the transaction is still open');
        return result;
      } catch (error) {
        await open.end();
        await this.rollBack(runner);
        throw error;
      }
    });
  }

  /** Every wait for another program is one of this event loop's turns: SQLite's own would stop the whole process. */
  private async begin(giveUpAtMs: number): Promise<QueryRunner> {
    for (let backoffMs = 1; ; backoffMs = Math.min(MAX_BACKOFF_MS, backoffMs * 2)) {
      const runner = await this.cleanRunner();
      try {
        await runner.query('BEGIN IMMEDIATE');
        return runner;
      } catch (error) {
        await this.rollBack(runner);
        if (!isSqliteBusy(error)) throw error;
        if (this.waitedMs >= giveUpAtMs) throw new AppError('BUSY', { cause: error });
      }
      await this.options.pause.sleep(backoffMs);
      this.waitedMs += backoffMs;
    }
  }

  private async cleanRunner(): Promise<QueryRunner> {
    if (this.unusable !== undefined)
      throw new Error('The database connection is unusable', { cause: this.unusable.reason });
    const runner = (this.runner ??= this.source.createQueryRunner());
    if (this.isClean(runner)) return runner;
    await this.rollBack(runner);
    return (this.runner ??= this.source.createQueryRunner());
  }

  /** Leaves a connection outside of any transaction, this one or another. */
  private async rollBack(runner: QueryRunner): Promise<void> {
    let reason: unknown = new Error('A transaction was left open');
    try {
      if (this.isInTransaction) await runner.query('ROLLBACK');
    } catch (error) {
      reason = error;
    }
    if (!this.isClean(runner)) await this.reopen(reason);
  }

  private async reopen(reason: unknown): Promise<void> {
    this.options.logger?.warn({ err: reason }, 'the database connection is opened anew');
    this.runner = undefined;
    this.driver.queryRunner = undefined;
    try {
      // Which rolls back what was open.
      this.driver.databaseConnection.close();
      this.driver.databaseConnection = await this.driver.createDatabaseConnection();
      if (this.isInTransaction) throw new Error('A new connection is inside of a transaction');
    } catch (error) {
      this.unusable = { reason: error };
      this.options.onUnusable(error);
      throw new Error('The database connection is unusable', { cause: error });
    }
  }

  private get isInTransaction(): boolean {
    return this.driver.databaseConnection.inTransaction;
  }

  private isClean(runner: QueryRunner): boolean {
    const { transactionDepth } = runner as unknown as { transactionDepth: number };
    return !this.isInTransaction && !runner.isTransactionActive && transactionDepth === 0;
  }
}
