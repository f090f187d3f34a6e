import { Mutex } from 'async-mutex';
import type { EntityManager } from 'typeorm';
import { closeDataSources, type DataSources, type Dialect } from './dataSource.ts';
import { systemPause, type Pause } from './pause.ts';

/** One open transaction. Everything inside it goes through this object and nothing else (DB-6). */
export interface Tx {
  dialect: Dialect;
  manager: EntityManager;
  /** Runs one statement with `?` placeholders and returns the driver's rows. */
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  /** Runs one statement that changes rows and returns how many it found. */
  execute(sql: string, parameters?: unknown[]): Promise<number>;
  /** What listeners are told of once the transaction has committed. */
  topics: Set<string>;
}

/** Errors after which the same transaction may succeed: 1213 deadlock, 1205 lock timeout, SQLite's busy. */
const RETRYABLE = new Set([
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_CHECKREAD',
  'SQLITE_BUSY',
  'SQLITE_LOCKED',
]);
const DUPLICATE = new Set(['ER_DUP_ENTRY', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY']);

/**
 * The database as the rest of the product sees it: transactions (the only way to write, DB-1) and reads outside of one.
 *
 * TypeORM's SQLite driver has one connection, on which two concurrent transactions would break each other, so there all
 * transactions pass a mutex (DB-2).
 */
export class Database {
  readonly dialect: Dialect;
  private readonly mutex: Mutex | undefined;
  private readonly commitListeners: ((topics: ReadonlySet<string>) => void)[] = [];

  constructor(
    private readonly sources: DataSources,
    private readonly pause: Pause = systemPause,
  ) {
    this.dialect = sources.dialect;
    this.mutex = sources.dialect === 'sqlite' ? new Mutex() : undefined;
  }

  /** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const topics = new Set<string>();
    const run = () =>
      this.sources.write.transaction((manager) => work(createTx(manager, this.dialect, topics)));
    const result = await (this.mutex === undefined ? run() : this.mutex.runExclusive(run));
    for (const listener of topics.size === 0 ? [] : this.commitListeners) listener(topics);
    return result;
  }

  /**
   * As `transaction`, again after a deadlock, a lock timeout, a lost race for a unique key, or a connection that was lost
   * before COMMIT, as that of a process that was stopped; at most `tries` times.
   */
  async retryingTransaction<T>(work: (tx: Tx) => Promise<T>, tries = 4): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      let isWorkDone = false;
      try {
        return await this.transaction(async (tx) => {
          const result = await work(tx);
          isWorkDone = true;
          return result;
        });
      } catch (error) {
        // Once COMMIT is on its way, a lost connection says nothing about the outcome.
        const isUndone = isRetryable(error) || isDuplicate(error) || (isLost(error) && !isWorkDone);
        if (attempt >= tries || !isUndone) throw error;
        await this.pause.sleep(2 ** attempt * 5 * this.pause.random());
      }
    }
  }

  /** Tells of commits that had topics. A commit whose answer was lost is not told of. */
  onCommit(listener: (topics: ReadonlySet<string>) => void): void {
    this.commitListeners.push(listener);
  }

  /** For reads outside a transaction. Sees committed rows only. */
  get reader(): EntityManager {
    return this.sources.read.manager;
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
    // On SQLite the writing connection is the transaction's own (DB-2).
    const source = this.dialect === 'sqlite' ? this.sources.read : this.sources.write;
    return source.query<Row[]>(expandLists(sql, parameters, this.dialect), flatten(parameters, this.dialect));
  }

  /** Resolves when the database answers; rejects with its error. */
  async ping(): Promise<void> {
    await this.sources.read.query('SELECT 1');
  }

  async close(): Promise<void> {
    await closeDataSources(this.sources);
  }
}

function createTx(manager: EntityManager, dialect: Dialect, topics: Set<string>): Tx {
  const runner = manager.queryRunner;
  if (runner == null) throw new Error('A transaction has a query runner');
  return {
    dialect,
    manager,
    topics,
    query: async <Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> => {
      const rows: unknown = await runner.query(
        expandLists(sql, parameters, dialect),
        flatten(parameters, dialect),
      );
      return rows as Row[];
    },
    execute: async (sql, parameters = []) => {
      const result = await runner.query(
        expandLists(sql, parameters, dialect),
        flatten(parameters, dialect),
        true,
      );
      return result.affected ?? 0;
    },
  };
}

/*
 * `IN (?)` with an array, and `(a, b) IN (?)` with an array of rows: mysql2 expands nested arrays itself, for SQLite the
 * placeholders are written out here.
 */
function expandLists(sql: string, parameters: unknown[], dialect: Dialect): string {
  // `IN ()` means nothing in one dialect and is an error in the other; whoever asks has a list to check first.
  if (parameters.some((parameter) => Array.isArray(parameter) && parameter.length === 0)) {
    throw new RangeError('A list of a statement is empty');
  }
  if (dialect === 'mysql' || !parameters.some(Array.isArray)) return sql;
  let next = 0;
  return sql.replace(/\?/g, () => placeholdersOf(parameters[next++]));
}

function placeholdersOf(parameter: unknown): string {
  if (!Array.isArray(parameter)) return '?';
  if (!Array.isArray(parameter[0])) return parameter.map(() => '?').join(',');
  const row = `(${parameter[0].map(() => '?').join(',')})`;
  return `VALUES ${parameter.map(() => row).join(',')}`;
}

function flatten(parameters: unknown[], dialect: Dialect): unknown[] {
  return dialect === 'mysql' ? parameters : parameters.flat(2);
}

/** ` FOR UPDATE`, or nothing on SQLite, where the transaction mutex is the lock (DB-3). */
export function forUpdate(tx: Tx): string {
  return tx.dialect === 'mysql' ? ' FOR UPDATE' : '';
}

export function isRetryable(error: unknown): boolean {
  return RETRYABLE.has(driverCodeOf(error));
}

/** Whether the error is a violated unique key. */
export function isDuplicate(error: unknown): boolean {
  return DUPLICATE.has(driverCodeOf(error));
}

/** Whether the error has ended its connection, and with it whatever was not committed. MySQL says so before it hangs up. */
function isLost(error: unknown): boolean {
  const { fatal } = (error ?? {}) as { fatal?: unknown };
  return fatal === true || driverCodeOf(error) === 'ER_CLIENT_INTERACTION_TIMEOUT';
}

function driverCodeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
