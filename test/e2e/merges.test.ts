import assert from 'node:assert/strict';
import { ADMIN, onFace } from './face.ts';
import { mustBeAccessible, type Phone } from './pages.ts';

const SOON = { timeout: 15_000 };
const [OLD, YOUNG] = ['13900000014', '13900000015'];

onFace('two accounts of one person, on both of their phones', (face) => {
  const confirm = async ({ page }: Phone) => {
    await page.fill('[data-testid=login-code]', '123456');
    // Pressed twice it is said once.
    await page.dblclick('.merges form .primary');
  };

  it('R-2 RW-11 RW-13 the console asks, both phones confirm, and one account is left with the points of both', async () => {
    const [oldId, youngId] = [await face.userIdOf(OLD), await face.userIdOf(YOUNG)];
    const desk = await face.deskOf(ADMIN, `/people?person=${oldId}`);
    await desk.page.click('.el-drawer button >> text=合并账户');
    await desk.page.fill('.ask input[name=into]', `#${youngId}`);
    await desk.page.fill('.ask input[name=reason]', '换了手机号');
    await mustBeAccessible(desk);
    await desk.page.click('.ask button[type=submit]');
    await desk.page.waitForSelector('.el-dialog >> text=139****0015');
    // The name of the account that ends has to be typed.
    assert.ok(await desk.page.locator('.el-dialog .button.danger').isDisabled());
    await desk.page.fill('.el-dialog .danger input', '食客14号');
    await mustBeAccessible(desk);
    await desk.page.dblclick('.el-dialog .button.danger');
    await desk.page.waitForSelector('.merge.pending >> text=139****0014');
    assert.equal(await desk.page.locator('.merge li.told').count(), 0);
    await mustBeAccessible(desk);

    const young = await face.phoneOf(YOUNG, { path: '/inbox' });
    await young.page.click('text=去确认', SOON);
    await young.page.waitForSelector('.merges dl >> text=139****0014', SOON);
    await mustBeAccessible(young);
    await young.page.fill('[data-testid=login-code]', '000000');
    young.allow(/status of 401/);
    await young.page.click('.merges form .primary');
    await young.page.waitForSelector('[aria-invalid=true]', SOON);
    await confirm(young);
    await young.page.waitForSelector('.note >> text=等另一个账号', SOON);
    await mustBeAccessible(young);
    await desk.page.reload();
    await desk.page.waitForSelector('.merge li.told >> text=139****0015', SOON);

    const old = await face.phoneOf(OLD, { path: '/me/merges', colorScheme: 'dark' });
    await old.page.waitForSelector('.merges form', SOON);
    await mustBeAccessible(old);
    await confirm(old);
    await old.page.waitForSelector('.note >> text=已并入', SOON);
    assert.equal(new URL(old.page.url()).pathname, '/login');
    await young.page.reload();
    await young.page.waitForSelector('.over >> text=10,000', SOON);
    await mustBeAccessible(young);
    await desk.page.reload();
    await desk.page.waitForSelector('.merge.done >> text=10,000', SOON);
    const { account } = await face.call(ADMIN, 'GET', `/admin/users/${youngId}`);
    assert.equal(account.available_points, 20_000);
    // Whoever was connected by the account that ended is told at once.
    old.allow(/status of 401|WebSocket/);
  }).timeout(90_000);
});
