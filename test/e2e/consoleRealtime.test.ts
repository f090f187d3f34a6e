import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { AnalyticsBehavior } from '../../entities/analytics/AnalyticsBehavior.ts';
import { eventually } from '../support/seat.ts';
import { ADMIN, onFace } from './face.ts';
import { mustBeAccessible } from './pages.ts';

const DINER = '13900000001';
const SOON = { timeout: 15_000 };

onFace('what diners do on the pages', (face) => {
  it('B-1 B-3 a diner walks through the pages and checks in; the console has each of them, and goes on by itself', async () => {
    const phone = await face.phoneOf(DINER);
    const { page } = phone;
    for (const path of ['/shop', '/', '/prizes', '/me']) {
      // Links within the pages: a load would be another visit.
      if (path === '/') await page.goBack();
      else await page.locator(`a[href="${path}"]`).first().click();
      await page.waitForURL(`**${path}`);
    }
    const told = async () => {
      const rows = await face.server.context.database.currentReader.find(AnalyticsBehavior);
      return rows.map(({ kind, name }) => `${kind} ${name}`);
    };
    await eventually(async () => {
      const all = await told();
      for (const one of ['page home', 'page shop', 'page prizes', 'page me', 'dwell home', 'dwell shop'])
        assert.ok(all.includes(one), `${one} of ${all.join()}`);
    }, 20_000);
    const desk = await face.deskOf(ADMIN, '/realtime');
    await desk.page.locator('h1', { hasText: /近1小时打开页面\d+次/ }).waitFor(SOON);
    const names = desk.page.getByTestId('names');
    for (const name of ['首页', '兑换', '我的奖品'])
      await names.getByRole('rowheader', { name }).first().waitFor();
    // While the console is looked at.
    await face.call(DINER, 'POST', '/analytics/behaviors', {
      ...{ sent_at: new Date().toISOString(), visit_id: 'visit' },
      behaviors: [{ event_id: 'draw', kind: 'action', name: 'draw', at: new Date().toISOString() }],
    });
    await desk.page.getByRole('button', { name: '操作', exact: true }).click();
    await names.getByRole('rowheader', { name: '抽奖' }).waitFor(SOON);
    await desk.page.getByRole('button', { name: '近30天' }).click();
    await desk.page.locator('h1', { hasText: '近30天操作' }).waitFor(SOON);
    const saving = desk.page.waitForEvent('download');
    await desk.page.getByRole('button', { name: '导出CSV' }).click();
    const lines = readFileSync(await (await saving).path(), 'utf8')
      .trim()
      .split('\r\n');
    assert.ok(lines.length > 30, lines.join());
    await mustBeAccessible(desk);
    // Whoever leaves has been told of to the last page.
    await page.goto('about:blank');
    await eventually(async () => assert.ok((await told()).includes('dwell me')), 10_000);
  }).timeout(90_000);

  it('RS-3 a test account is made one in the drawer of the person, and is shown as one', async () => {
    const userId = await face.userIdOf('13900000002');
    const desk = await face.deskOf(ADMIN, `/people?person=${userId}`);
    await desk.page.getByRole('button', { name: '设为测试账号' }).click();
    await desk.page
      .locator('.dialog, [role=dialog]')
      .getByRole('button', { name: '设为测试账号' })
      .last()
      .click();
    await desk.page.getByText('测试账号').first().waitFor(SOON);
    await desk.page.getByRole('button', { name: '恢复统计' }).waitFor(SOON);
    const { is_test } = await face.call(ADMIN, 'GET', `/admin/users/${userId}`);
    assert.equal(is_test, true);
  }).timeout(60_000);
});
