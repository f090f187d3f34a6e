import assert from 'node:assert/strict';
import { giveUp } from '../events/deadLetters.ts';
import { eventually } from '../support/seat.ts';
import { signatureOf, startReceiver } from '../webhooks/receiver.ts';
import { ADMIN, onFaceWith, STAFF, SUPER_ADMIN, type Face } from './face.ts';

const environment = { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' };

onFaceWith('who and what may do what, in the console', { environment }, (face) => {
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

  it('E-6 an endpoint has its secret shown once, is sent what is signed with it, and nothing more once it is turned off', async () => {
    const receiver = await startReceiver();
    try {
      const { page } = await face.deskOf(SUPER_ADMIN, '/webhooks');
      await page.click('.page-head .primary');
      await page.fill('.ask input[name=url]', receiver.url);
      await page.fill('.ask input[name=description]', '会计系统');
      assert.ok(await page.isDisabled('.ask button[type=submit]'));
      await page.check('.ask input[value="points:earned"]');
      await page.click('.ask button[type=submit]');
      const secret = await page.inputValue('.secret');
      await page.check('.kept input');
      await page.click('button >> text=完成');
      await page.waitForSelector('.secret', { state: 'detached' });
      assert.ok(!(await page.content()).includes(secret));
      let times = 0;
      const earn = async () => {
        const body = {
          user_id: await face.userIdOf('13900000008'),
          amount: 5,
          reason: '到店',
          source: 'test',
        };
        const { token } = await face.server.login(ADMIN);
        const headers = { 'idempotency-key': `webhook-${++times}` };
        assert.equal((await face.server.api('POST', '/points/earn', { token, body, headers })).code, 'OK');
      };
      await earn();
      await eventually(() => assert.equal(receiver.received.length, 1), 15_000);
      const [sent] = receiver.received;
      assert.deepEqual([sent!.body.type, sent!.signatures[0]], ['points:earned', signatureOf(sent!, secret)]);
      await eventually(async () => {
        await page.reload();
        await page.click('.list .first');
        await page.waitForSelector('.el-drawer td >> text=points:earned');
        assert.match(await page.innerText('.el-drawer tbody tr'), /已送达/);
      }, 15_000);
      await page.click('.el-drawer button >> text=修改');
      await page.selectOption('.ask select[name=status]', 'disabled');
      await page.click('.ask button[type=submit]');
      await page.waitForSelector('.list .tag >> text=停用');
      const newest = async () => (await call(ADMIN, 'GET', '/events?type=points:earned&limit=1')).items[0];
      const before = await newest();
      await earn();
      await eventually(async () => {
        const { event_id, status } = await newest();
        assert.ok(event_id > before.event_id && status === 'completed');
      }, 15_000);
      const [{ webhook_id, status }] = (await call(ADMIN, 'GET', '/admin/webhooks')).items;
      assert.equal(status, 'disabled');
      const { items } = await call(ADMIN, 'GET', `/admin/webhooks/${webhook_id}/deliveries`);
      assert.deepEqual([items.length, receiver.received.length], [1, 1]);
    } finally {
      await receiver.close();
    }
  }).timeout(60_000);

  it('R-7 the monitor opens from the console for whoever may, and is shut to everybody else', async () => {
    const outside = await fetch(`${face.origin}/monitor/`);
    assert.equal(outside.status, 401);
    const { page } = await face.deskOf(SUPER_ADMIN, '/networks');
    const [monitor] = await Promise.all([
      page.waitForEvent('popup'),
      page.click('button >> text=房间监视器'),
    ]);
    await monitor.waitForURL(/\/monitor/);
    await monitor.waitForSelector('text=/room/i');
    const staff = await face.deskOf(STAFF, '/redeem');
    assert.equal(await staff.page.locator('a[href="/admin/networks"]').count(), 0);
    const { token } = await face.server.login(STAFF);
    assert.equal((await face.server.api('POST', '/admin/monitor/session', { token })).status, 403);
  }).timeout(60_000);

  it('A-10 A-11 the login log tells good tries from bad ones, and nobody’s whole number', async () => {
    const mobile = '13900000019';
    const userId = await face.userIdOf(mobile);
    await face.server.api('POST', '/auth/login', { body: { mobile, code: '000000' } });
    const { page } = await face.deskOf(SUPER_ADMIN, `/logins?user_id=${userId}`);
    await page.waitForSelector('.list tbody tr >> nth=1');
    const rows = await page.locator('.list tbody tr').allInnerTexts();
    assert.match(rows[0]!, /验证码不对/);
    assert.match(rows[1]!, /成功/);
    assert.ok(rows.every((row) => row.includes('139****0019') && !row.includes(mobile)));
    const { items } = await call(SUPER_ADMIN, 'GET', `/admin/login-logs?user_id=${userId}`);
    assert.deepEqual(
      items.map((one: any) => one.outcome),
      ['CODE_INVALID', 'OK'],
    );
    await page.selectOption('.filters select', 'true');
    await page.waitForURL(/flagged=true/);
    await page.waitForSelector('.list .none');
  }).timeout(60_000);
});
