import assert from 'node:assert/strict';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { closeDataSources, openDataSources } from '../../../src/platform/database/dataSource.ts';
import type { DataSources } from '../../../src/platform/database/sources.ts';
import { StartError } from '../../../src/platform/startError.ts';
import { forEachDatabase } from '../../support/databases.ts';

const AT = '2026-03-01 00:00:00.000';

/** Of what each earlier build could have left; more columns have defaults or are null. */
const ROWS: Record<string, Record<string, string | number>> = {
  users: { mobile: '13900000001', nickname: '食客🍜', registration_date: AT, created_at: AT, updated_at: AT },
  customer_sessions: { user_id: 1, refresh_token_hash: 'x', expires_at: AT, created_at: AT },
  verification_codes: { mobile: '13900000001', code_hash: 'x', expires_at: AT, created_at: AT },
  points_transactions: {
    user_id: 1,
    transaction_type: 'earn',
    amount: 12.5,
    balance_before: 0,
    balance_after: 12.5,
    source: 'test',
    reason: `O'Brien`,
    created_at: AT,
  },
  business_events: { event_type: 'points:earned', event_data: '{}', created_at: AT },
  idempotency_records: {
    user_id: 1,
    idempotency_key: 'abc',
    fingerprint: 'x',
    response: '{}',
    created_at: AT,
  },
};

/** What the builds before b5126af and 08d7945 made: ids as the schema compares them, and one more column. */
interface Form {
  name: string;
  /** The collation of the schema, which the tables took. */
  collation: string | undefined;
  hasRefusals: boolean;
}
const FORMS: Form[] = [
  { name: 'as migrations make it', collation: undefined, hasRefusals: false },
  { name: 'of the first builds', collation: 'utf8mb4_general_ci', hasRefusals: true },
  { name: 'of the first builds, in a latin1 schema', collation: 'latin1_swedish_ci', hasRefusals: true },
];

forEachDatabase('a database of an earlier build', (_open, _openUrl, openUrl) => {
  let fresh: string[];
  let names: string[];
  let migrations: NonNullable<DataSourceOptions['migrations']> & unknown[];
  before('looks at a fresh one', async function () {
    this.timeout(120_000);
    const sources = await openDataSources({ url: await openUrl(), replicaUrls: [], poolSize: 2 });
    fresh = await schemaOf(sources);
    names = sources.write.migrations.map(({ name }) => name ?? '');
    migrations = sources.write.options.migrations as typeof migrations;
    await closeDataSources(sources);
  });

  it("DB-4 the rows of every earlier build are brought to today's schema, through all that came after it", async () => {
    const url = await openUrl();
    const left: string[][][] = [];
    for (let count = 1; count < names.length; count++) {
      const source = await open(url, count);
      try {
        await source.runMigrations({ transaction: 'each' });
        for (const [table, row] of Object.entries(ROWS)) await insert(source, table, ofBuild(row, count));
        if (count === 1 || count === names.length - 1) left.push(await rowsOf(source));
      } finally {
        await source.destroy();
      }
    }
    await mustBeOfToday(url, left.at(-1)!, `after ${names.at(-2)}`);
    // What the first build has left is there as it was, and of each later one as many rows.
    const [first, last] = left as [string[][], string[][]];
    first.forEach((rows, at) => {
      assert.deepEqual(last[at]!.slice(0, 1), rows);
      assert.equal(last[at]!.length, names.length - 1);
    });
  }).timeout(300_000);

  for (const form of FORMS) {
    // Whatever has been through the fourth has today's form.
    for (const count of [1, 2, 3])
      it(`DB-4 ${form.name}, is brought to today's schema with its rows from the migration ${count}`, async () => {
        const url = await openUrl();
        await mustBeOfToday(url, await makeEarlier(url, count, form), `after ${names[count - 1]}`);
      }).timeout(120_000);
  }

  async function mustBeOfToday(url: string, rows: string[][], which: string): Promise<void> {
    const sources = await openDataSources({ url, replicaUrls: [], poolSize: 2 });
    try {
      assert.deepEqual(await schemaOf(sources), fresh, which);
      assert.deepEqual(await rowsOf(sources.write), rows);
      const second = { ...ROWS['idempotency_records'], idempotency_key: 'AbC' };
      await insert(sources.write, 'idempotency_records', second);
    } finally {
      await closeDataSources(sources);
    }
  }

  /** One in which a later build has run a step of this name. */
  async function openLater(step: string): Promise<string> {
    const url = await openUrl();
    const sources = await openDataSources({ url, replicaUrls: [], poolSize: 2 });
    await sources.write.query(
      `INSERT INTO migrations (timestamp, name) VALUES (${step.slice(-13)}, '${step}')`,
    );
    await closeDataSources(sources);
    return url;
  }

  it('RO-3 is refused in one line when a later build has taken away what this one needs', async () => {
    const step = 'DropNeeds1800000000000At1900000000000';
    const url = await openLater(step);
    await assert.rejects(openDataSources({ url, replicaUrls: [], poolSize: 2 }), (error: Error) => {
      assert.ok(error instanceof StartError);
      assert.match(
        error.message,
        new RegExp(`^DATABASE_URL: the schema is of a newer version \\(${step}\\)[^\\n]*$`),
      );
      return true;
    });
  }).timeout(60_000);

  it('RO-3 is gone on with when a later build has added to it, or taken away what this one does without', async () => {
    const last = names.at(-1)!.slice(-13);
    for (const step of ['Later1900000000000', `DropNeeds${last}At1900000000000`]) {
      const url = await openLater(step);
      const sources = await openDataSources({ url, replicaUrls: [], poolSize: 2 });
      assert.deepEqual(sources.newerSteps, [step]);
      await closeDataSources(sources);
    }
  }).timeout(60_000);

  /** As the build with so many migrations opens it. */
  async function open(url: string, count: number): Promise<DataSource> {
    const options = url.startsWith('sqlite:')
      ? { type: 'better-sqlite3', database: url.slice('sqlite:'.length) }
      : { type: 'mysql', url, timezone: 'Z', charset: 'utf8mb4' };
    const known = { ...options, migrations: migrations.slice(0, count) };
    return new DataSource(known as DataSourceOptions).initialize();
  }

  /** The first migrations alone, and then what the form has besides. */
  async function makeEarlier(url: string, count: number, { collation, hasRefusals }: Form) {
    const source = await open(url, count);
    const isMysql = source.options.type === 'mysql';
    try {
      await source.runMigrations({ transaction: 'each' });
      if (isMysql && collation !== undefined) {
        const charset = collation.split('_')[0];
        for (const table of await tablesOf(source, isMysql)) {
          await source.query(`ALTER TABLE ${table} CONVERT TO CHARACTER SET ${charset} COLLATE ${collation}`);
        }
      }
      if (hasRefusals) {
        await source.query(
          'ALTER TABLE lottery_campaign_figures ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0',
        );
      }
      const isLatin = collation?.startsWith('latin1') === true;
      for (const [table, row] of Object.entries(ROWS)) {
        const fits = isMysql && isLatin && table === 'users' ? { ...row, nickname: 'Diner é' } : row;
        await insert(source, table, fits);
      }
      return await rowsOf(source);
    } finally {
      await source.destroy();
    }
  }
});

