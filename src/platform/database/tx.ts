import type { EntityManager, FindManyOptions, ObjectLiteral } from 'typeorm';
import type { Dialect } from './sources.ts';

/** One open transaction. Everything inside it goes through this object and nothing else (DB-6). */
export interface Tx {
  dialect: Dialect;
  manager: EntityManager;
  /** Runs one statement with `?` placeholders and returns the driver's rows. */
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  /** Runs one statement that changes rows and returns how many it found. */
  execute(sql: string, parameters?: unknown[]): Promise<number>;
  /**
   * Reads rows that nobody else changes before this transaction ends, as they are now. On SQLite the transaction mutex is the
   * lock (DB-3).
   */
  lock<Row extends ObjectLiteral>(entity: new () => Row, which: FindManyOptions<Row>): Promise<Row[]>;
  /** What listeners are told of once the transaction has committed. */
  topics: Set<string>;
  /** Names of `withNamedLock` that the connection holds. */
  namedLocks: Set<string>;
  /** Whether a statement has failed: no other is sent. */
  isFailed(): boolean;
}
