import assert from 'node:assert/strict';
import { businessDayOf } from '../../src/platform/clock.ts';
import { upsertAll } from '../../src/platform/database/bulk.ts';
import { dayAfter } from '../../src/points/statistics/periods.ts';
import { ReportDay } from '../../entities/reports/ReportDay.ts';
import { SmartInsight } from '../../entities/smart/SmartInsight.ts';
import { Chance } from '../../src/smart/forecast/seededSeries.ts';
import { onSqlite } from '../support/databases.ts';
import { noteInsight } from '../support/insights.ts';
import { needs } from '../support/shared.ts';
import { eventually } from '../support/seat.ts';
import { ADMIN, openFace, type Face } from './face.ts';
import { mustBeAccessible } from './pages.ts';

const WEEK = [110, 80, 78, 85, 90, 130, 150];
const DAYS = 60;

onSqlite('trends and insights in the console', (_open, openUrl) => {
  needs('chromium');
  let face: Face;
  const today = businessDayOf(Date.now(), 'Asia/Shanghai');
  before('opens the pages', async function () {
    this.timeout(120_000);
    face = await openFace(openUrl);
    const { database } = face.server.context;
    const chance = new Chance('e2e');
    const days = Array.from({ length: DAYS }, (_, at) => dayAfter(today, at - DAYS));
    await database.transaction((tx) =>
      upsertAll(
        tx,
        ReportDay,
        days.map((day, at) => {
          const usual = WEEK[new Date(`${day}T00:00:00Z`).getUTCDay()]!;
          return { day, diners: chance.count(usual * (at === DAYS - 6 ? 0.25 : 1)) };
        }),
      ),
    );
    const id = await noteInsight(database);
    const standing = { standing_key: 'anomaly:x', day: dayAfter(today, -6) };
    await database.transaction((tx) => tx.manager.update(SmartInsight, { insight_id: id }, standing));
  });
  after(() => face?.close());
  afterEach('nothing was wrong at the desk', () => face.putAway());

  it('B-6 an insight stands on the dashboard, leads to its figures, and is put away on its page', async () => {
    const desk = await face.deskOf(ADMIN, '/');
    const { page } = desk;
    const block = page.getByTestId('insights');
    await block.locator('li', { hasText: '晚上的抽奖比预期少了70%' }).waitFor();
    await mustBeAccessible(desk);
    await block.getByRole('link', { name: '看数据' }).click();
    await page.waitForURL(/\/trends\?measure=draws&period=hour&from=/);
    await page.goto(new URL('/admin/insights', page.url()).href);
    await page.locator('h1', { hasText: '有1件事值得看' }).waitFor();
    await mustBeAccessible(desk);
    await page.getByRole('button', { name: '知道了' }).click();
    await page.locator('h1', { hasText: '一切如常' }).waitFor();
    await page.getByRole('button', { name: '已收起' }).click();
    await eventually(async () => assert.equal(await page.getByTestId('insight').count(), 1));
  }).timeout(60_000);

  it('B-6 RS-2 RS-13 a trend is drawn with its band, its unusual day is marked, weekdays and hours have their parts', async () => {
    const desk = await face.deskOf(ADMIN, '/trends');
    const { page } = desk;
    await page.locator('h1', { hasText: '来的顾客有1处不寻常' }).waitFor();
    await page.locator('.chart[data-drawn=true]').waitFor();
    const row = page.getByTestId('anomalies').locator('tbody tr');
    assert.match(await row.innerText(), /少[67]\d%|少8\d%/);
    assert.equal(await page.locator('.strip-of li').count(), 7);
    await page.getByTestId('best-hours').locator('tbody td').nth(167).waitFor();
    await page.getByRole('button', { name: '周', exact: true }).click();
    await page.waitForURL(/period=week/);
    await page.locator('h1', { hasText: '还不够预测' }).waitFor();
    await page.locator('select[name=measure]').selectOption('bills');
    await page.waitForURL(/measure=bills/);
    await page.locator('select[name=restaurant]').waitFor();
    await mustBeAccessible(desk);
  }).timeout(60_000);
});
