/** Draws as the administration finds them, in tables that are as long as after years. */
import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { listAllDraws, type DrawFilter } from '../../src/lottery/listedDraws.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createCampaign } from '../support/factories.ts';
import { analyse, writeManyRows } from '../support/manyRows.ts';
import { readingOf } from '../support/rowsRead.ts';

const DINERS = 400;
const DRAWS = 20_000;
const WIN_EVERY = 3000;
const HEAVY_DRAWS = 9000;
const READS_ALL = /SCAN (d|lottery_draws)\b(?! USING)|"table":"(d|lottery_draws)","type":"ALL"/;

forEachDatabase('draws for the administration', (open) => {
  let database: Database;
  let first: number;
  let campaignId: number;
  let heavy: number;
  let heavyCampaignId: number;
  before('writes many', async function () {
    this.timeout(120_000);
    database = await open();
    const rare = await createCampaign(database);
    ({ campaignId } = rare);
    const rows = { diners: DINERS, draws: DRAWS, winEvery: WIN_EVERY, winPrizeId: rare.prizeIds[0]! };
    first = await writeManyRows(database, { campaignId, ...rows });
    const other = await createCampaign(database);
    heavyCampaignId = other.campaignId;
    const winPrizeId = other.prizeIds[0]!;
    const ofOne = { diners: 1, draws: HEAVY_DRAWS, winEvery: 2000, winPrizeId };
    heavy = await writeManyRows(database, { campaignId: heavyCampaignId, ...ofOne });
    await analyse(database, ['lottery_draws', 'users', 'lottery_prizes', 'lottery_campaigns']);
  });

  /** All pages, as far as `next` leads, and what the dearest of them has read. */
  const walk = async (filter: Partial<DrawFilter>, pages = Infinity) => {
    const ids: number[] = [];
    let most = 0;
    let asked = 0;
    let next: DrawFilter['before'];
    do {
      const { rows, plans } = await readingOf(database, async () => {
        const page = await listAllDraws(database, { limit: 10, ...filter, before: next });
        ids.push(...page.items.map((draw) => draw.draw_id));
        next = page.next;
      });
      for (const plan of plans) assert.doesNotMatch(plan, READS_ALL);
      most = Math.max(most, rows);
      asked += 1;
    } while (next !== undefined && asked < pages);
    return { ids, most, asked };
  };
  const drawIds = (id: number, numbers: number[]) => numbers.map((number) => id * 1e10 + number);

  it('R-2 RW-11 a page of a campaign, of a user or of all reads its own draws, wherever it begins', async () => {
    const last = Array.from({ length: 40 }, (_, at) => DRAWS - at);
    const ofCampaign = await walk({ campaignId }, 4);
    assert.deepEqual(ofCampaign.ids, drawIds(campaignId, last));
    const ofHeavy = Array.from({ length: 40 }, (_, at) => HEAVY_DRAWS - at);
    for (const filter of [{}, { userId: heavy }, { userId: heavy, campaignId: heavyCampaignId }]) {
      const { ids, most } = await walk(filter, 4);
      assert.deepEqual(ids, drawIds(heavyCampaignId, ofHeavy));
      assert.ok(most < 200, `${most} rows`);
    }
    assert.ok(ofCampaign.most < 200, `${ofCampaign.most} rows`);
    assert.deepEqual((await walk({ userId: heavy, campaignId })).ids, []);
    const far = await listAllDraws(database, {
      campaignId,
      limit: 5,
      before: { drawnAtMs: 0, drawId: campaignId * 1e10 + 4 },
    });
    assert.deepEqual(
      far.items.map((draw) => draw.draw_no),
      [3, 2, 1],
    );
    assert.equal(far.next, undefined);
    assert.deepEqual(far.items[0]!.user, {
      user_id: first + 2,
      nickname: 'Diner 3',
      avatar_url: null,
    });
  });

  it('R-2 DRAW-7 winners are all found, each page looking through no more draws than the bound', async () => {
    const wins = Array.from(
      { length: Math.floor(DRAWS / WIN_EVERY) },
      (_, at) => (at + 1) * WIN_EVERY,
    ).reverse();
    const ofCampaign = await walk({ campaignId, isWinner: true });
    assert.deepEqual(ofCampaign.ids, drawIds(campaignId, wins));
    assert.equal(ofCampaign.asked, Math.ceil((DRAWS + 1) / LIMITS.drawsLookedThrough));
    const ofHeavy = await walk({ userId: heavy, isWinner: true });
    assert.deepEqual(ofHeavy.ids, drawIds(heavyCampaignId, [8000, 6000, 4000, 2000]));
    for (const { most } of [ofCampaign, ofHeavy])
      assert.ok(most < 5 * LIMITS.drawsLookedThrough, `${most} rows`);
  });
});
