import type { EntityManager, FindManyOptions, ObjectLiteral } from 'typeorm';
import type { Dialect } from './sources.ts';

/** A statement has found another number of rows than it must: what somebody holds to be stored is not. */
export class RowCountError extends Error {
  override readonly name = 'RowCountError';
}

/** One open transaction. Everything inside it goes through this object and nothing else (DB-6). */
export interface Tx {
  dialect: Dialect;
  manager: EntityManager;
  /** Runs one statement with `?` placeholders and returns the driver's rows. */
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  /** Runs one statement that changes rows and returns how many it found. */
  execute(sql: string, parameters?: unknown[]): Promise<number>;
  /** As `execute`, for a statement that finds `rows` rows or nothing of the transaction is kept. @throws RowCountError */
  executeExactly(rows: number, sql: string, parameters?: unknown[]): Promise<void>;
  /**
   * What is asked for in this turn is the last, and whoever asks for it is all that follows: on MySQL COMMIT travels with it,
   * and one answer is waited for instead of two. When that answer is lost, so is what has become of the transaction.
   */
  finish(): void;
  /** Whether COMMIT may have been sent. */
  isFinished(): boolean;
  /**
   * Reads rows that nobody else changes before this transaction ends, as they are now. On SQLite the transaction mutex is the
   * lock (DB-3).
   */
  lock<Row extends ObjectLiteral>(entity: new () => Row, which: FindManyOptions<Row>): Promise<Row[]>;
  /** The business day that a moment falls on, as YYYY-MM-DD in the restaurants' time zone. */
  dayOf(timeMs: number): string;
  /** That time zone. */
  timezone: string;
  /** What listeners are told of once the transaction has committed. */
  topics: Set<string>;
  /** Names of `withNamedLock` that the connection holds. */
  namedLocks: Set<string>;
  /** Whether a statement has failed: no other is sent. */
  isFailed(): boolean;
}
