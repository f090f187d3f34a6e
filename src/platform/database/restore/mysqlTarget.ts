import type { DataSource } from 'typeorm';
import { ConfigError } from '../../settings/configError.ts';
import { startErrorOf } from '../../startError.ts';
import { closeDataSources, MIGRATIONS, openDataSources, schemaSource } from '../dataSource.ts';
import { UNFINISHED_RESTORE } from '../migrate.ts';
import { serverOf } from '../mysqlSource.ts';
import type { DataSources } from '../sources.ts';
import type { FilledTarget } from './filledTarget.ts';

/** Names of locks are the server's, and it may have other schemas. */
const LOCK = `CONCAT('kaijiang:restore:', MD5(DATABASE()))`;
/** Of one statement, and those between two commits. */
const STATEMENT_CHARACTERS = 512 * 1024;
const STATEMENT_ROWS = 1000;
const STATEMENTS_PER_COMMIT = 20;

type Values = readonly unknown[];

export interface LoadedTable {
  name: string;
  columns: readonly string[];
}

/*
 * A schema of MySQL or MariaDB that is filled. A table that says so is in it from the first statement to the last: no build starts on
 * it meanwhile, and the next restore takes what it finds beside such a table for its own, and away.
 *
 * One connection holds a lock of the server all the time, so that two restores do not fill one schema.
 */
export class MysqlTarget implements FilledTarget {
  readonly dialect = 'mysql';
  private sources: DataSources | undefined;
  private readonly source: DataSource;

  /** @throws {StartError} when it cannot be reached, another restore fills it, or there is something in it */
  static async take(url: string): Promise<MysqlTarget> {
    const target = new MysqlTarget(url);
    try {
      await target.source.initialize();
      await target.begin();
      return target;
    } catch (error) {
      await target.abandon();
      throw startErrorOf('DATABASE_URL', error) ?? error;
    }
  }

  private constructor(private readonly url: string) {
    this.source = schemaSource(serverOf('DATABASE_URL', url), []);
  }

  private async begin(): Promise<void> {
    const [lock] = await this.query<{ taken: number | null }>(`SELECT GET_LOCK(${LOCK}, 0) AS taken`);
    if (Number(lock!.taken) !== 1)
      throw new ConfigError('DATABASE_URL: another restore is filling this database');
    const found = await this.tables();
    if (found.length > 0 && !found.includes(UNFINISHED_RESTORE))
      throw new ConfigError('DATABASE_URL: the database is not empty: a restore needs one without tables');
  }

  /** The schema as a build with these migrations has it, without rows. @returns its tables */
  async make(migrations: readonly string[]): Promise<string[]> {
    // Rows come table by table, whichever of them names rows of another. A key of 0 is a key.
    await this.query(
      `SET SESSION foreign_key_checks = 0, SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')`,
    );
    await this.query(`CREATE TABLE IF NOT EXISTS ${UNFINISHED_RESTORE} (begun_at datetime NOT NULL)`);
    for (const left of await this.tables())
      if (left !== UNFINISHED_RESTORE) await this.query(`DROP TABLE ${quoted(left)}`);
    const source = schemaSource(
      serverOf('DATABASE_URL', this.url),
      MIGRATIONS.filter(({ name }) => migrations.includes(name)),
    );
    await source.initialize();
    try {
      await source.runMigrations({ transaction: 'each' });
    } finally {
      await source.destroy();
    }
    const made = (await this.tables()).filter((name) => ![UNFINISHED_RESTORE, 'migrations'].includes(name));
    // Those that migrations have written.
    for (const table of made) await this.query(`DELETE FROM ${quoted(table)}`);
    return made;
  }

  /** @returns how many rows there were */
  async load(
    { name, columns }: LoadedTable,
    rows: AsyncIterable<{ values: Values; characters: number }>,
  ): Promise<number> {
    const insert = `INSERT INTO ${quoted(name)} (${columns.map(quoted).join(', ')}) VALUES ?`;
    let waiting: Values[] = [];
    let [characters, statements, count] = [0, 0, 0];
    const send = async () => {
      if (waiting.length === 0) return;
      await this.source.query(insert, [waiting]);
      [waiting, characters] = [[], 0];
      if (++statements % STATEMENTS_PER_COMMIT === 0) await this.query('COMMIT AND CHAIN');
    };
    await this.query('START TRANSACTION');
    for await (const row of rows) {
      if (row.values.length !== columns.length)
        throw new Error(`A row of ${name} has ${row.values.length} values`);
      waiting.push(row.values);
      characters += row.characters;
      count += 1;
      if (waiting.length >= STATEMENT_ROWS || characters >= STATEMENT_CHARACTERS) await send();
    }
    await send();
    await this.query('COMMIT');
    return count;
  }

  async open(): Promise<DataSources> {
    this.sources ??= await openDataSources({
      url: this.url,
      replicaUrls: [],
      poolSize: 2,
      isRestoring: true,
    });
    return this.sources;
  }

  async finish(): Promise<void> {
    await this.close();
    await this.query(`DROP TABLE ${UNFINISHED_RESTORE}`);
    await this.source.destroy();
  }

  async abandon(): Promise<void> {
    await this.close();
    if (this.source.isInitialized) await this.source.destroy();
  }

  private async close(): Promise<void> {
    const { sources } = this;
    this.sources = undefined;
    if (sources !== undefined) await closeDataSources(sources);
  }

  private async tables(): Promise<string[]> {
    const rows = await this.query<{ name: string }>(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
    );
    return rows.map(({ name }) => name);
  }

  private query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]> {
    return this.source.query<Row[]>(sql, parameters);
  }
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
