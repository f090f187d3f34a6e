import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { AccessVersion } from '../../entities/AccessVersion.ts';
import { AdminAuditLog } from '../../entities/AdminAuditLog.ts';
import { BusinessEvent } from '../../entities/BusinessEvent.ts';
import { CustomerSession } from '../../entities/CustomerSession.ts';
import { EventHandling } from '../../entities/EventHandling.ts';
import { IdempotencyRecord } from '../../entities/IdempotencyRecord.ts';
import { IpAllowEntry } from '../../entities/IpAllowEntry.ts';
import { LoginLock } from '../../entities/LoginLock.ts';
import { LoginLog } from '../../entities/LoginLog.ts';
import { LotteryCampaign } from '../../entities/LotteryCampaign.ts';
import { LotteryCampaignFigures } from '../../entities/LotteryCampaignFigures.ts';
import { LotteryDraw } from '../../entities/LotteryDraw.ts';
import { LotteryDrawRequest } from '../../entities/LotteryDrawRequest.ts';
import { LotteryFairnessEntry } from '../../entities/LotteryFairnessEntry.ts';
import { LotteryFairnessEpoch } from '../../entities/LotteryFairnessEpoch.ts';
import { LotteryPrize } from '../../entities/LotteryPrize.ts';
import { LotteryUserCounter } from '../../entities/LotteryUserCounter.ts';
import { PointsTransaction } from '../../entities/PointsTransaction.ts';
import { RolePermission } from '../../entities/RolePermission.ts';
import { RotatedRefreshToken } from '../../entities/RotatedRefreshToken.ts';
import { User } from '../../entities/User.ts';
import { UserDevice } from '../../entities/UserDevice.ts';
import { UserInventory } from '../../entities/UserInventory.ts';
import { UserPermission } from '../../entities/UserPermission.ts';
import { UserPointsAccount } from '../../entities/UserPointsAccount.ts';
import { VerificationCode } from '../../entities/VerificationCode.ts';
import { Foundation1700000000000 } from './migrations/1700000000000-Foundation.ts';
import { EventRelay1700000001000 } from './migrations/1700000001000-EventRelay.ts';
import { Access1700000002000 } from './migrations/1700000002000-Access.ts';
import { Reads1700000004000 } from './migrations/1700000004000-Reads.ts';

export type Dialect = 'sqlite' | 'mysql';

export interface DataSources {
  dialect: Dialect;
  /** Transactions only (DB-1). On SQLite one connection, guarded by the mutex of transaction.ts. */
  write: DataSource;
  /** Reads outside a transaction: a read-only connection on SQLite, the replicas or the pool on MySQL (DB-2). */
  read: DataSource;
}

const ENTITIES = [
  AccessVersion,
  AdminAuditLog,
  BusinessEvent,
  CustomerSession,
  EventHandling,
  IdempotencyRecord,
  IpAllowEntry,
  LoginLock,
  LoginLog,
  LotteryCampaign,
  LotteryCampaignFigures,
  LotteryDraw,
  LotteryDrawRequest,
  LotteryFairnessEntry,
  LotteryFairnessEpoch,
  LotteryPrize,
  LotteryUserCounter,
  PointsTransaction,
  RolePermission,
  RotatedRefreshToken,
  User,
  UserDevice,
  UserInventory,
  UserPermission,
  UserPointsAccount,
  VerificationCode,
];
const MIGRATIONS = [
  Foundation1700000000000,
  EventRelay1700000001000,
  Access1700000002000,
  Reads1700000004000,
];

