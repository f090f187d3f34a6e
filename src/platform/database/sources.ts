import type { DataSource } from 'typeorm';
import type { Replicas } from './replicas.ts';

export type Dialect = 'sqlite' | 'mysql';

export interface DataSources {
  dialect: Dialect;
  /** Transactions only (DB-1). On SQLite one connection, guarded by the mutex of transaction.ts. */
  write: DataSource;
  /** Reads outside a transaction: a read-only connection on SQLite, the replicas or a small pool on MySQL (DB-2). */
  read: DataSource;
  /** As `read`, and never a replica, which may be behind. */
  current: DataSource;
  /** Connections of `write`; undefined where there is one, of which everybody takes turns. */
  poolSize?: number;
  /** Behind `read`, where there are any. */
  replicas?: Replicas;
  /** Steps of the schema that a later build has made, and that this one does not know. */
  newerSteps: readonly string[];
  onClosed?(): void;
}
