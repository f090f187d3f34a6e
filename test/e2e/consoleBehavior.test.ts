import assert from 'node:assert/strict';
import { tellOf } from '../analytics/behaviors.ts';
import { ADMIN, onFace } from './face.ts';
import { mustBeAccessible } from './pages.ts';

onFace('what people do, in the console', (face) => {
  it('B-5 RS-1 a funnel is put together, looked at with both rates and times, kept, and found again', async () => {
    const { database } = face.server.context;
    const atMs = Date.now() - 60_000;
    const userIds = await Promise.all(
      ['13900000021', '13900000022'].map(async (mobile) => (await face.server.login(mobile)).userId),
    );
    await tellOf(database, [
      ...userIds.map((userId) => ({ userId, name: 'home', atMs })),
      { userId: userIds[0]!, name: 'shop', atMs: atMs + 30_000 },
    ]);
    const desk = await face.deskOf(ADMIN, '/behavior');
    const { page } = desk;
    await page.getByText('选一个已保存的漏斗').waitFor();
    await page.locator('input[name=step-1]').fill('home');
    await page.locator('input[name=step-2]').fill('shop');
    await page.getByRole('button', { name: '看结果' }).click();
    const result = page.getByTestId('funnel');
    await result.locator('h2', { hasText: '2人开始，1人走完，占50%' }).waitFor();
    const row = result.locator('tbody tr').nth(1);
    assert.match((await row.innerText()).replaceAll(/\s+/g, ' '), /2\. 页面 shop 1 50% 50% 30秒 30秒/);
    await page.locator('input[name=funnel-name]').fill('首页到商城');
    await page.getByRole('button', { name: '保存', exact: true }).click();
    await page.waitForSelector('.el-message--success');
    await page.reload();
    await page.getByRole('button', { name: '首页到商城' }).click();
    await result.locator('h2', { hasText: '2人开始' }).waitFor();
    assert.equal(await page.locator('input[name=step-2]').inputValue(), 'shop');
    await mustBeAccessible(desk);
    for (const view of ['浏览路径', '功能和停留', '留存', '流失和价值']) {
      await page.getByRole('button', { name: view }).click();
      await page.locator('.panel h2').first().waitFor();
    }
    await mustBeAccessible(desk);
    await face.putAway();
  }).timeout(120_000);
});
