import { existsSync } from 'node:fs';
import type BetterSqlite3 from 'better-sqlite3';
import { DataSource, type QueryRunner } from 'typeorm';
import type { Dialect } from '../platform/database/sources.ts';
import { driverOf } from '../platform/database/mysqlPool.ts';
import { STATE } from '../platform/database/mysqlSession.ts';
import { mysqlSource, serverOf } from '../platform/database/mysqlSource.ts';
import { addPackedTables } from './packedTables.ts';

/** The database cannot be opened or read. The message is one line. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/**
 * One consistent view of a whole database that others go on writing to: a single read transaction on a single connection.
 * Changes nothing, not even the schema.
 */
export class Snapshot {
  /**
   * @param isExact values are as the database has them: times, decimals and large integers of MySQL as text
   * @throws {Unreadable}
   */
  static async open(url: string, { isExact = false }: { isExact?: boolean } = {}): Promise<Snapshot> {
    const dialect = url.startsWith('sqlite:') ? 'sqlite' : 'mysql';
    let source: DataSource | undefined;
    try {
      source =
        dialect === 'sqlite' ? sourceOfSqlite(url.slice('sqlite:'.length)) : sourceOfMysql(url, isExact);
      const runner = (await source.initialize()).createQueryRunner();
      for (const statement of START[dialect]) await runner.query(statement);
      return new Snapshot(dialect, source, runner);
    } catch (error) {
      // An open connection would keep the process from ending.
      if (source?.isInitialized) await source.destroy();
      throw new Unreadable(`cannot open the database: ${firstLine(error)}`, { cause: error });
    }
  }

  private isReading = false;

  private constructor(
    readonly dialect: Dialect,
    private readonly source: DataSource,
    private readonly runner: QueryRunner,
  ) {}

  /** @throws {Unreadable} */
  async query<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    try {
      return (await this.runner.query(sql, parameters)) as Row[];
    } catch (error) {
      throw new Unreadable(`cannot read the database: ${firstLine(error)}`, {
        cause: error,
      });
    }
  }

  /** The rows of a statement as fast as they are taken, so that any number of them needs no memory. MySQL alone. @throws {Unreadable} */
  async *rows(sql: string): AsyncGenerator<Record<string, unknown>> {
    this.isReading = true;
    try {
      for await (const row of await this.runner.stream(sql)) yield row as Record<string, unknown>;
      this.isReading = false;
    } catch (error) {
      throw new Unreadable(`cannot read the database: ${firstLine(error)}`, { cause: error });
    }
  }

  /** The whole database as one file, by the online backup, page by page of this view however much others write meanwhile. SQLite alone. */
  async copyTo(file: string): Promise<void> {
    const { databaseConnection } = this.source.driver as unknown as {
      databaseConnection: BetterSqlite3.Database;
    };
    await databaseConnection.backup(file, { progress: () => PAGES_AT_ONCE });
  }

  async close(): Promise<void> {
    // Behind rows that nobody takes any more no statement is answered.
    if (this.isReading) ((await this.runner.connect()) as { destroy(): void }).destroy();
    else await this.runner.query('ROLLBACK');
    await this.runner.release();
    await this.source.destroy();
  }
}

/** 4 MiB: the process hears signals in between. */
const PAGES_AT_ONCE = 1000;
/** The most that one temporary table may take of the database server's memory. */
const SESSION_MEMORY_BYTES = 256 * 1024 * 1024;
const START: Record<Dialect, string[]> = {
  // The first read takes the snapshot.
  sqlite: ['BEGIN', 'SELECT COUNT(*) FROM users'],
  mysql: [
    // Checks that bring millions of rows together: with the defaults they would go through files.
    `SET SESSION tmp_table_size = ${SESSION_MEMORY_BYTES}, SESSION max_heap_table_size = ${SESSION_MEMORY_BYTES},
      SESSION sort_buffer_size = ${SESSION_MEMORY_BYTES / 4}, SESSION join_buffer_size = ${SESSION_MEMORY_BYTES / 4}`,
    // Whoever writes down what it reads may wait for its own disk.
    'SET SESSION net_write_timeout = 600',
    'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
    'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
    'SELECT COUNT(*) FROM users',
  ],
};

function sourceOfSqlite(file: string): DataSource {
  // The driver would make the folder of a file that is not there.
  if (!existsSync(file)) throw new Error(`${file} does not exist`);
  return new DataSource({
    type: 'better-sqlite3',
    database: file,
    readonly: true,
    fileMustExist: true,
    prepareDatabase: (connection: BetterSqlite3.Database) => {
      addPackedTables(connection);
      connection.pragma('temp_store = MEMORY');
      connection.pragma('cache_size = -65536');
    },
  });
}

function sourceOfMysql(url: string, isExact: boolean): DataSource {
  const driver = driverOf({ statements: [...STATE], idleLimitMs: undefined });
  const exact = { dateStrings: true, supportBigNumbers: true, bigNumberStrings: true };
  return mysqlSource({
    ...serverOf('DATABASE_URL', url),
    driver,
    poolSize: 1,
    ...(isExact ? exact : {}),
  });
}

/** Where nothing listens, mysql2 gives a code and no message. */
function firstLine(error: unknown): string {
  const { message, code } = error as { message: string; code?: string };
  return (message || code || 'unknown').split('\n')[0]!;
}
