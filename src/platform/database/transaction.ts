import type { EntityManager } from 'typeorm';
import { LIMITS } from '../limits.ts';
import type { Logger } from '../logger.ts';
import { untraced } from '../trace.ts';
import { closeDataSources } from './dataSource.ts';
import type { DataSources, Dialect } from './sources.ts';
import type { Door } from './door.ts';
import { isDuplicate, isLost, isOverdue, isRetryable } from './driverErrors.ts';
import { MysqlDoor } from './mysqlDoor.ts';
import { systemPause, type Pause } from './pause.ts';
import { expandLists, flatten } from './placeholders.ts';
import { nextBeat } from './replicaBeat.ts';
import { Reservation } from './reservation.ts';
import { SqliteDoor } from './sqliteDoor.ts';
import { RowCountError, type Tx } from './tx.ts';

export { RowCountError, type Tx };

/** What is given from outside; the defaults are for a process of its own. */
export interface DatabaseOptions {
  pause?: Pause;
  logger?: Pick<Logger, 'warn' | 'fatal'>;
  /** That business days are of. */
  timezone?: string;
  /** The process cannot write any more and must end. */
  onUnusable?(reason: unknown): void;
}

export interface TransactionOptions {
  /** An owner's commit, for which connections are kept. */
  isOwner?: boolean;
}

/** The database as the rest of the product sees it: transactions (the only way to write, DB-1) and reads outside of one. */
export class Database {
  readonly dialect: Dialect;
  private readonly door: Door;
  private readonly pause: Pause;
  private readonly reservation: Reservation | undefined;
  private readonly commitListeners: ((topics: ReadonlySet<string>) => void)[] = [];

  constructor(
    private readonly sources: DataSources,
    {
      pause = systemPause,
      timezone = 'Asia/Shanghai',
      logger,
      onUnusable = endProcess(logger),
    }: DatabaseOptions = {},
  ) {
    this.dialect = sources.dialect;
    this.pause = pause;
    const options = { pause, timezone, logger, onUnusable };
    this.door =
      sources.dialect === 'sqlite'
        ? new SqliteDoor(sources.write, options)
        : new MysqlDoor(sources.write, options);
    // On SQLite all transactions take their turns on one connection.
    this.reservation =
      sources.poolSize === undefined ? undefined : new Reservation(sources.poolSize, LIMITS.databaseAnswerMs);
  }

  /** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
  async transaction<T>(
    work: (tx: Tx) => Promise<T>,
    { isOwner = false }: TransactionOptions = {},
  ): Promise<T> {
    const topics = new Set<string>();
    const run = () => this.door.run(work, topics);
    const result = await (isOwner || this.reservation === undefined ? run() : this.reservation.run(run));
    if (topics.size > 0)
      untraced(() => {
        for (const listener of this.commitListeners) listener(topics);
      });
    return result;
  }

  /**
   * As `transaction`, again after a deadlock, a lock timeout, a lost race for a unique key, or a connection that was lost
   * before COMMIT, as that of a process that was stopped; at most `tries` times.
   */
  async retryingTransaction<T>(
    work: (tx: Tx) => Promise<T>,
    tries = 4,
    options: TransactionOptions = {},
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      let isCommitting = () => false;
      try {
        return await this.transaction(async (tx) => {
          isCommitting = tx.isFinished;
          const result = await work(tx);
          isCommitting = () => true;
          return result;
        }, options);
      } catch (error) {
        // Once COMMIT is on its way, a lost connection says nothing about the outcome.
        const isUndone = isRetryable(error) || isDuplicate(error) || (isLost(error) && !isCommitting());
        if (attempt >= tries || !isUndone || isOverdue(error)) throw error;
        await this.pause.sleep(2 ** attempt * 5 * this.pause.random());
      }
    }
  }

  /** Tells of commits that had topics. A commit whose answer was lost is not told of. */
  onCommit(listener: (topics: ReadonlySet<string>) => void): void {
    this.commitListeners.push(listener);
  }

  /** Transactions of this node that wait for their turn. */
  get waitingTransactions(): number {
    return this.reservation?.waiting ?? this.door.waiting ?? 0;
  }

  /** For reads outside a transaction that may be behind by what replicas are. Sees committed rows only. */
  get reader(): EntityManager {
    return this.sources.read.manager;
  }

  /** As `reader`, but never of a replica. */
  get currentReader(): EntityManager {
    return this.sources.current.manager;
  }

  /** How far behind each replica is, in ms; undefined: it does not say. */
  get replicasBehindMs(): (number | undefined)[] {
    return this.sources.replicas?.behindMs ?? [];
  }

  /** To be done each second: only replicas that have been looked at are read from. */
  async lookAtReplicas(): Promise<void> {
    const { replicas } = this.sources;
    if (replicas === undefined) return;
    replicas.look(await this.transaction(nextBeat));
  }

  /** One statement outside a transaction, for reading. */
  async read<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return this.sources.read.query<Row[]>(
      expandLists(sql, parameters, this.dialect),
      flatten(parameters, this.dialect),
    );
  }

  /** As `read`, but never from a replica, which may be behind: for what has to be true now. */
  async readCurrent<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return this.sources.current.query<Row[]>(
      expandLists(sql, parameters, this.dialect),
      flatten(parameters, this.dialect),
    );
  }

  async close(): Promise<void> {
    await closeDataSources(this.sources);
  }
}

/** What `tx.lock` says, for a statement that is written by hand: ` FOR UPDATE`, or nothing on SQLite. */
export function forUpdate(tx: Tx): string {
  return tx.dialect === 'mysql' ? ' FOR UPDATE' : '';
}

/** As `forUpdate`: others may read the rows so as well, and nobody changes them before the transaction ends. */
export function forShare(tx: Tx): string {
  return tx.dialect === 'mysql' ? ' LOCK IN SHARE MODE' : '';
}

/** The next process starts with a connection that it knows, and whoever was not answered asks it. */
function endProcess(logger: DatabaseOptions['logger']): (reason: unknown) => void {
  return (reason) => {
    const text = 'the database connection cannot be used any more; the process ends';
    if (logger === undefined) process.stderr.write(`${text}: ${String(reason)}\n`);
    else logger.fatal({ err: reason }, text);
    process.exit(1);
  };
}