export interface DataSourceSettings {
  /** sqlite:FILE or mysql://user:pass@host:port/database */
  url: string;
  replicaUrls: string[];
  poolSize: number;
  /** The server's VERSION(), which is asked of it otherwise. */
  serverVersion?: string;
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

async function openMysql(settings: DataSourceSettings): Promise<DataSources> {
  const { url, replicaUrls, poolSize } = settings;
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
  const write = await withFirstConnection(url, async (first) => {
    const ofServer = connectionSettings(settings.serverVersion ?? (await versionOf(first)));
    const extra = { ...common.extra, ...poolOptions(ofServer, poolSize) };
    const source = new DataSource({ ...common, extra, url, migrations: MIGRATIONS });
    await source.initialize();
    await prepareConnections(source, ofServer);
    await migrateAlone(first, source);
    return source;
  });
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

/** What differs between MySQL and MariaDB. */
export interface ConnectionSettings {
  /** Run once on every connection. */
  statements: string[];
  /** The server closes connections that have been idle for this long, so the pool must not use them. Undefined: for hours. */
  idleLimitMs: number | undefined;
}

/**
 * A process that is stopped inside a transaction must not keep its locks from the one that takes over. MariaDB ends a
 * transaction that is idle. MySQL knows idle connections only, in a transaction or in a pool alike.
 */
export function connectionSettings(version: string): ConnectionSettings {
  const common = [
    // Locks go on the rows a statement names and on no gap between them.
    'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
    'SET SESSION innodb_lock_wait_timeout = 10',
  ];
  return version.includes('MariaDB')
    ? { statements: [...common, 'SET SESSION idle_transaction_timeout = 2'], idleLimitMs: undefined }
    : { statements: [...common, 'SET SESSION wait_timeout = 3'], idleLimitMs: 3000 };
}

/** The pool closes idle connections itself, one or two seconds before the server would; it looks once a second. */
function poolOptions({ idleLimitMs }: ConnectionSettings, poolSize: number): object {
  if (idleLimitMs === undefined) return {};
  // Only with room for fewer idle connections than there may be does the pool look at all.
  return { idleTimeout: idleLimitMs / 3, maxIdle: poolSize - 1, gracefulEnd: true };
}

/** The part of mysql2's pool that is used here. */
interface Pool {
  on(event: 'connection', listener: (connection: PooledConnection) => void): void;
  getConnection(callback: (error: Error | null, connection: PooledConnection) => void): void;
}

interface PooledConnection {
  /** When it was last given back. */
  lastActiveTime: number;
  query(sql: string): void;
  destroy(): void;
}

async function prepareConnections(
  source: DataSource,
  { statements, idleLimitMs }: ConnectionSettings,
): Promise<void> {
  const { pool } = source.driver as unknown as { pool: Pool };
  pool.on('connection', (connection) => {
    for (const statement of statements) connection.query(statement);
  });
  if (idleLimitMs !== undefined) refuseIdle(pool, (idleLimitMs * 2) / 3);
  // The one connection that `initialize` has left in the pool.
  for (const statement of statements) await source.query(statement);
}

/**
 * A process that was stopped, or busy for seconds, wakes up with a pool of connections that the server has closed and that it
 * has not heard of. None of them is used: without this the first queries would fail.
 */
function refuseIdle(pool: Pool, maxIdleMs: number): void {
  const getConnection = pool.getConnection.bind(pool);
  pool.getConnection = (callback) => {
    getConnection((error, connection) => {
      if (error !== null || Date.now() - connection.lastActiveTime <= maxIdleMs) callback(error, connection);
      else {
        connection.destroy();
        pool.getConnection(callback);
      }
    });
  };
}

const MIGRATION_LOCK = 'kaijiang:migrations';
const MIGRATION_WAIT_SECONDS = 120;

/** One connection of no pool, so that nothing ends it while it is idle: it holds the migration lock. */
async function withFirstConnection<T>(url: string, work: (first: DataSource) => Promise<T>): Promise<T> {
  const first = new DataSource({ type: 'mysql', url, poolSize: 1, connectTimeout: 5000 });
  await first.initialize();
  try {
    return await work(first);
  } finally {
    await first.destroy();
  }
}

async function versionOf(source: DataSource): Promise<string> {
  const [server] = await source.query<[{ version: string }]>('SELECT VERSION() AS version');
  return server.version;
}

/** Nodes that start together must not migrate together: CREATE TABLE commits by itself and cannot be rolled back. */
async function migrateAlone(first: DataSource, source: DataSource): Promise<void> {
  // Idle while the migrations run, however short the server's operator lets connections be idle.
  await first.query('SET SESSION wait_timeout = 28800');
  const [lock] = await first.query<[{ taken: number | null }]>('SELECT GET_LOCK(?, ?) AS taken', [
    MIGRATION_LOCK,
    MIGRATION_WAIT_SECONDS,
  ]);
  if (Number(lock.taken) !== 1) throw new Error('another node has been migrating for too long');
  // The lock ends with its connection.
  await source.runMigrations({ transaction: 'each' });
}

export async function closeDataSources({ write, read }: DataSources): Promise<void> {
  if (read !== write) await read.destroy();
  await write.destroy();
}
