import assert from 'node:assert/strict';
import { ADMIN, onFace } from './face.ts';
import { mustBeAccessible } from './pages.ts';

onFace('segments by a condition in the console', (face) => {
  it('B-2 a condition is written, its people are counted, and they are who a notice is for', async () => {
    const desk = await face.deskOf(ADMIN, '/people/segments');
    const { page } = desk;
    desk.allow(/400.*preview/);
    await page.getByRole('button', { name: '新建条件分群' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('input[name=name]').fill('newcomers');
    await dialog.locator('input[name=title]').fill('新来的人');
    await dialog.locator('textarea[name=condition]').fill('level >=');
    await dialog.locator('textarea[aria-invalid=true]').waitFor();
    await dialog.locator('textarea[name=condition]').fill('account_days < 100000 && level >= 1');
    const preview = dialog.getByTestId('preview');
    await preview.locator('.count', { hasText: /^[1-9]\d*人$/ }).waitFor();
    const count = (await preview.locator('.count').innerText()).replace('人', '');
    assert.match(await preview.locator('li').first().innerText(), /\d{3}\*{4}\d{4}$/);
    await dialog.locator('summary').click();
    await mustBeAccessible(desk);
    await dialog.getByRole('button', { name: '建好' }).click();
    const row = page.locator('tr', { hasText: '新来的人' });
    await row.locator('.figure', { hasText: new RegExp(`^${count}$`) }).waitFor({ timeout: 20_000 });
    await mustBeAccessible(desk);

    await page.getByRole('link', { name: '通知' }).click();
    await page.click('.page-head .primary');
    await page.locator('.ask input[name=whom]').fill('newcomers');
    for (const name of ['title-zh-CN', 'title-en', 'body-zh-CN', 'body-en'])
      await page.locator(`.ask [name=${name}]`).fill('欢迎');
    await page.click('.ask button[type=submit]');
    await page.locator('.el-drawer .state', { hasText: `${count} / ${count}` }).waitFor({ timeout: 20_000 });
  }).timeout(90_000);

  it('B-2 the profile of a person says when they come, what they spend, and what they are', async () => {
    const desk = await face.deskOf(ADMIN, '/people');
    const { page } = desk;
    await page.locator('tbody tr').first().click();
    await page.getByRole('tab', { name: '画像' }).click();
    await page.getByTestId('profile-status').waitFor();
    assert.equal(await page.locator('.hours li').count(), 24);
    await mustBeAccessible(desk);
  }).timeout(60_000);
});
