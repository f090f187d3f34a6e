import assert from 'node:assert/strict';
import { ADMIN, onFace, SUPER_ADMIN } from './face.ts';
import { mustBeAccessible } from './pages.ts';
import { eventually } from '../support/seat.ts';

const DINER = '13900000001';

onFace('recommendations', (face) => {
  it('B-4 RS-11 a diner sees what is for them and why, hides one of it, and takes that back', async () => {
    await face.call(SUPER_ADMIN, 'POST', '/admin/products', { name: '双人火锅', price: 3, stock: 9 }, 'pot');
    const phone = await face.phoneOf(DINER);
    const { page } = phone;
    const row = page.getByTestId('for-you');
    const items = row.getByRole('listitem');
    await items.first().waitFor();
    const title = await items.first().locator('b').innerText();
    assert.ok((await items.first().locator('.caption').innerText()).length > 0);
    await mustBeAccessible(phone);
    await items.first().getByRole('button', { name: '不想看到' }).click();
    await items.first().getByText('一个月内不再推荐').waitFor();
    const hidden = async () => {
      const { items: shown } = await face.call(DINER, 'GET', '/smart/recommendations?limit=20');
      return !shown.some((one: { title: string }) => one.title === title);
    };
    await eventually(async () => assert.ok(await hidden()));
    await items.first().getByRole('button', { name: '撤销' }).click();
    await items.first().locator('b', { hasText: title }).waitFor();
    await eventually(async () => assert.ok(!(await hidden())));
    // What could not be kept is as before, and said so.
    await page.route('**/smart/feedback', (route) => route.abort());
    await items.first().getByRole('button', { name: '不想看到' }).click();
    await row.getByRole('alert').waitFor();
    await items.first().locator('b', { hasText: title }).waitFor();
    await page.unroute('**/smart/feedback');
    phone.faults.splice(0);
    // A click is told of, and leads there.
    const clicked = page.waitForResponse((answer) => answer.url().endsWith('/smart/feedback'));
    await row.locator('a', { hasText: '兑换' }).first().click();
    assert.equal((await clicked).status(), 200);
    await page.waitForURL(/\/shop$/);
  }).timeout(60_000);

  it('B-4 RS-12 the console learns a model, shows how it does, goes back, and says what somebody would see', async () => {
    for (let draw = 0; draw < 3; draw++)
      await face.call(DINER, 'POST', '/lottery/draw', {
        campaign_id: 1,
        draw_count: 1,
        request_id: `e${draw}`,
      });
    const desk = await face.deskOf(ADMIN, '/recommendations');
    const { page } = desk;
    const { trainer } = face.server.context;
    await page.getByRole('button', { name: '现在重学' }).click();
    await page.locator('h1', { hasText: /第1版模型在推荐|还没有模型/ }).waitFor();
    await trainer.settled();
    // What was drawn is counted a moment later.
    await eventually(async () => {
      const { items } = await face.call(ADMIN, 'GET', '/smart/models');
      if (items[0].status === 'serving') return;
      if (items[0].status !== 'training') await trainer.begin(undefined);
      await trainer.settled();
      assert.fail('not yet');
    });
    await trainer.begin(undefined);
    await trainer.settled();
    await page.reload();
    const back = page.getByRole('button', { name: '换成这版' }).first();
    await back.click();
    await page.waitForSelector('.el-message--success');
    await page.getByTestId('report').locator('h2').waitFor();
    const person = page.getByTestId('person');
    await person.locator('input[name=user_id]').fill(String(await face.userIdOf(DINER)));
    await person.getByRole('button', { name: '看看' }).click();
    await person.locator('ol li').first().waitFor();
    await mustBeAccessible(desk);
  }).timeout(90_000);
});
