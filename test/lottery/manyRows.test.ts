import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { systemClock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { Campaign, type CampaignServices } from '../../src/lottery/campaign.ts';
import { listDraws, type HistoryQuery } from '../../src/lottery/history.ts';
import { readTopScores } from '../../src/lottery/standings.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createCampaign, createUser } from '../support/factories.ts';
import { logSearch } from '../support/logs.ts';
import { analyse, insertMany, writeManyRows } from '../support/manyRows.ts';
import { readingOf } from '../support/rowsRead.ts';

const DINERS = 5000;
const DRAWS = 20_000;
const EPOCHS = 5000;
const HEAVY_DRAWS = 10_000;
const SORTS = /filesort|temporary|USE TEMP B-TREE/;

forEachDatabase('a campaign with many rows', (open) => {
  let database: Database;
  let services: CampaignServices;
  let campaignId: number;

  let heavy: number;
  let heavyCampaignId: number;

  before('writes them', async function () {
    this.timeout(120_000);
    database = await open();
    services = {
      database,
      clock: systemClock,
      logger: createLogger('debug', logSearch.destination),
      seedKey: Buffer.alloc(32, 7),
      businessTimezone: 'Asia/Shanghai',
      drawRatePerSecond: 100_000,
    };
    const rare = await createCampaign(database, { campaign: { recent_wins: '6000,3000' } });
    ({ campaignId } = rare);
    await (await Campaign.open(services, campaignId)).close();
    await writeManyRows(database, {
      campaignId,
      diners: DINERS,
      draws: DRAWS,
      winEvery: 3000,
      winPrizeId: rare.prizeIds[0],
      epochs: EPOCHS,
    });
    const other = await createCampaign(database);
    heavyCampaignId = other.campaignId;
    await (await Campaign.open(services, heavyCampaignId)).close();
    heavy = await writeManyRows(database, { campaignId: heavyCampaignId, diners: 1, draws: HEAVY_DRAWS });
    await analyse(database, ['lottery_user_counters', 'lottery_draws', 'lottery_prizes', 'users']);
  });

  const opening = (id: number) =>
    readingOf(database, async () => {
      const campaign = await Campaign.open(services, id);
      await campaign.close();
    });

  it('DRAW-7 opening a campaign reads neither all diners, nor all draws, nor all seeds', async () => {
    const { rows, plans } = await opening(campaignId);
    // The ranked diners, by their scores and again by those tied with the last, each from a derived table; the latest draws.
    assert.ok(rows < 4 * LIMITS.rankedDiners + 2000, `${rows} rows`);
    const readsAll =
      /SCAN (users|lottery_(draws|user|fairness))|"table":"(u|users|d|lottery_\w+)","type":"(ALL|index)"/;
    assert.deepEqual(
      plans.filter((plan) => readsAll.test(plan) && !plan.includes('_rank')),
      [],
    );
    const config = plans.filter((plan) => plan.includes('lottery_fairness_entries_kind'));
    assert.ok(config.length > 0);
    for (const plan of config) assert.doesNotMatch(plan, SORTS);
    const scores = plans.filter((plan) => plan.includes('lottery_user_counters'));
    assert.equal(scores.length, 2);
    for (const plan of scores) assert.doesNotMatch(plan, SORTS);
  });

  it('L-8 the first places are those of the whole campaign, also where most are tied', async () => {
    const all = await database.read<Record<string, string | number>>(
      `SELECT user_id FROM lottery_user_counters WHERE campaign_id = ?
       ORDER BY prize_value DESC, wins DESC, draws DESC, first_draw_no LIMIT 2000`,
      [campaignId],
    );
    for (const limit of [1, 50, 1000, 2000]) {
      const top = await readTopScores(database, campaignId, limit);
      const expected = all.slice(0, limit).map((row) => row['user_id']);
      assert.deepEqual(
        top.map(({ userId }) => userId),
        expected,
      );
    }
  });

  it('L-8 the last winners are found however long ago they won', async () => {
    const campaign = await Campaign.open(services, campaignId);
    // Number 18,000 won too, but nobody noted it and it is far back.
    assert.deepEqual(
      campaign.recentWinners.map(({ drawNo }) => drawNo),
      [6000, 3000],
    );
    await campaign.close();
  });

  it('L-8 what is told of a diner reads no other diners, however many stand before them', async () => {
    const campaign = await Campaign.open(services, campaignId);
    const ahead = await database.read<{ user_id: number }>(
      `SELECT user_id FROM lottery_user_counters WHERE campaign_id = ?
       ORDER BY prize_value DESC, wins DESC, draws DESC, first_draw_no`,
      [campaignId],
    );
    for (const place of [1, 2, 50, 51, 999, 1000]) {
      assert.equal((await campaign.standingOf(ahead[place - 1]!.user_id)).rank, place);
    }
    for (const place of [1001, 1002, DINERS]) {
      const { rows, plans } = await readingOf(database, async () => {
        assert.equal((await campaign.standingOf(ahead[place - 1]!.user_id)).rank, 1001);
      });
      assert.ok(rows < 50, `${rows} rows`);
      assert.doesNotMatch(plans.join('\n'), /(key":"|INDEX )lottery_user_counters_rank/);
    }
    const newcomer = await createUser(database);
    assert.equal((await campaign.standingOf(newcomer)).rank, null);
    await campaign.close();
  });

  const history = (query: Partial<HistoryQuery>) =>
    readingOf(database, () =>
      listDraws(database, { userId: heavy, campaignId: undefined, page: 1, limit: 20, ...query }),
    );

  it('L-9 a page of a long history reads its own draws, and counts without reading any', async () => {
    for (const query of [{}, { campaignId: heavyCampaignId }]) {
      const { rows, plans } = await history(query);
      assert.ok(rows < 200, `${rows} rows`);
      // The page, how many there are, and whether some are in packs.
      assert.equal(plans.length, 3);
      const list = plans.find((plan) => plan.includes('lottery_draws_user_time'));
      assert.match(list!, /Using index|COVERING INDEX lottery_draws_user_time/);
    }
  });

  it('L-9 far pages of a history are found by their place at the cost of the first', async () => {
    const seen: number[] = [];
    let before: HistoryQuery['before'];
    let most = 0;
    for (let page = 0; page < 4; page++) {
      const { rows } = await readingOf(database, async () => {
        const found = await listDraws(database, {
          ...{ userId: heavy, campaignId: undefined, page: 1, limit: 100, before },
        });
        assert.equal(found.total, HEAVY_DRAWS);
        seen.push(...found.items.map((draw) => draw.draw_no));
        before = found.last;
      });
      most = Math.max(most, rows);
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 400 }, (_, at) => HEAVY_DRAWS - at),
    );
    assert.ok(most < 600, `${most} rows`);
    const deep = await listDraws(database, { userId: heavy, campaignId: undefined, page: 100, limit: 100 });
    assert.deepEqual(deep.items.map((draw) => draw.draw_no).slice(-2), [2, 1]);
  });

  it('L-9 draws of several campaigns come by their time, and those of one instant by their ids', async () => {
    const { campaignId: third } = await createCampaign(database);
    const userId = await createUser(database);
    await database.transaction(async (tx) => {
      for (const [id, number, at] of [
        [campaignId, 900_001, '00'],
        [third, 1, '01'],
        [campaignId, 900_002, '01'],
        [third, 2, '02'],
      ] as const) {
        await insertMany(tx, 'lottery_draws', 1, drawRow({ id, number, userId, at }));
      }
      for (const id of [campaignId, third]) {
        await insertMany(tx, 'lottery_user_counters', 1, counterRow({ id, userId }));
      }
    });
    const found: number[] = [];
    let before: HistoryQuery['before'];
    for (let page = 0; page < 5; page++) {
      const part = await listDraws(database, { userId, campaignId: undefined, page: 1, limit: 1, before });
      assert.equal(part.total, 4);
      found.push(...part.items.map((draw) => draw.draw_id));
      before = part.last;
      if (before === undefined) break;
    }
    const draw = (id: number, number: number) => id * 1e10 + number;
    assert.deepEqual(found, [
      draw(third, 2),
      draw(third, 1),
      draw(campaignId, 900_002),
      draw(campaignId, 900_001),
    ]);
    const one = await listDraws(database, { userId, campaignId: third, page: 1, limit: 20 });
    assert.deepEqual([one.total, one.items.length], [2, 2]);
  });
});

function drawRow({ id, number, userId, at }: { id: number; number: number; userId: number; at: string }) {
  return {
    ...{ draw_id: id * 1e10 + number, campaign_id: id, draw_no: number, log_no: 5_000_000 + number },
    ...{ user_id: userId, request_id: `'r${number}'`, client_seed: `'s'`, fairness_epoch: 1 },
    ...{ table_version: 1, level_bp: 0, period_bp: 0, pity_bp: 0, streak_before: 0, roll: 1 },
    ...{ interval_from: 0, interval_to: 2, is_winner: 0, is_guarantee: 0, points_cost: 1 },
    ...{ chain_hash: `'${'0'.repeat(64)}'`, draw_time: `'2026-05-01 00:00:${at}.000'` },
  };
}

function counterRow({ id, userId }: { id: number; userId: number }) {
  return {
    ...{ campaign_id: id, user_id: userId, streak: 0, draws: 2, wins: 0, prize_value: 0 },
    ...{ business_day: `'2026-01-01'`, draws_today: 2, first_draw_no: 900_001 },
    updated_at: `'2026-05-01 00:00:00.000'`,
  };
}
