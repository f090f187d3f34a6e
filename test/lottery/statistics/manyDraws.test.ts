import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { Campaign } from '../../../src/lottery/campaign.ts';
import { Calendar } from '../../../src/lottery/statistics/calendar.ts';
import { CountedDraws } from '../../../src/lottery/statistics/countedDraws.ts';
import { foldBatch } from '../../../src/lottery/statistics/fold.ts';
import { Statistics } from '../../../src/lottery/statistics/statistics.ts';
import { Visitors } from '../../../src/lottery/statistics/visitors.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { createCampaign } from '../../support/factories.ts';
import { logSearch } from '../../support/logs.ts';
import { analyse, writeManyRows } from '../../support/manyRows.ts';
import { readingOf } from '../../support/rowsRead.ts';
import { countTransactions } from '../scene.ts';
import { ZONE } from './bruteForce.ts';

const DRAWS = 60_000;
const BATCH = 20_000;
const LATE = 50;

forEachDatabase('statistics of many draws', (open) => {
  let database: Database;
  let campaignId: number;
  const calendar = new Calendar(ZONE);
  before(async function () {
    this.timeout(120_000);
    database = await open();
    const { campaignId: id, prizeIds } = await createCampaign(database);
    campaignId = id;
    const logger = createLogger('debug', logSearch.destination);
    const shop = { businessTimezone: ZONE, drawRatePerSecond: 100, seedKey: Buffer.alloc(32, 7) };
    await (await Campaign.open({ database, clock: systemClock, logger, ...shop }, id)).close();
    const winning = { winEvery: 10, winPrizeId: prizeIds[0]! };
    // A second apart, up to now.
    const fromMs = Date.now() - DRAWS * 1000;
    await writeManyRows(database, { campaignId, diners: 2000, draws: DRAWS, ...winning, fromMs });
    const services = { database, clock: systemClock, calendar, counted: new CountedDraws(database) };
    for (let after = 0; after < DRAWS - LATE; after += BATCH) {
      const to = Math.min(after + BATCH, DRAWS - LATE);
      assert.ok(await foldBatch(services, { campaignId, after, to }));
    }
    await analyse(database, ['lottery_draws', 'lottery_periods', 'lottery_days_drawn', 'user_inventories']);
  });

  it('L-10 an answer reads the draws that are not counted yet, and of all others their sums', async () => {
    const counted = new CountedDraws(database);
    const statistics = new Statistics({ database, clock: systemClock, calendar, counted });
    let draws = 0;
    const { rows, plans } = await readingOf(database, async () => {
      const report = await statistics.report(campaignId, { period: 'day' });
      draws = report.draws;
      assert.equal(report.wins, DRAWS / 10);
    });
    assert.equal(draws, DRAWS);
    assert.ok(rows < 2000, `${rows} rows`);
    const ofDraws = plans.filter(
      (plan) => plan.includes('lottery_draws') || plan.includes('lottery_days_drawn'),
    );
    assert.ok(ofDraws.length > 0);
    for (const plan of ofDraws) assert.doesNotMatch(plan, /SCAN lottery|"type":"(ALL|index)"/);
  });

  it('ROOM-7 L-10 visitors are written once, however often they come, and few at a time', async () => {
    const visitors = new Visitors(database, systemClock);
    const seen = async () => {
      const [row] = await database.readCurrent<{ visitors: number }>(
        'SELECT visitors FROM lottery_statistics_cursors WHERE campaign_id = ?',
        [campaignId],
      );
      return row!.visitors;
    };
    const before = await seen();
    const note = () => {
      for (let userId = 900_001; userId <= 901_200; userId++) visitors.note(campaignId, userId);
    };
    note();
    note();
    await Promise.all([visitors.save(), visitors.save()]);
    assert.equal(await seen(), before + 1200);
    const transactions = countTransactions(database);
    note();
    await visitors.save();
    assert.equal(transactions.taken(), 0);
    // Another node, which does not know of them.
    const other = new Visitors(database, systemClock);
    other.note(campaignId, 900_001);
    other.note(campaignId, 901_201);
    await other.save();
    assert.equal(await seen(), before + 1201);
  });
});
