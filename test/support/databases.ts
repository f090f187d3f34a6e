import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { needsMariadb, sharedMariadb } from './shared.ts';
import { fillMigrated, migratedFile, migratedStatements } from './template.ts';

/** Connections of one test database: enough for real concurrency, few enough for many databases on one server. */
const POOL_SIZE = 8;
/** What all migrations may take on a slow machine; they are made before any test counts its time. */
const MIGRATIONS_TIMEOUT_MS = 120_000;

export type OpenDatabase = () => Promise<Database>;
/** The URL of a fresh database, for suites that open it themselves. */
export type OpenUrl = () => Promise<string>;

interface Origin {
  /** Without any table. */
  openEmptyUrl: OpenUrl;
  /** Migrated. */
  openUrl: OpenUrl;
  /** Removes all databases given out; they are closed by then. */
  remove(): Promise<void>;
}

const urls = new WeakMap<Database, string>();

/** Where a database given out by `open` is, for whoever opens it a second time. */
export function urlOf(database: Database): string {
  const url = urls.get(database);
  if (url === undefined) throw new Error('The database was not opened by this file');
  return url;
}

type Define = (open: OpenDatabase, openUrl: OpenUrl, openEmptyUrl: OpenUrl) => void;

/**
 * Registers the same suite for each kind of database. `open` and `openUrl` give a fresh, migrated one, `openEmptyUrl` one without
 * tables; all that were opened are closed and removed after the suite.
 */
export function forEachDatabase(title: string, define: Define): void {
  onSqlite(title, define);
  onMariadb(title, define);
}

/** For what only SQLite does. */
export function onSqlite(title: string, define: Define): void {
  describe(`${title} on SQLite`, () => {
    before('a database is migrated', () => migratedFile()).timeout(MIGRATIONS_TIMEOUT_MS);
    defineOn(sqliteOrigin(), define);
  });
}

/** For what only MariaDB does. */
export function onMariadb(title: string, define: Define): void {
  describe(`${title} on MariaDB`, () => {
    needsMariadb();
    before('a database is migrated', () => migratedStatements(sharedMariadb)).timeout(MIGRATIONS_TIMEOUT_MS);
    defineOn(mariadbOrigin(), define);
  });
}

function defineOn(origin: Origin, define: Define): void {
  const opened: Database[] = [];
  const open = async () => {
    const url = await origin.openUrl();
    const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: POOL_SIZE }));
    opened.push(database);
    urls.set(database, url);
    return database;
  };
  define(open, origin.openUrl, origin.openEmptyUrl);
  // Registered last: the suite's own after hooks still have their database.
  after('databases are closed and removed', async () => {
    for (const database of opened.splice(0)) await database.close();
    await origin.remove();
    // A MariaDB whose files are slow takes its time to drop what many tests have made.
  }).timeout(60_000);
}

function sqliteOrigin(): Origin {
  const folders: string[] = [];
  const newFile = () => {
    const folder = mkdtempSync(join(tmpdir(), 'kaijiang-sqlite-'));
    folders.push(folder);
    return join(folder, 'test.db');
  };
  return {
    openEmptyUrl: async () => `sqlite:${newFile()}`,
    openUrl: async () => {
      const file = newFile();
      (await migratedFile()).copyTo(file);
      return `sqlite:${file}`;
    },
    remove: async () => {
      for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function mariadbOrigin(): Origin {
  const names: string[] = [];
  const openEmptyUrl = async () => {
    const server = await sharedMariadb();
    const name = await server.createDatabase();
    names.push(name);
    return server.url(name);
  };
  return {
    openEmptyUrl,
    openUrl: async () => {
      const url = await openEmptyUrl();
      await fillMigrated(url, await migratedStatements(sharedMariadb));
      return url;
    },
    remove: async () => {
      for (const name of names.splice(0)) await (await sharedMariadb()).dropDatabase(name);
    },
  };
}
