import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { BusinessEvent } from '../../entities/BusinessEvent.ts';
import { CustomerSession } from '../../entities/CustomerSession.ts';
import { IdempotencyRecord } from '../../entities/IdempotencyRecord.ts';
import { LotteryCampaign } from '../../entities/LotteryCampaign.ts';
import { LotteryCampaignFigures } from '../../entities/LotteryCampaignFigures.ts';
import { LotteryDraw } from '../../entities/LotteryDraw.ts';
import { LotteryDrawRequest } from '../../entities/LotteryDrawRequest.ts';
import { LotteryFairnessEntry } from '../../entities/LotteryFairnessEntry.ts';
import { LotteryFairnessEpoch } from '../../entities/LotteryFairnessEpoch.ts';
import { LotteryPrize } from '../../entities/LotteryPrize.ts';
import { LotteryUserCounter } from '../../entities/LotteryUserCounter.ts';
import { PointsTransaction } from '../../entities/PointsTransaction.ts';
import { User } from '../../entities/User.ts';
import { UserInventory } from '../../entities/UserInventory.ts';
import { UserPointsAccount } from '../../entities/UserPointsAccount.ts';
import { VerificationCode } from '../../entities/VerificationCode.ts';
import { Foundation1700000000000 } from './migrations/1700000000000-Foundation.ts';

export type Dialect = 'sqlite' | 'mysql';

export interface DataSources {
  dialect: Dialect;
  /** Transactions only (DB-1). On SQLite one connection, guarded by the mutex of transaction.ts. */
  write: DataSource;
  /** Reads outside a transaction: a read-only connection on SQLite, the replicas or the pool on MySQL (DB-2). */
  read: DataSource;
}

const ENTITIES = [
  BusinessEvent,
  CustomerSession,
  IdempotencyRecord,
  LotteryCampaign,
  LotteryCampaignFigures,
  LotteryDraw,
  LotteryDrawRequest,
  LotteryFairnessEntry,
  LotteryFairnessEpoch,
  LotteryPrize,
  LotteryUserCounter,
  PointsTransaction,
  User,
  UserInventory,
  UserPointsAccount,
  VerificationCode,
];
const MIGRATIONS = [Foundation1700000000000];

export interface DataSourceSettings {
  /** sqlite:FILE or mysql://user:pass@host:port/database */
  url: string;
  replicaUrls: string[];
  poolSize: number;
}

/** Opens the database and brings its schema up to date. */
export async function openDataSources(settings: DataSourceSettings): Promise<DataSources> {
  return settings.url.startsWith('sqlite:')
    ? openSqlite(settings.url.slice('sqlite:'.length))
    : openMysql(settings);
}

async function openSqlite(file: string): Promise<DataSources> {
  mkdirSync(dirname(file), { recursive: true });
  const common = { type: 'better-sqlite3', database: file, entities: ENTITIES, synchronize: false } as const;
  const write = new DataSource({
    ...common,
    migrations: MIGRATIONS,
    enableWAL: true,
    prepareDatabase: (connection: { pragma(text: string): unknown }) => {
      connection.pragma('synchronous = FULL');
      connection.pragma('foreign_keys = ON');
      connection.pragma('busy_timeout = 5000');
    },
  });
  await write.initialize();
  await write.runMigrations({ transaction: 'each' });
  const read = new DataSource({ ...common, readonly: true });
  await read.initialize();
  return { dialect: 'sqlite', write, read };
}

async function openMysql({ url, replicaUrls, poolSize }: DataSourceSettings): Promise<DataSources> {
  const common = {
    type: 'mysql',
    entities: ENTITIES,
    synchronize: false,
    timezone: 'Z',
    charset: 'utf8mb4',
    poolSize,
    connectTimeout: 5000,
    // Waiting for a connection is bounded too; a longer queue only hides an overload.
    extra: { queueLimit: 1000, enableKeepAlive: true },
  } satisfies Partial<DataSourceOptions>;
  const write = new DataSource({ ...common, url, migrations: MIGRATIONS });
  await write.initialize();
  await useReadCommitted(write);
  await write.runMigrations({ transaction: 'each' });
  if (replicaUrls.length === 0) return { dialect: 'mysql', write, read: write };
  const read = new DataSource({
    ...common,
    replication: {
      master: { url },
      slaves: replicaUrls.map((replica) => ({ url: replica })),
      defaultMode: 'slave',
    },
  });
  await read.initialize();
  return { dialect: 'mysql', write, read };
}

/**
 * Locks go on the rows a statement names and on no gap between them. Set once per connection, not per transaction: here
 * for the one that `initialize` has left in the pool, at its birth for every later one.
 */
async function useReadCommitted(source: DataSource): Promise<void> {
  const setLevel = 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED';
  const { pool } = source.driver as unknown as {
    pool: { on(event: 'connection', listener: (connection: { query(sql: string): void }) => void): void };
  };
  pool.on('connection', (connection) => connection.query(setLevel));
  await source.query(setLevel);
}

export async function closeDataSources({ write, read }: DataSources): Promise<void> {
  if (read !== write) await read.destroy();
  await write.destroy();
}
