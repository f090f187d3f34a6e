import assert from 'node:assert/strict';
import { bandOf } from '../../src/admin/dashboard/usualMinutes.ts';
import { businessDayOf } from '../../src/platform/clock.ts';
import { dayAfter } from '../../src/points/statistics/periods.ts';
import { insertMany } from '../support/manyRows.ts';
import { ADMIN, onFace } from './face.ts';
import { mustBeAccessible } from './pages.ts';

const HOUR_MS = 3_600_000;

onFace('the dashboard of the console', (face) => {
  /** So many draws in each hour around this one, a week ago and two. */
  const drawOften = async (perHour: number) => {
    const nowMs = Date.now();
    const today = businessDayOf(nowMs, 'Asia/Shanghai');
    const row = (period: string, starts: string) => ({
      ...{ campaign_id: 1, period: `'${period}'`, starts: `'${starts}'`, draws: perHour, wins: 0 },
      ...{ guarantee_wins: 0, free_draws: 0, points_spent: 0, value_given: 0 },
      ...{ participants: 0, newcomers: 0, returned_1: 0, returned_7: 0 },
    });
    await face.server.context.database.transaction(async (tx) => {
      for (const week of [1, 2]) {
        await insertMany(tx, 'lottery_periods', 1, row('day', dayAfter(today, -7 * week)));
        for (const hour of [-2, -1, 0, 1, 2]) {
          const at = Math.floor(nowMs / HOUR_MS + hour) * HOUR_MS - week * 168 * HOUR_MS;
          const starts = `${new Date(at).toISOString().slice(0, 16)}Z`;
          await insertMany(tx, 'lottery_periods', 1, row('hour', starts));
        }
      }
    });
  };

  it('R-8 draws of each minute stand before what is usual on this weekday at this hour; without such days it says so', async () => {
    await drawOften(1200);
    const desk = await face.deskOf(ADMIN, '/');
    const { page } = desk;
    await page.waitForSelector('.chart[data-drawn=true] canvas');
    await page.waitForSelector('.chart .key >> text=同星期同时段p5至p95，近2周');
    await mustBeAccessible(desk);
    const chart = page.locator('.chart').first();
    await chart.getByRole('button', { name: '看数据' }).click();
    const { p5, p95 } = bandOf([20]);
    await chart.locator('tbody tr').first().waitFor();
    const rows = (await chart.locator('tbody tr').allInnerTexts()).map((text) => text.split('\t').slice(1));
    assert.equal(rows.length, 60);
    for (const row of rows) assert.deepEqual(row.slice(1), [String(p5), String(p95)]);

    await page.route('**/admin/dashboard', async (route) => {
      if (route.request().resourceType() === 'document') return route.continue();
      const answer = await (await route.fetch()).json();
      for (const minute of answer.data.minutes) minute.usual = null;
      answer.data.weeks = 0;
      await route.fulfill({ json: answer });
    });
    await page.reload();
    await page.waitForSelector('.chart >> text=前几周的这一天没有数据，没法比');
    assert.equal(await page.locator('.chart .area').count(), 0);
  }).timeout(60_000);
});
