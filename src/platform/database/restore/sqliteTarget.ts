import { constants } from 'node:fs';
import { copyFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { ConfigError } from '../../settings/configError.ts';
import { closeDataSources, openDataSources } from '../dataSource.ts';
import type { DataSources } from '../sources.ts';
import { lockFile, prepareFile, type FileLock } from '../sqliteFile.ts';
import type { FilledTarget } from './filledTarget.ts';
import { flush } from '../../flushed.ts';

const BESIDE = ['', '-wal', '-shm', '-journal'];

/*
 * A database file that is filled under another name beside its own, and renamed when it is whole: however this process ends before,
 * the file stays as empty as it was.
 */
export class SqliteTarget implements FilledTarget {
  readonly dialect = 'sqlite';
  private sources: DataSources | undefined;

  /** @throws {ConfigError} when a server runs on it, or there is something in it */
  static async take(file: string): Promise<SqliteTarget> {
    prepareFile(file);
    const lock = lockFile(file);
    try {
      if (!isEmpty(file))
        throw new ConfigError('DATABASE_URL: the database is not empty: a restore needs one without tables');
      const target = new SqliteTarget(file, lock);
      await target.clear();
      return target;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private constructor(
    private readonly file: string,
    private readonly lock: FileLock,
  ) {}

  async load(copy: string): Promise<void> {
    await copyFile(copy, this.made, constants.COPYFILE_FICLONE);
    // For its owner alone, as openDataSources leaves every file.
    prepareFile(this.made);
  }

  async open(): Promise<DataSources> {
    const url = `sqlite:${this.made}`;
    this.sources ??= await openDataSources({ url, replicaUrls: [], poolSize: 1 });
    return this.sources;
  }

  async finish(): Promise<void> {
    await this.close();
    // The last connection brings the log into the file.
    if ((await sizeOf(`${this.made}-wal`)) > 0)
      throw new Error('The log of the restored database was not written back');
    await flush(this.made);
    for (const suffix of BESIDE.slice(1)) await rm(`${this.file}${suffix}`, { force: true });
    await rename(this.made, this.file);
    await flush(dirname(this.file));
    this.lock.release();
  }

  async abandon(): Promise<void> {
    await this.close();
    await this.clear();
    this.lock.release();
  }

  private get made(): string {
    return `${this.file}.restoring`;
  }

  private async close(): Promise<void> {
    const { sources } = this;
    this.sources = undefined;
    if (sources !== undefined) await closeDataSources(sources);
  }

  private async clear(): Promise<void> {
    for (const suffix of BESIDE) await rm(`${this.made}${suffix}`, { force: true });
  }
}

function isEmpty(file: string): boolean {
  const connection = new BetterSqlite3(file, { readonly: true });
  try {
    return connection.prepare('SELECT 1 FROM sqlite_master').get() === undefined;
  } finally {
    connection.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
