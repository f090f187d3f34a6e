import assert from 'node:assert/strict';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { closeDataSources, openDataSources } from '../../../src/platform/database/dataSource.ts';
import type { DataSources } from '../../../src/platform/database/sources.ts';
import { forEachDatabase } from '../../support/databases.ts';

forEachDatabase('the schema', (_open, _openUrl, openUrl) => {
  let url: string;
  let sources: DataSources;

  beforeEach('opens a fresh database', async () => {
    url = await openUrl();
    sources = await openDataSources({ url, replicaUrls: [], poolSize: 2 });
  });
  afterEach('closes it', () => closeDataSources(sources));

  it('DB-4 that the migrations make is the one the entities describe', async () => {
    assert.deepEqual(await differences(sources, url), []);
  });

  it('DB-4 the comparison notices a missing index, column and table', async () => {
    const ddl = [
      sources.dialect === 'mysql' ? 'DROP INDEX users_mobile ON users' : 'DROP INDEX users_mobile',
      'ALTER TABLE lottery_prizes DROP COLUMN tier',
      'DROP TABLE idempotency_records',
    ];
    let seen = 0;
    for (const statement of ddl) {
      await sources.write.query(statement);
      const found = (await differences(sources, url)).length;
      assert.ok(found > seen, statement);
      seen = found;
    }
  });

  it('DB-4 every migration can be undone and done again', async function () {
    // Each table is made twice, and there are more of them with each migration.
    this.timeout(60_000);
    const { write } = sources;
    const before = await tablesOf(sources);
    assert.ok(before.length > 10);
    for (const _ of write.migrations) await write.undoLastMigration({ transaction: 'each' });
    assert.deepEqual(await tablesOf(sources), ['migrations']);
    await write.runMigrations({ transaction: 'each' });
    assert.deepEqual(await tablesOf(sources), before);
    assert.deepEqual(await differences(sources, url), []);
  });

  it('DB-4 opening a database again migrates nothing', async () => {
    const again = await openDataSources({ url, replicaUrls: [], poolSize: 2 });
    try {
      assert.equal(await again.write.showMigrations(), false);
      const [row] = await again.write.query('SELECT COUNT(*) AS count FROM migrations');
      assert.equal(Number(row.count), again.write.migrations.length);
    } finally {
      await closeDataSources(again);
    }
  });
});

/**
 * The statements that would bring the database to what the entities say. MariaDB is compared as type `mariadb`: it reports
 * the default of a nullable column as the text NULL, which type `mysql` takes for a difference.
 */
async function differences({ dialect, write }: DataSources, url: string): Promise<string[]> {
  if (dialect === 'sqlite') return statementsOf(takingOwnTypes(write));
  const { entities, timezone, charset } = write.options as Extract<DataSourceOptions, { type: 'mysql' }>;
  const source = await new DataSource({ type: 'mariadb', url, entities, timezone, charset }).initialize();
  try {
    return await statementsOf(takingOwnTypes(source));
  } finally {
    await source.destroy();
  }
}

/**
 * With the names of types that only one of the two has taken for those that entities call them by: an integer of SQLite has 64
 * bits, and a generated key has to be one by this name; a text of MySQL has 64 KiB, unless it is a MEDIUMTEXT.
 */
function takingOwnTypes(source: DataSource): DataSource {
  const create = source.createQueryRunner.bind(source);
  source.createQueryRunner = (mode) => {
    const runner = create(mode);
    const getTables = runner.getTables.bind(runner);
    runner.getTables = async (names) => {
      const tables = await getTables(names);
      for (const { name, columns } of tables) {
        const described = source.entityMetadatas.find(({ tableName }) => tableName === name);
        for (const column of columns) {
          const type = described?.findColumnWithDatabaseName(column.name)?.type;
          if (column.type === 'integer' && type === 'bigint') column.type = 'bigint';
          if (column.type === 'mediumtext') column.type = 'text';
        }
      }
      return tables;
    };
    return runner;
  };
  return source;
}

async function statementsOf(source: DataSource): Promise<string[]> {
  const log = await source.driver.createSchemaBuilder().log();
  return log.upQueries.map(({ query }) => query);
}

async function tablesOf({ dialect, write }: DataSources): Promise<string[]> {
  const rows: { name: string }[] = await write.query(
    dialect === 'mysql'
      ? 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()'
      : "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  );
  return rows.map(({ name }) => name).sort();
}
