import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { businessDayOf } from '../../src/platform/clock.ts';
import { dayAfter } from '../../src/points/statistics/periods.ts';
import { onSqlite } from '../support/databases.ts';
import { insertMany } from '../support/manyRows.ts';
import { needs } from '../support/shared.ts';
import { ADMIN, openFace, type Face } from './face.ts';
import { mustBeAccessible } from './pages.ts';

onSqlite('reports in the console', (_open, openUrl) => {
  needs('chromium');
  let face: Face;
  before('opens the pages', async function () {
    this.timeout(120_000);
    face = await openFace(openUrl);
    const today = businessDayOf(Date.now(), 'Asia/Shanghai');
    await face.server.context.database.transaction(async (tx) => {
      for (const [daysAgo, bills] of [
        [1, 120],
        [8, 100],
      ] as const) {
        const day = `'${dayAfter(today, -daysAgo)}'`;
        // The demo has people on it.
        for (const table of ['report_days', 'report_counts'])
          await tx.execute(`DELETE FROM ${table} WHERE day = ${day}`);
        await insertMany(tx, 'report_days', 1, { day, diners: bills / 2 });
        const of = { day, measure: `'bills'`, amount: 8000, entries: bills };
        for (const restaurant_id of [0, 1])
          await insertMany(tx, 'report_counts', 1, { ...of, restaurant_id });
      }
    });
  });
  after(() => face?.close());
  afterEach('nothing was wrong at the desk', () => face.putAway());

  it('R-8 the morning is said in a sentence, beside what is usual; its figures stand behind it', async () => {
    const desk = await face.deskOf(ADMIN, '/');
    const morning = desk.page.getByTestId('morning');
    await morning.locator('h2', { hasText: '来了60位顾客，比往常多20%' }).waitFor();
    await morning.getByRole('button', { name: '看数据' }).click();
    const row = morning.locator('tr', { hasText: '账单' }).first();
    assert.match((await row.innerText()).replaceAll('\t', ' '), /账单\s+120\s+100/);
    await mustBeAccessible(desk);
  }).timeout(60_000);

  it('R-8 RA-6 a range is chosen, narrowed to a restaurant, saved as a table, and told each morning', async () => {
    const desk = await face.deskOf(ADMIN, '/reports');
    const { page } = desk;
    await page.locator('h1', { hasText: '最高是' }).waitFor();
    await page.getByRole('button', { name: '7天' }).click();
    await page.waitForURL(/from=/);
    await page.locator('select[name=restaurant]').selectOption('1');
    await page.waitForURL(/restaurant_id=1/);
    await page.getByRole('rowheader').nth(6).waitFor();
    assert.equal(await page.getByRole('rowheader').count(), 7);
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: '导出CSV' }).click();
    const lines = readFileSync(await (await saving).path(), 'utf8')
      .trim()
      .split('\r\n');
    assert.equal(lines.length, 8);
    const hours = page.locator('select[name=daily]');
    await hours.selectOption('8');
    await page.waitForSelector('.el-message--success');
    await page.reload();
    await hours.waitFor();
    assert.equal(await hours.inputValue(), '8');
    await mustBeAccessible(desk);
  }).timeout(60_000);

  it('R-8 the page of the server says in words what is wrong, first of all', async () => {
    await face.server.context.database.transaction((tx) =>
      insertMany(tx, 'business_events', 2, {
        ...{
          event_type: `'nobody:knows'`,
          event_data: `'{}'`,
          priority: `'normal'`,
          status: `'dead_letter'`,
        },
        created_at: `'2026-01-01 00:00:00.000'`,
      }),
    );
    const desk = await face.deskOf(ADMIN, '/system');
    await desk.page.getByTestId('problems').locator('li', { hasText: '2条死信' }).waitFor();
    await mustBeAccessible(desk);
  }).timeout(60_000);
});
