import assert from 'node:assert/strict';
import { giveUp } from '../events/deadLetters.ts';
import { onSqlite } from '../support/databases.ts';
import { needs } from '../support/shared.ts';
import { ADMIN, openFace, SUPER_ADMIN, type Face } from './face.ts';

onSqlite('who and what may do what, in the console', (_open, openUrl) => {
  needs('chromium');
  let face: Face;
  before('opens the pages', async function () {
    this.timeout(120_000);
    face = await openFace(openUrl);
  });
  after(() => face?.close());
  afterEach('nothing was wrong at any desk', () => face.putAway());

  const call: Face['call'] = (...asked) => face.call(...asked);

  it('E-2 a dead letter is seen with its reason, and tried again', async () => {
    const { items } = await call(ADMIN, 'GET', '/events?limit=1');
    await giveUp(face.server.context.database, [items[0].event_id]);
    const { page } = await face.deskOf(SUPER_ADMIN, '/events?status=dead_letter');
    await page.waitForSelector('h1 >> text=1条死信等重试');
    await page.click('.list .first');
    await page.waitForSelector('.el-drawer .error >> text=broken');
    await page.click('.el-drawer button >> text=重试');
    await page.waitForSelector('h1 >> text=没有死信');
    await page.waitForSelector('.list .none');
  }).timeout(60_000);

  it('E-4 events are seen as they happen', async () => {
    const { page } = await face.deskOf(SUPER_ADMIN, '/events/live');
    await page.waitForSelector('.alive:not(.off)');
    await face.server.login('13900000007');
    await page.waitForSelector('td >> text=user:login');
  }).timeout(30_000);

  it('A-12 an API key is shown once, and no longer taken once it is revoked', async () => {
    const { page } = await face.deskOf(SUPER_ADMIN, '/keys');
    await page.click('.page-head .primary');
    await page.fill('input[name=key-name]', '一号收银');
    await page.check('input[value="points:pay"]');
    await page.click('.ask button[type=submit]');
    const key = await page.inputValue('.secret');
    assert.match(key, /^kj_/);
    assert.ok(await page.isDisabled('button >> text=完成'));
    await page.check('.kept input');
    await page.click('button >> text=完成');
    await page.waitForSelector('.secret', { state: 'detached' });
    assert.ok(!(await page.content()).includes(key));
    await page.click('tr:has-text("一号收银") >> text=吊销');
    await page.fill('.danger input', '一号收银');
    await page.click('.danger button.danger');
    await page.waitForSelector('tr:has-text("一号收银") >> text=已吊销');
    const { status } = await face.server.api('GET', '/restaurants', { token: key });
    assert.equal(status, 401);
  }).timeout(60_000);

  it('A-10 the admin log shows before and after beside each other; a list that would lock one out is not made', async () => {
    const adjusted = { user_id: await face.userIdOf('13900000008'), amount: 5, reason: '补录' };
    await call(SUPER_ADMIN, 'POST', '/admin/points/adjust', adjusted);
    const { page, allow } = await face.deskOf(SUPER_ADMIN, '/audit?action=points.adjust');
    allow(/status of 409/);
    await page.waitForSelector('tr >> text=points.adjust');
    await page.goto(`${face.origin}/admin/networks`);
    await page.fill('input[name=cidr]', '203.0.113.0/24');
    await page.click('form .button.primary');
    await page.waitForSelector('[role=alert] >> text=挡在外面');
    const { items } = await call(SUPER_ADMIN, 'GET', '/admin/ip-allow-list');
    assert.deepEqual(items, []);
  }).timeout(60_000);
});
