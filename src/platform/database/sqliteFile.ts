/** The file of a SQLite database: who may read it, and which process it belongs to. */
import { chmodSync, closeSync, existsSync, openSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { ConfigError } from '../settings/configError.ts';
import { makeFolder } from '../makeFolder.ts';
import { isSqliteBusy } from './driverErrors.ts';

const OWNER_ALONE = 0o600;

/**
 * Makes the file and its folder where there is none, for their owner alone: it holds mobiles and sessions. SQLite gives
 * -wal and -shm the permissions of the file.
 */
export function prepareFile(file: string): void {
  // A folder that is there belongs to somebody else's order.
  makeFolder(dirname(file), 0o700);
  // Only while it is not there: closing the file would take the locks away that SQLite has on it in this process.
  if (!existsSync(file)) closeSync(openSync(file, 'a', OWNER_ALONE));
  for (const suffix of ['', '-wal', '-shm']) narrow(`${file}${suffix}`);
}

function narrow(path: string): void {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode !== undefined && (mode & 0o077) !== 0) chmodSync(path, mode & OWNER_ALONE);
}

export interface FileLock {
  release(): void;
}

/**
 * Takes the file for this process, until it ends, however it ends. A second server would decide draws and points beside
 * this one. Whoever only looks, or makes a backup, takes no lock.
 * @throws {ConfigError} when another process has it.
 */
export function lockFile(file: string): FileLock {
  const lock = takeLock(`${realpathSync(file)}-lock`);
  if (lock !== undefined) return lock;
  throw new ConfigError(
    `DATABASE_URL: another server is running on ${file}; several servers need a MySQL or MariaDB database`,
  );
}

/**
 * A lock of the system, which ends with the process: that of SQLite on a database that is there for nothing else.
 * @returns undefined when another process has it
 */
export function takeLock(path: string): FileLock | undefined {
  prepareFile(path);
  const lock = new BetterSqlite3(path, { timeout: 0 });
  try {
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (isSqliteBusy(error)) return undefined;
    throw error;
  }
  return { release: () => void lock.close() };
}
