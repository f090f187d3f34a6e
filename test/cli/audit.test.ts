import assert from 'node:assert/strict';
import type { Database } from '../../src/database/transaction.ts';
import { audit } from '../../src/cli/audit.ts';
import { forEachDatabase } from '../support/databases.ts';
import { playBooks, SEED_KEY } from './playedBooks.ts';
import { openDataSources } from '../../src/database/dataSource.ts';
import { Database as OpenedDatabase } from '../../src/database/transaction.ts';
import { BREAKS, TABLES } from './breaks.ts';

const DELAY_MS = 60_000;

forEachDatabase('audit', (_open, openUrl) => {
  let url: string;
  let database: Database;

  const run = async (seedKey: Buffer | undefined = SEED_KEY) => {
    const lines: string[] = [];
    const code = await audit({ databaseUrl: url, seedKey }, (line) => lines.push(line));
    return { code, lines };
  };
  const execute = (sql: string) => database.transaction((tx) => tx.execute(sql));

  before(async function () {
    this.timeout(DELAY_MS);
    url = await openUrl();
    database = new OpenedDatabase(await openDataSources({ url, replicaUrls: [], poolSize: 8 }));
    await playBooks(database);
    for (const table of TABLES) await execute(`CREATE TABLE kept_${table} AS SELECT * FROM ${table}`);
  });
  after(() => database.close());

  it('books after real draws balance', async () => {
    const { code, lines } = await run();
    assert.deepEqual(lines, ['books balance', '4 users, ' + lines[1]?.split(', ').slice(1).join(', ')]);
    assert.match(lines[1] ?? '', /^4 users, \d+ transactions, 208 draws$/);
    assert.equal(code, 0);
  });

  it('says that seeds were not checked when it has no key, and names a key that does not open them', async () => {
    assert.deepEqual((await run(undefined)).code, 0);
    const wrong = await run(Buffer.alloc(32, 8));
    assert.equal(wrong.code, 1);
    assert.match(wrong.lines[0] ?? '', /^L-5 violated: each revealed seed is the one/);
  });

  for (const { violates, table, sql } of BREAKS) {
    it(`${violates}: ${sql}`, async () => {
      try {
        assert.ok((await execute(sql)) > 0, 'the statement found nothing to break');
        const { code, lines } = await run();
        assert.equal(code, 1, lines.join('\n'));
        assert.ok(
          lines.some((line) => line.startsWith(violates.replace(': ', ' violated: '))),
          lines.join('\n'),
        );
      } finally {
        await execute(`DELETE FROM ${table}`);
        await execute(`INSERT INTO ${table} SELECT * FROM kept_${table}`);
      }
    });
  }

  it('balances again after every repair', async () => {
    assert.equal((await run()).code, 0);
  });
});

describe('audit', () => {
  it('exits 2 when the database cannot be opened', async () => {
    for (const databaseUrl of ['sqlite:/nowhere/books.db', 'mysql://root@127.0.0.1:1/books']) {
      const lines: string[] = [];
      assert.equal(await audit({ databaseUrl, seedKey: undefined }, (line) => lines.push(line)), 2);
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? '', /^cannot open the database: ./);
    }
  });
});