/** Unlike those of other builds where there may be only one. */
function ofBuild(row: Record<string, string | number>, count: number): Record<string, string | number> {
  return {
    ...row,
    ...(row['mobile'] !== undefined && { mobile: String(13_900_000_000 + count) }),
    ...(row['refresh_token_hash'] !== undefined && { refresh_token_hash: `x${count}` }),
    ...(row['idempotency_key'] !== undefined && { idempotency_key: `abc${count}` }),
  };
}

async function insert(
  source: DataSource,
  table: string,
  row: Record<string, string | number>,
): Promise<void> {
  const marks = Object.keys(row).map(() => '?');
  await source.query(
    `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${marks.join(', ')})`,
    Object.values(row),
  );
}

/** What was put in, as text: types of keys may have grown. */
async function rowsOf(source: DataSource): Promise<string[][]> {
  const all: string[][] = [];
  for (const [table, row] of Object.entries(ROWS)) {
    const found = await source.query<Record<string, unknown>[]>(
      `SELECT ${Object.keys(row).join(', ')} FROM ${table}`,
    );
    all.push(
      found.map((one) =>
        JSON.stringify(
          Object.values(one).map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
        ),
      ),
    );
  }
  return all;
}

async function tablesOf(source: DataSource, isMysql: boolean): Promise<string[]> {
  const rows = await source.query<{ name: string }[]>(
    isMysql
      ? 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()'
      : `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
  );
  return rows.map(({ name }) => name).sort();
}

/** Every table as the database writes it out, without how many rows it has had; on SQLite by its columns and indices. */
async function schemaOf({ dialect, write }: DataSources): Promise<string[]> {
  const schema: string[] = [];
  for (const table of await tablesOf(write, dialect === 'mysql')) {
    if (dialect === 'mysql') {
      const [row] = await write.query<[Record<string, string>]>(`SHOW CREATE TABLE ${table}`);
      schema.push(...linesOf(row['Create Table']!));
    } else {
      const columns = await write.query<object[]>(`PRAGMA table_info(${table})`);
      const indices = await write.query<{ sql: string | null }[]>(
        `SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? ORDER BY name`,
        [table],
      );
      schema.push(
        table,
        ...columns.map((column) => JSON.stringify({ ...column, cid: 0 })).sort(),
        ...indices.map(({ sql }) => sql ?? ''),
      );
    }
  }
  return schema;
}

/** The order of keys and columns is of no consequence. */
function linesOf(sql: string): string[] {
  const lines = sql
    .replace(/ AUTO_INCREMENT=\d+/, '')
    .split('\n')
    .map((line) => line.replace(/,$/, ''));
  return [lines[0]!, ...lines.slice(1).sort()];
}
