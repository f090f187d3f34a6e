import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { BusinessEvent } from '../../entities/BusinessEvent.ts';
import { CustomerSession } from '../../entities/CustomerSession.ts';
import { EventHandling } from '../../entities/EventHandling.ts';
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
import { EventRelay1700000001000 } from './migrations/1700000001000-EventRelay.ts';

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
  EventHandling,
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
const MIGRATIONS = [Foundation1700000000000, EventRelay1700000001000];

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
  await prepareConnections(write);
  await migrateAlone(write);
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

/** Settings of every connection, made once at its birth and not per transaction. */
async function prepareConnections(source: DataSource): Promise<void> {
  const [server] = await source.query<{ version: string }[]>('SELECT VERSION() AS version');
  const statements = [
    // Locks go on the rows a statement names and on no gap between them.
    'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
    'SET SESSION innodb_lock_wait_timeout = 10',
    // A process that is stopped inside a transaction must not keep its locks from the one that takes over. MySQL has no
    // such setting: there the locks last until the server notices that the connection is dead.
    ...(server?.version.includes('MariaDB') ? ['SET SESSION idle_transaction_timeout = 2'] : []),
  ];
  const { pool } = source.driver as unknown as {
    pool: { on(event: 'connection', listener: (connection: { query(sql: string): void }) => void): void };
  };
  pool.on('connection', (connection) => {
    for (const statement of statements) connection.query(statement);
  });
  // The one connection that `initialize` has left in the pool.
  for (const statement of statements) await source.query(statement);
}

const MIGRATION_LOCK = 'kaijiang:migrations';
const MIGRATION_WAIT_SECONDS = 120;

/** Nodes that start together must not migrate together: CREATE TABLE commits by itself and cannot be rolled back. */
async function migrateAlone(source: DataSource): Promise<void> {
  const holder = source.createQueryRunner();
  try {
    const [lock] = (await holder.query('SELECT GET_LOCK(?, ?) AS taken', [
      MIGRATION_LOCK,
      MIGRATION_WAIT_SECONDS,
    ])) as [{ taken: number | null }];
    if (Number(lock.taken) !== 1) throw new Error('another node has been migrating for too long');
    await source.runMigrations({ transaction: 'each' });
    await holder.query('SELECT RELEASE_LOCK(?)', [MIGRATION_LOCK]);
  } finally {
    await holder.release();
  }
}

export async function closeDataSources({ write, read }: DataSources): Promise<void> {
  if (read !== write) await read.destroy();
  await write.destroy();
}
