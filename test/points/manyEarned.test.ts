import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { systemClock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { countOpenEarnings } from '../../src/points/statistics/openEarnings.ts';
import { countRowsOfBefore } from '../../src/points/statistics/rebuild.ts';
import { readDays, readRanking } from '../../src/points/statistics/readSums.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createCampaign } from '../support/factories.ts';
import { analyse, insertMany, writeManyRows } from '../support/manyRows.ts';
import { readingOf } from '../support/rowsRead.ts';

const DINERS = 1000;
const ROWS = 100_000;
const DAY = '2026-03-02';
/** What a statement has put together itself is read whole, and is as short as its LIMIT. */
const READS_ALL = /SCAN (e|u|points_\w+|user_\w+)|"table":"[^"<]*","type":"ALL"|filesort|USE TEMP B-TREE/;

forEachDatabase('sums of points of many', (open) => {
  let database: Database;
  let first: number;
  before('writes them', async function () {
    this.timeout(120_000);
    database = await open();
    const { campaignId } = await createCampaign(database);
    first = await writeManyRows(database, { campaignId, diners: DINERS });
    await database.transaction(async (tx) => {
      // Everybody has checked in that day, and nothing more: all are tied.
      const day = { period: `'day'`, starts: `'${DAY}'`, user_id: `${first} - 1 + n`, earned: 10 };
      await insertMany(tx, 'points_earned', DINERS, day);
      const other = { ...day, user_id: 'n', starts: `'2026-03-03'` };
      await insertMany(tx, 'points_earned', ROWS, other);
      const sums = { user_id: 'n', day: `'${DAY}'`, source: `'bill'`, income: 10, expense: 1 };
      await insertMany(tx, 'points_daily', ROWS, sums);
    });
    await analyse(database, ['points_earned', 'points_daily', 'user_points_accounts', 'users']);
  });

  it('P-12 a leaderboard on which all are tied reads its own places, and sorts nothing', async () => {
    const query = { period: 'day', starts: DAY, limit: 50, userId: first + DINERS - 1 } as const;
    const { rows, plans } = await readingOf(database, () => readRanking(database, query));
    assert.ok(rows < 300, `${rows} rows`);
    assert.equal(plans.length, 1);
    for (const plan of plans) assert.doesNotMatch(plan, READS_ALL);
  });

  it('P-12 my place behind the list is counted in the index, as far as places are told', async () => {
    const query = { period: 'day', starts: DAY, limit: 50, userId: first } as const;
    const { plans } = await readingOf(database, async () => {
      assert.equal((await readRanking(database, query)).mine.rank, DINERS);
    });
    assert.equal(plans.length, 1);
    for (const plan of plans) {
      assert.match(plan, /points_earned_rank|"PRIMARY"|sqlite_autoindex/);
      assert.doesNotMatch(plan, READS_ALL);
      // Users are looked up one by one: those who joined after somebody are no part of their place.
      assert.doesNotMatch(plan, /"table":"u","type":"range"|SEARCH u USING INTEGER PRIMARY KEY \(rowid>/);
    }
  });

  it('P-12 once all accounts are counted, a start looks up that they are, and at none of them', async () => {
    await countRowsOfBefore(database);
    const { rows, plans } = await readingOf(database, async () => {
      assert.equal(await countRowsOfBefore(database), 0);
    });
    assert.ok(rows < 100, `${rows} rows`);
    assert.equal(plans.length, 1);
    assert.match(plans[0]!, /"PRIMARY"|sqlite_autoindex_finished_works/);
  });

  it('P-12 what draws have left open is found by an index, also where nothing is', async () => {
    const { rows, plans } = await readingOf(database, () =>
      countOpenEarnings({ database, clock: systemClock }),
    );
    assert.ok(rows < 100, `${rows} rows`);
    assert.equal(plans.length, 1);
    assert.match(plans[0]!, /user_points_accounts_earned_open/);
  });

  it('P-12 the days of one user are read by their key', async () => {
    const { rows, plans } = await readingOf(database, () =>
      readDays(database, first, { from: '2026-03-01', to: '2026-03-31' }),
    );
    assert.ok(rows < 100, `${rows} rows`);
    for (const plan of plans) assert.doesNotMatch(plan, READS_ALL);
  });
});
