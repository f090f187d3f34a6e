import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { figuresOf } from '../../src/admin/dashboard/dashboard.ts';
import { NO_FIGURES } from '../../src/lottery/statistics/addedFigures.ts';
import { foldAll } from '../../src/lottery/statistics/fold.ts';
import { MINUTES, MinuteDraws } from '../../src/lottery/statistics/minuteDraws.ts';
import { businessDayOf, systemClock } from '../../src/platform/clock.ts';
import { sqlTime } from '../../src/platform/database/sqlValues.ts';
import { dayAfter } from '../../src/points/statistics/periods.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createCampaign } from '../support/factories.ts';
import { insertMany, writeManyRows } from '../support/manyRows.ts';
import { readingOf } from '../support/rowsRead.ts';
import { eventually } from '../support/seat.ts';
import { openAdministration, type Administration } from './administration.ts';

forEachDatabase('the dashboard', (open, openUrl) => {
  let here: Administration;
  before(async () => {
    here = await openAdministration(await openUrl());
  });
  after(() => here?.venue.close());

  const read = async (by = here.admin) => here.call('GET', '/admin/dashboard', undefined, by);

  it('R-8 today’s figures are those of its draws, beside the mean of the same weekday where anybody drew', async () => {
    const { database, figures } = here.venue.context;
    const today = businessDayOf(Date.now(), 'Asia/Shanghai');
    const row = (days: number, draws: number) => ({
      ...{ campaign_id: 1, period: `'day'`, starts: `'${dayAfter(today, days)}'` },
      ...{ draws, wins: 10, guarantee_wins: 0, free_draws: 0, points_spent: 500, value_given: 80 },
      ...{ participants: 7, newcomers: 0, returned_1: 0, returned_7: 0 },
    });
    await database.transaction(async (tx) => {
      await insertMany(tx, 'lottery_periods', 1, row(-7, 100));
      await insertMany(tx, 'lottery_periods', 1, row(-14, 300));
      // Another weekday, and one that is too long ago.
      await insertMany(tx, 'lottery_periods', 1, row(-6, 9000));
      await insertMany(tx, 'lottery_periods', 1, row(-35, 9000));
      await insertMany(tx, 'points_earned', 1, {
        ...{ period: `'day'`, starts: `'${dayAfter(today, -7)}'`, user_id: here.diner.userId, earned: 40.5 },
      });
      // It began long ago.
      await tx.execute('UPDATE lottery_campaigns SET start_time = ? WHERE campaign_id = 1', [
        sqlTime(Date.now() - 90 * 86_400_000),
      ]);
    });
    const body = { campaign_id: 1, request_id: 'today', draw_count: 10 };
    assert.equal((await here.call('POST', '/lottery/draw', body, here.diner)).code, 'OK');
    await foldAll({ ...figures, clock: systemClock });
    await eventually(async () => {
      const { data } = await read();
      assert.deepEqual([data.day, data.is_complete, data.weeks], [today, false, 2]);
      const { draws, people, points_spent, points_earned, prize_cost } = data.figures;
      assert.deepEqual([draws.today, draws.usual], [10, 200]);
      assert.deepEqual([people.today, people.usual, people.usual_by_now], [1, 7, null]);
      assert.deepEqual([points_spent.today, points_spent.usual], [1000, 500]);
      assert.equal(points_earned.usual, 20.25);
      assert.equal(prize_cost.usual, 80);
      assert.equal(data.minutes.length, MINUTES);
      const sum = data.minutes.reduce((all: number, minute: { draws: number }) => all + minute.draws, 0);
      assert.equal(sum, 10);
    }, 8000);
  });

  it('R-8 it has the campaigns that run with what is left, and how much waits for somebody', async () => {
    const before = (await read()).data;
    const prize = { prize_type: 'physical', win_probability: 100_000_000, total_quantity: 10 } as const;
    const campaign = { guarantee_threshold: null, total_draws: 50, remaining_draws: 50 };
    const { campaignId } = await here.venue.addCampaign({ campaign, prizes: [prize] });
    for (const request of ['nine', 'ten']) {
      const body = { campaign_id: campaignId, request_id: request, draw_count: request === 'nine' ? 9 : 1 };
      await here.call('POST', '/lottery/draw', body, here.diner);
    }
    const large = { to_user_id: here.diner.userId, amount: 10_000 };
    const giver = await here.venue.login('13900000002');
    const extra = { headers: { 'Idempotency-Key': 'large' } };
    assert.equal((await here.call('POST', '/points/transfer', large, giver, extra)).code, 'OK');
    await eventually(async () => {
      const { data } = await read();
      const shown = data.campaigns.find(({ campaign_id: id }: { campaign_id: number }) => id === campaignId);
      assert.deepEqual([shown.draws, shown.total_draws, shown.remaining_draws], [10, 50, 40]);
      assert.equal(shown.tightest.remaining, 0);
      assert.equal(data.to_do.low_stock, before.to_do.low_stock + 1);
      assert.equal(data.to_do.transfers, before.to_do.transfers + 1);
      assert.equal(data.to_do.reviews, before.to_do.reviews + 1);
      for (const name of ['approvals', 'reports', 'disputes', 'service_sessions', 'dead_letters'])
        assert.equal(data.to_do[name], 0, name);
    }, 8000);
  });

  it('A-9 it is for who may read statistics', async () => {
    for (const by of [here.diner, here.staff]) assert.equal((await read(by)).code, 'FORBIDDEN');
  });

  it('R-8 draws of each minute are found by a few keys, and once found not looked for again', async function () {
    this.timeout(60_000);
    const database = await open();
    const { campaignId } = await createCampaign(database);
    const draws = 30_000;
    const fromMs = Date.UTC(2026, 2, 1);
    // One a second, the first of them a second after the beginning.
    await writeManyRows(database, { campaignId, diners: 100, draws, fromMs });
    const minutes = new MinuteDraws(database);
    const nowMs = fromMs + draws * 1000 + 500;
    const campaigns = [{ campaignId, drawNo: draws }];
    const first = await readingOf(database, async () => {
      const found = await minutes.read(campaigns, nowMs);
      assert.equal(found.length, MINUTES);
      assert.deepEqual(
        found.slice(0, -1),
        Array.from({ length: MINUTES - 1 }, (_, at) => ({
          startMs: found[0]!.startMs + at * 60_000,
          draws: 60,
        })),
      );
      assert.equal(found.at(-1)!.draws, draws - Math.floor(draws / 60) * 60 + 1);
    });
    assert.ok(first.plans.length <= 18, `${first.plans.length} statements`);
    assert.ok(first.rows < 1000, `${first.rows} rows`);
    for (const plan of first.plans) assert.doesNotMatch(plan, /"type":"(ALL|index)"|SCAN/);
    const again = await readingOf(database, () => minutes.read(campaigns, nowMs + 20_000));
    assert.ok(again.plans.length <= 17, `${again.plans.length} statements`);
    const third = await readingOf(database, () => minutes.read(campaigns, nowMs + 21_000));
    assert.equal(third.plans.length, 0);
    assert.ok(
      (await minutes.read([{ campaignId: campaignId + 1, drawNo: 0 }], nowMs)).every(
        ({ draws: none }) => none === 0,
      ),
    );
  });
});

describe('what is usual', () => {
  const day = (draws: number, hours: [number, number][]) => ({
    whole: { ...NO_FIGURES, draws, valueGiven: 250, earned: 100 },
    hours: new Map(hours.map(([hour, of]) => [hour * 3_600_000, { ...NO_FIGURES, draws: of }])),
  });

  it('R-8 RS-2 is as far as days were at this time, an hour that goes on by its part, and nothing without days', () => {
    const past = [
      day(100, [
        [9, 40],
        [10, 60],
      ]),
      day(20, [[9, 20]]),
    ];
    const { draws, prize_cost, points_earned } = figuresOf(
      { ...NO_FIGURES, earned: 50 },
      past,
      10.5 * 3_600_000,
    );
    assert.deepEqual(draws, { today: 0, usual: 60, usual_by_now: (40 + 30 + 20) / 2 });
    assert.equal(prize_cost.usual, 2.5);
    assert.deepEqual(points_earned, { today: 0.5, usual: 1, usual_by_now: null });
    assert.deepEqual(figuresOf({ ...NO_FIGURES, earned: 0 }, [], 0).draws, {
      today: 0,
      usual: null,
      usual_by_now: null,
    });
  });
});
