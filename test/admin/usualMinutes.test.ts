import assert from 'node:assert/strict';
import { Dashboard } from '../../src/admin/dashboard/dashboard.ts';
import { bandOf, usualMinutes } from '../../src/admin/dashboard/usualMinutes.ts';
import { Random } from '../../src/draw/random.ts';
import { Calendar } from '../../src/lottery/statistics/calendar.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createCampaign } from '../support/factories.ts';
import { insertMany, writeManyRows } from '../support/manyRows.ts';
import { readingOf } from '../support/rowsRead.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('what a minute is as a rule', () => {
  it('R-8 its band is that of hours whose draws fall into their minutes by chance', () => {
    for (const means of [[0.2], [10], [100], [3, 9, 4, 5], [50, 1000], [900, 1100]]) {
      const random = new Random(`minutes of ${means.join()}`);
      // Of so many minutes, each week as often as the others.
      const hours = 400;
      const seen = means
        .flatMap((mean) =>
          Array.from({ length: hours }, () => minutesOf(random, Math.round(mean * 60))).flat(),
        )
        .sort((a, b) => a - b);
      const at = (share: number) => seen[Math.floor(share * seen.length)]!;
      const { p5, p95 } = bandOf(means);
      // One hour has its draws exactly, so that its minutes lie a little closer to each other.
      const near = 1 + 0.03 * Math.sqrt(Math.max(...means));
      assert.ok(Math.abs(p5 - at(0.05)) <= near, `${means.join()}: p5 ${p5}, seen ${at(0.05)}`);
      assert.ok(Math.abs(p95 - at(0.95)) <= near, `${means.join()}: p95 ${p95}, seen ${at(0.95)}`);
    }
    assert.deepEqual(bandOf([0]), { p5: 0, p95: 0 });
  });

  it('R-8 is told by its hour, and not at all without hours to compare with', () => {
    const day = { hours: new Map([[9 * HOUR_MS, { draws: 600 }]]) };
    const offsets = [8.99, 9, 9.99, 10].map((hours) => hours * HOUR_MS);
    const none = { p5: 0, p95: 0 };
    const some = bandOf([10]);
    assert.deepEqual(usualMinutes([day, { hours: new Map() }], offsets), [none, some, some, none]);
    for (const past of [[], [{ hours: new Map() }]])
      assert.deepEqual(usualMinutes(past, offsets), [null, null, null, null]);
  });
});

function minutesOf(random: Random, draws: number): number[] {
  const minutes = new Array<number>(60).fill(0);
  for (let draw = 0; draw < draws; draw++) minutes[random.below(60)]! += 1;
  return minutes;
}

forEachDatabase('the dashboard’s band', (open) => {
  it('R-8 is of the same weekday and hour of the weeks before, over midnight too, by few rows whatever was drawn', async function () {
    this.timeout(60_000);
    const database = await open();
    // A Tuesday in the restaurants, for twenty minutes.
    const nowMs = Date.UTC(2026, 11, 7, 16, 20);
    const times = { start_time: new Date(nowMs - 90 * DAY_MS), end_time: new Date(nowMs + DAY_MS) };
    const { campaignId } = await createCampaign(database, { campaign: times });
    await writeManyRows(database, { campaignId, diners: 100, draws: 30_000, fromMs: nowMs - 30_000_000 });
    const dashboard = () => {
      const calendar = new Calendar('Asia/Shanghai');
      return new Dashboard({ database, clock: new TestClock(nowMs), calendar });
    };
    const empty = await dashboard().read();
    assert.ok(empty.weeks === 0 && empty.minutes.every(({ usual }) => usual === null));

    const row = (period: string, starts: string, draws: number) => ({
      ...{ campaign_id: campaignId, period: `'${period}'`, starts: `'${starts}'`, draws, wins: 0 },
      ...{ guarantee_wins: 0, free_draws: 0, points_spent: 0, value_given: 0 },
      ...{ participants: 0, newcomers: 0, returned_1: 0, returned_7: 0 },
    });
    await database.transaction(async (tx) => {
      for (const week of [1, 2, 9]) {
        const midnight = new Date(Date.UTC(2026, 11, 7, 16) - week * 7 * DAY_MS);
        const hour = (of: number) =>
          `${new Date(midnight.getTime() + of * HOUR_MS).toISOString().slice(0, 16)}Z`;
        const day = new Date(midnight.getTime() + 8 * HOUR_MS).toISOString().slice(0, 10);
        // What is nine weeks ago is usual no more.
        const often = week === 9 ? 100 : 1;
        await insertMany(tx, 'lottery_periods', 1, row('day', day, 7000));
        await insertMany(tx, 'lottery_periods', 1, row('hour', hour(-1), 600 * often));
        await insertMany(tx, 'lottery_periods', 1, row('hour', hour(0), 6000 * often));
        await insertMany(tx, 'lottery_periods', 1, row('hour', hour(1), 60 * often));
      }
    });
    const reading = await readingOf(database, async () => {
      const { weeks, minutes, figures } = await dashboard().read();
      assert.equal(weeks, 2);
      assert.equal(minutes.length, 60);
      minutes.forEach(({ usual }, at) => assert.deepEqual(usual, bandOf([at < 39 ? 10 : 100]), String(at)));
      // The hour before midnight is none of the day's.
      assert.equal(figures.draws.usual_by_now, 2000);
    });
    assert.ok(reading.rows < 2000, `${reading.rows} rows`);
  });
});
