import type BetterSqlite3 from 'better-sqlite3';
import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm';
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { DataSources } from './sources.ts';
import { isSqliteBusy } from './driverErrors.ts';
import { migrate } from './migrate.ts';
import { systemPause } from './pause.ts';
import { lockFile, prepareFile, type FileLock } from './sqliteFile.ts';
import { bindNumbers } from './bindNumbers.ts';

/** While nothing is served yet, SQLite may wait by itself. */
const START_BUSY_MS = 5000;
const READ_BACKOFF_MS = 10;

/** Of one connection: those of a batch of draws in every length of `placeholders.ts`, and the others. */
const PREPARED_STATEMENTS = 500;

/**
 * Commits in a row write the same pages again and again. With 16 MiB of them in the log, instead of 4, most are written back once
 * for many commits, and a draw costs a tenth less.
 */
const CHECKPOINT_PAGES = 4000;

export interface SqliteSchema {
  entities: NonNullable<DataSourceOptions['entities']>;
  migrations: NonNullable<DataSourceOptions['migrations']>;
}

export interface SqliteFile {
  file: string;
  /** Taken by a server, which must be alone. */
  isAlone: boolean;
}

/** One connection that writes, and one that reads beside it (DB-2). */
export async function openSqlite(
  { file, isAlone }: SqliteFile,
  { entities, migrations }: SqliteSchema,
): Promise<DataSources> {
  prepareFile(file);
  const lock = isAlone ? lockFile(file) : undefined;
  try {
    return await openBoth(file, { entities, migrations }, lock);
  } catch (error) {
    lock?.release();
    throw error;
  }
}

async function openBoth(
  file: string,
  { entities, migrations }: SqliteSchema,
  lock: FileLock | undefined,
): Promise<DataSources> {
  const common = { type: 'better-sqlite3', database: file, entities, synchronize: false } as const;
  let busyMs = START_BUSY_MS;
  const write = new DataSource({
    ...common,
    migrations,
    enableWAL: true,
    statementCacheSize: PREPARED_STATEMENTS,
    prepareDatabase: (connection: BetterSqlite3.Database) => prepareConnection(connection, busyMs),
  });
  bindNumbers(write);
  await write.initialize();
  let newerSteps: readonly string[];
  try {
    newerSteps = await migrate(write);
  } catch (error) {
    await write.destroy();
    throw error;
  }
  // From here on a wait would stop everybody: `SqliteDoor` and `waitForOthers` wait without stopping the event loop.
  busyMs = 0;
  connectionOf(write).pragma('busy_timeout = 0');
  const read = new DataSource({
    ...common,
    readonly: true,
    timeout: 0,
    statementCacheSize: PREPARED_STATEMENTS,
  });
  bindNumbers(read);
  await read.initialize();
  waitForOthers(read.createQueryRunner());
  return { dialect: 'sqlite', write, read, current: read, newerSteps, onClosed: () => lock?.release() };
}

/** The state of a connection that writes. @param busyMs how long it may wait for other programs by itself. */
export function prepareConnection(connection: BetterSqlite3.Database, busyMs: number): void {
  connection.pragma(`busy_timeout = ${busyMs}`);
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
  connection.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
}

/** Readers meet nobody but a program that has the whole file, or one that mends its log. */
function waitForOthers(runner: QueryRunner): void {
  const query = runner.query.bind(runner) as (...given: unknown[]) => Promise<unknown>;
  const patient = async (...given: unknown[]): Promise<unknown> => {
    for (let waitedMs = 0; ; waitedMs += READ_BACKOFF_MS) {
      try {
        return await query(...given);
      } catch (error) {
        if (!isSqliteBusy(error)) throw error;
        if (waitedMs >= LIMITS.sqliteBusyMs) throw new AppError('BUSY', { cause: error });
      }
      await systemPause.sleep(READ_BACKOFF_MS);
    }
  };
  runner.query = patient as QueryRunner['query'];
}

function connectionOf(source: DataSource): BetterSqlite3.Database {
  return (source.driver as unknown as { databaseConnection: BetterSqlite3.Database }).databaseConnection;
}
