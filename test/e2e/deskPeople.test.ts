import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ADMIN, onFaceWith, SUPER_ADMIN, type Face } from './face.ts';

const DINER = '13900000001';

const environment = { POINTS_TRANSFER_REVIEW: '100', AUTH_FAILURES_BEFORE_LOCK: '3' };

onFaceWith('people, their points and the rules, in the console', { environment }, (face) => {
  const call: Face['call'] = (...asked) => face.call(...asked);

  it('R-2 P-5 somebody is found, points are adjusted and rolled back in part, and the ledger says so', async () => {
    const { page } = await face.deskOf(SUPER_ADMIN, '/people');
    await page.fill('input[name=search]', '13900000002');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.list .first >> nth=1', { state: 'detached' });
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

  it('R-10 a file of members, in GBK too, is looked at first, says what is wrong with which row, and is imported once', async () => {
    const { page } = await face.deskOf(SUPER_ADMIN, '/people');
    await page.click('.page-head >> text=导入会员');
    const choose = (buffer: Buffer) =>
      page.setInputFiles('input[name=file]', { name: 'members.csv', mimeType: 'text/csv', buffer });
    await choose(Buffer.from('name,phone\n'));
    await page.waitForSelector('.mistake >> text=第一行须是');
    const rows = ['M-1,13650000001,', ',12.5\nM-2,1365,a,-1\nM-1,13650000003,b,1\n'];
    // 会员
    const gbk = Buffer.from([0xbb, 0xe1, 0xd4, 0xb1]);
    const header = 'external_id,mobile,nickname,points\n';
    await choose(Buffer.concat([Buffer.from(header + rows[0]!), gbk, Buffer.from(rows[1]!)]));
    await page.waitForSelector('text=已转成 UTF-8');
    await page.click('button >> text=检查');
    await page.waitForSelector('h2 >> text=可以导入1人');
    const errors = await page.locator('.errors tbody tr').allInnerTexts();
    assert.deepEqual(
      errors.map((text) => text.split(/\s+/)),
      [
        ['3', '手机', '不是中国大陆手机号'],
        ['3', '积分', '不能为负数'],
        ['4', '会员编号', '与第', '2', '行重复'],
      ],
    );
    await page.dblclick('button >> text=/^\\s*导入\\s*$/');
    await page.waitForSelector('h2 >> text=已导入1人');
    // What it came to is there again after the page was left.
    await page.reload();
    await page.waitForSelector('h2 >> text=已导入1人');
    const { items } = await call(ADMIN, 'GET', '/admin/users?mobile=13650000001');
    assert.equal(items[0].nickname, '会员');
    const { account } = await call(ADMIN, 'GET', `/admin/users/${items[0].user_id}`);
    assert.equal(account.available_points, 12.5);
  }).timeout(60_000);

  it('RA-6 a list is saved as a table, all that its filter finds', async () => {
    const { page } = await face.deskOf(SUPER_ADMIN, '/people?role=user');
    await page.waitForSelector('.list tbody tr');
    const saved = page.waitForEvent('download');
    await page.click('.list button >> text=存成表格');
    const download = await saved;
    assert.equal(download.suggestedFilename(), 'users.csv');
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    assert.match(lines[0]!, /^\ufeffuser_id,mobile,nickname/);
    assert.ok(lines.length > 20, 'more than a page');
    assert.ok(lines.slice(1).every((line) => /^\d+,\d{3}\*{4}\d{4},/.test(line)));
  }).timeout(30_000);

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

  it('P-3 R-1 transfers that wait are let go or sent back, each by itself, and the points are where they belong', async () => {
    const [from, to] = ['13900000009', '13900000010'];
    const to_user_id = await face.userIdOf(to);
    const ids = [];
    for (const amount of [150, 160, 170]) ids.push(await given(face, from, { to_user_id, amount }));
    const { page } = await face.deskOf(SUPER_ADMIN, '/points/transfers');
    for (const id of ids.slice(0, 2)) await page.check(`[aria-label="选中转赠${id}"]`);
    await page.click('.page-head .primary');
    await page.waitForSelector('.bulk li >> nth=1');
    await page.check(`[aria-label="选中转赠${ids[2]}"]`);
    await page.click('.page-head .danger');
    await page.fill('.ask input[name=reason]', '金额可疑');
    await page.click('.ask button[type=submit]');
    await page.waitForSelector('.list .none');
    const points = async (mobile: string) => {
      const { available_points, frozen_points } = await call(mobile, 'GET', '/points/account');
      return [available_points, frozen_points];
    };
    assert.deepEqual(await points(from), [9690, 0]);
    assert.deepEqual(await points(to), [10_310, 0]);
    const { items } = await call(ADMIN, 'GET', '/admin/points/transfers?limit=3');
    const decided = items.map((one: any) => [one.transfer_id, one.status]);
    assert.deepEqual(decided.toReversed(), [
      [ids[0], 'approved'],
      [ids[1], 'approved'],
      [ids[2], 'rejected'],
    ]);
  }).timeout(60_000);

  it('A-9 RA-12 a role is given with its reason, a right beside it, and both hold at once', async () => {
    const mobile = '13900000011';
    const id = await face.userIdOf(mobile);
    const { page } = await face.deskOf(SUPER_ADMIN, `/people?person=${id}`);
    await page.click('.el-drawer button >> text=改角色');
    assert.ok(await page.isDisabled('.ask button[type=submit]'));
    await page.selectOption('.ask select', 'staff');
    await page.fill('.ask input[name=reason]', '新来的店员');
    await page.click('.ask button[type=submit]');
    await page.waitForSelector('.facts >> text=店员');
    const role = async () => (await call(SUPER_ADMIN, 'GET', `/admin/users/${id}`)).role;
    assert.equal(await role(), 'staff');
    const audit = async () => {
      const { token } = await face.server.login(mobile);
      return (await face.server.api('GET', '/admin/audit-logs', { token })).status;
    };
    assert.equal(await audit(), 403);
    await page.click('#tab-rights');
    const right = page.locator('[aria-label="audit-logs:read单独设"]');
    await right.selectOption('true');
    await page.waitForSelector('tr:has-text("audit-logs:read") .tag.ok');
    assert.equal(await audit(), 200);
    await right.selectOption('false');
    await page.waitForSelector('tr:has-text("audit-logs:read") .tag:not(.ok)');
    assert.equal(await audit(), 403);
    await page.click('#tab-account');
    await page.click('.el-drawer button >> text=改角色');
    await page.selectOption('.ask select', 'user');
    await page.fill('.ask input[name=reason]', '离职');
    await page.click('.ask button[type=submit]');
    await page.waitForSelector('.facts >> text=顾客');
    assert.equal(await role(), 'user');
  }).timeout(60_000);

  it('A-6 R-2 somebody who is locked out is let in again', async () => {
    const mobile = '13900000012';
    const id = await face.userIdOf(mobile);
    const login = (code: string) => face.server.api('POST', '/auth/login', { body: { mobile, code } });
    await face.server.api('POST', '/auth/code', { body: { mobile } });
    for (let wrong = 0; wrong < 3; wrong++) await login('000000');
    assert.equal((await login('123456')).code, 'RATE_LIMITED');
    const { page } = await face.deskOf(ADMIN, `/people?person=${id}`);
    await page.waitForSelector('.facts >> text=锁到');
    await page.click('.el-drawer button >> text=解锁');
    await page.waitForSelector('.facts >> text=锁到', { state: 'detached' });
    assert.equal((await login('123456')).code, 'OK');
  }).timeout(60_000);

  it('L-7 R-2 whoever is blacklisted draws nothing until they are let draw again', async () => {
    const mobile = '13900000013';
    const id = await face.userIdOf(mobile);
    const { token } = await face.server.login(mobile);
    let draws = 0;
    const draw = async () => {
      const body = { campaign_id: 1, draw_count: 1, request_id: `listed-${++draws}` };
      return (await face.server.api('POST', '/lottery/draw', { token, body })).code;
    };
    const { page } = await face.deskOf(ADMIN, `/people?person=${id}`);
    await page.click('.el-drawer button >> text=禁止抽奖');
    await page.fill('.ask input[name=reason]', '刷单');
    await page.click('.ask button[type=submit]');
    await page.waitForSelector('.facts .draws >> text=不能抽：刷单');
    assert.equal(await draw(), 'NOT_ELIGIBLE');
    await page.goto(`${face.origin}/admin/people/blacklist`);
    const row = page.locator('tr', { has: page.locator(`a[href$="person=${id}"]`) });
    assert.match(await row.innerText(), /刷单/);
    await row.getByRole('button', { name: '允许抽奖' }).click();
    await page.waitForSelector('.list .none');
    assert.equal(await draw(), 'OK');
  }).timeout(60_000);

  it('RP-13 a day that is added to the year is a holiday of the business, and one that is taken away is none', async () => {
    const year = new Date().getUTCFullYear() + 1;
    const { page } = await face.deskOf(ADMIN, `/rules/holidays?year=${year}`);
    const days = async () => (await call(ADMIN, 'GET', `/admin/holidays/${year}`)).days;
    await page.click('button >> text=加一天');
    const row = page.locator('.day').last();
    await row.locator('input[type=date]').fill(`${year}-03-08`);
    await row.getByLabel('名称').fill('店庆');
    await page.click('.page-head .primary');
    await page.waitForSelector('[role=status]');
    const added = { date: `${year}-03-08`, kind: 'holiday', name: '店庆' };
    assert.deepEqual(
      (await days()).find(({ name }: any) => name === '店庆'),
      added,
    );
    await page.reload();
    await page.click(`[aria-label="去掉${year}-03-08"]`);
    await page.click('.page-head .primary');
    await page.waitForSelector('[role=status]');
    assert.equal(
      (await days()).find(({ name }: any) => name === '店庆'),
      undefined,
    );
  }).timeout(60_000);
});

/** Somebody gives points, which waits for a review. @returns the transfer's number */
async function given(
  face: Face,
  mobile: string,
  body: { to_user_id: number; amount: number },
): Promise<number> {
  const { token } = await face.server.login(mobile);
  const headers = { 'idempotency-key': `given-${body.amount}` };
  const { code } = await face.server.api('POST', '/points/transfer', { token, body, headers });
  assert.equal(code, 'OK');
  const { items } = await face.call(ADMIN, 'GET', '/admin/points/transfers?limit=1');
  return items[0].transfer_id;
}
