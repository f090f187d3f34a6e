import assert from 'node:assert/strict';
import { onSqlite } from '../support/databases.ts';
import { needs } from '../support/shared.ts';
import { ADMIN, openFace, SUPER_ADMIN, type Face } from './face.ts';

const DINER = '13900000001';

onSqlite('people, their points and the rules, in the console', (_open, openUrl) => {
  needs('chromium');
  let face: Face;
  before('opens the pages', async function () {
    this.timeout(120_000);
    face = await openFace(openUrl);
  });
  after(() => face?.close());
  afterEach('nothing was wrong at any desk', () => face.putAway());

  const call: Face['call'] = (...asked) => face.call(...asked);

  it('R-2 P-5 somebody is found, points are adjusted and rolled back in part, and the ledger says so', async () => {
    const { page } = await face.deskOf(SUPER_ADMIN, '/people');
    await page.fill('input[name=search]', '0002');
    await page.keyboard.press('Enter');
    await page.waitForURL(/mobile=0002/);
    await page.click('.list .first >> text=食客2号');
    await page.waitForSelector('.available >> text=10,000');
    await page.click('.el-drawer button >> text=变动积分');
    await page.fill('.ask input[name=amount]', '300');
    await page.fill('.ask input[name=reason]', '上错菜的补偿');
    // Pressed twice it is done once.
    await page.dblclick('.ask button[type=submit]');
    await page.waitForSelector('.available >> text=10,300');
    await page.click('#tab-ledger');
    await page.click('tr:has-text("上错菜的补偿") >> text=撤回');
    await page.uncheck('.ask input[type=checkbox]');
    await page.fill('.ask input[name=part]', '100');
    await page.fill('.ask input[name=why]', '给多了');
    await page.click('.ask button[type=submit]');
    await page.waitForSelector('tr:has-text("给多了")');
    const { account } = await call(ADMIN, 'GET', `/admin/users/${await face.userIdOf('13900000002')}`);
    assert.equal(account.available_points, 10_200);
    // A whole mobile is no part of an address, and who is not there is told apart from nobody.
    await page.keyboard.press('Escape');
    await page.fill('input[name=search]', '13912345678');
    await page.click('button >> text=查找');
    await page.waitForSelector('.none >> text=没有符合条件的用户');
    assert.doesNotMatch(page.url(), /1391234/);
  }).timeout(60_000);

  it('RW-11 points of several are moved at once, with a result for each', async () => {
    const { page, allow } = await face.deskOf(SUPER_ADMIN, '/points');
    allow(/status of 404/);
    const userId = await face.userIdOf('13900000003');
    await page.fill('textarea[name=people]', `${userId} 999999`);
    await page.fill('input[name=amount]', '5');
    await page.fill('input[name=reason]', '雨天到店');
    await page.click('form .button.primary');
    await page.waitForSelector('.bulk li >> nth=1');
    const rows = await page.locator('.bulk li').allInnerTexts();
    assert.match(rows[0]!, /用户999999\s+没有找到/);
    assert.match(rows[1]!, new RegExp(`用户${userId}\\s+可用10,005`));
    assert.equal(await page.inputValue('textarea[name=people]'), '999999');
  }).timeout(30_000);

  it('P-11 RP-10 a rule is tried while it is edited, says why it gives nothing, and holds once it is published', async () => {
    const { page, allow } = await face.deskOf(SUPER_ADMIN, '/rules/new');
    allow(/status of 400/);
    await page.fill('input[name=name]', '满百加送');
    await page.fill('textarea[name=amount]', 'bill_amount / 10 +');
    await page.waitForSelector('.explain .wrong');
    await page.waitForSelector('textarea[name=amount][aria-invalid=true]');
    await page.fill('textarea[name=amount]', 'bill_amount / 10');
    await page.fill('textarea[name=condition]', 'bill_amount >= 10000');
    await page.fill('input[name=sample]', String(await face.userIdOf(DINER)));
    await page.fill('input[name=bill]', '50');
    await page.waitForSelector('li.draft >> text=条件不成立');
    await page.fill('input[name=bill]', '100');
    await page.waitForSelector('li.draft >> text=+10');
    await page.click('button >> text=保存草稿');
    await page.waitForURL(/\/rules\/\d+$/);
    await page.click('button >> text=发布');
    await page.waitForSelector('[role=status] >> text=已发布第');
    const { items } = await call(DINER, 'GET', '/points/rules');
    assert.ok(items.some((rule: any) => rule.name === '满百加送'));
  }).timeout(60_000);

  it('RW-11 who saves a rule second is shown what differs, and chooses field by field', async () => {
    const definition = { condition: 'true', amount: '100' };
    const rule = await call(ADMIN, 'POST', '/admin/rules', { type: 'birthday', name: '生日', definition });
    const { page, allow } = await face.deskOf(SUPER_ADMIN, `/rules/${rule.rule_id}`);
    allow(/status of 409/);
    await page.fill('textarea[name=amount]', '200');
    await page.fill('input[name=priority]', '7');
    const theirs = { version: rule.version, name: '生日快到', definition: { ...definition, amount: '300' } };
    await call(ADMIN, 'PUT', `/admin/rules/${rule.rule_id}`, theirs);
    await page.click('button >> text=保存草稿');
    await page.waitForSelector('.conflict');
    assert.deepEqual(
      (
        await page
          .locator('.conflict tbody tr')
          .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-path')))
      ).sort(),
      ['amount', 'name', 'priority'],
    );
    await page.click('text=按所选继续');
    await page.waitForSelector('h1 >> text=生日快到');
    const now = await call(ADMIN, 'GET', `/admin/rules/${rule.rule_id}`);
    assert.deepEqual([now.name, now.definition.amount, now.definition.priority], ['生日快到', '200', 7]);
  }).timeout(60_000);
});
