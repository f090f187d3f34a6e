import assert from 'node:assert/strict';
import { audit } from '../../src/books/audit.ts';
import { CHECKS } from '../../src/books/checks.ts';
import { Snapshot } from '../../src/books/snapshot.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { forEachDatabase } from '../support/databases.ts';
import { BREAKS, TABLES } from './breaks.ts';
import { keepTables, restoreTable } from './keptTables.ts';
import { openCampaign, playBooks, SEED_KEY } from './playedBooks.ts';

const DELAY_MS = 60_000;

forEachDatabase('audit', (_open, openUrl) => {
  let url: string;
  let database: Database;

  const run = async ({ seedKey }: { seedKey: Buffer | undefined } = { seedKey: SEED_KEY }) => {
    const lines: string[] = [];
    const code = await audit({ databaseUrl: url, seedKey }, (line) => lines.push(line));
    return { code, lines };
  };
  const execute = (sql: string) => database.transaction((tx) => tx.execute(sql));

  before(async function () {
    this.timeout(DELAY_MS);
    url = await openUrl();
    database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 8 }));
    await playBooks(database);
    await keepTables(database, TABLES);
  });
  // Without the database there is nothing to close: the suite was skipped.
  after(() => database?.close());

  it('books after real draws balance', async () => {
    const { code, lines } = await run();
    assert.equal(lines[0], 'books balance', lines.join('\n'));
    assert.match(lines[1] ?? '', /^7 users, \d+ transactions, 208 draws$/);
    assert.equal(code, 0);
  });

  it('every check in full agrees with the proofs that stand in for it', async () => {
    const snapshot = await Snapshot.open(url);
    try {
      for (const { holds, sql } of CHECKS)
        assert.deepEqual(await snapshot.query(sql(snapshot.dialect)), [], holds);
    } finally {
      await snapshot.close();
    }
  });

  it('says that seeds were not checked when it has no key, and names a key that does not open them', async () => {
    const without = await run({ seedKey: undefined });
    assert.equal(without.lines[2], 'revealed seeds not checked: SEED_ENCRYPTION_KEY is not set');
    assert.equal(without.code, 0);
    const wrong = await run({ seedKey: Buffer.alloc(32, 8) });
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
        await restoreTable(database, table);
      }
    });
  }

  it('balances again after every repair', async () => {
    assert.equal((await run()).code, 0);
  });
});

forEachDatabase('audit of a database in use', (_open, openUrl) => {
  it('DRAW-8 sees each batch whole or not at all', async function () {
    this.timeout(DELAY_MS);
    const databaseUrl = await openUrl();
    const database = new Database(await openDataSources({ url: databaseUrl, replicaUrls: [], poolSize: 8 }));
    const [campaignId] = await playBooks(database);
    const campaign = await openCampaign(database, campaignId!);
    let drawing = true;
    const draw = async (userId: number) => {
      for (let at = 0; drawing; at++) {
        await campaign.draw({ userId }, { request_id: `live-${at}`, draw_count: 3 });
      }
    };
    const diners = [1, 2, 3].map(draw);
    const found: string[] = [];
    for (let round = 0; round < 5; round++) {
      if ((await audit({ databaseUrl, seedKey: SEED_KEY }, (line) => found.push(line))) !== 0) break;
    }
    drawing = false;
    await Promise.all(diners);
    await campaign.close();
    await database.close();
    assert.deepEqual(
      found.filter((line) => line !== 'books balance' && !/^\d+ users, /.test(line)),
      [],
    );
    assert.ok(new Set(found).size > 2, 'draws were made between the audits');
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
