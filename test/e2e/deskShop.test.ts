import assert from 'node:assert/strict';
import { COUPONS } from '../support/factories.ts';
import { eventually } from '../support/seat.ts';
import { ADMIN, onFace, STAFF, SUPER_ADMIN, type Face } from './face.ts';

const DINER = '13900000001';

onFace('what is handed over at the counter', (face) => {
  const call: Face['call'] = (...asked) => face.call(...asked);

  it('L-9 RL-7 a prize is redeemed by its hand code; a second time it is said by whom and when', async () => {
    const prizes = [
      {
        prize_type: 'coupon' as const,
        prize_name: '20元券',
        win_probability: 100_000_000,
        total_quantity: 9,
      },
    ];
    const { campaignId } = await face.server.addCampaign({
      campaign: { cost_per_draw: 100, guarantee_threshold: null },
      prizes,
    });
    const drawn = await call(DINER, 'POST', '/lottery/draw', {
      campaign_id: campaignId,
      draw_count: 1,
      request_id: 'desk-1',
    });
    const { items } = await call(DINER, 'GET', '/lottery/my-prizes');
    const { item_id } = items.find((item: any) => item.draw_id === drawn.draws[0].draw_id);
    const { code } = await call(DINER, 'GET', `/lottery/my-prizes/${item_id}/code`);

    const { page, allow } = await face.deskOf(STAFF, '/');
    // The browser itself tells of each refusal.
    allow(/status of (409|404|429)/);
    await page.click('a[href="/admin/redeem"]');
    await page.fill('#code', code);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.slip.done');
    const slip = await page.innerText('.slip');
    assert.match(slip, /已核销[\s\S]*20元券[\s\S]*经手/);
    assert.equal(await page.inputValue('#code'), '');

    await page.fill('#code', code);
    await page.click('button >> text=核销');
    await page.waitForSelector('.slip.refused');
    const { nickname } = await call(STAFF, 'GET', '/auth/me');
    assert.match(await page.innerText('.slip'), new RegExp(`这份已经用过了[\\s\\S]*由${nickname}核销`));

    for (let wrong = 0; wrong < 6; wrong++) {
      await page.waitForSelector('button.primary:not([disabled])');
      await page.fill('#code', `0000-0000-000${wrong}`);
      const answered = page.waitForResponse(/redemptions/);
      await page.keyboard.press('Enter');
      await answered;
      if (wrong < 5) await page.waitForSelector('.slip h2 >> text=/编号输错了|查不到这个编号/');
    }
    await page.waitForSelector('.locked >> text=/秒后再试/');
    assert.ok(await page.isDisabled('#code'));
  }).timeout(60_000);

  it('RL-7 without a camera the desk says so, and goes on by hand', async () => {
    const { page } = await face.deskOf(SUPER_ADMIN, '/redeem');
    await page.click('button >> text=打开摄像头');
    await page.waitForSelector('.camera >> text=/没有摄像头权限|没有找到摄像头/');
    assert.ok(await page.isEnabled('#code'));
  }).timeout(30_000);

  /** @returns the item that a diner won, of that type */
  const wonItem = async (
    type: 'coupon' | 'physical',
    name: string,
  ): Promise<{ item_id: number; draw_id: number }> => {
    const prize = { prize_type: type, prize_name: name, win_probability: 100_000_000, total_quantity: 9 };
    const campaign = { cost_per_draw: 100, guarantee_threshold: null };
    const { campaignId } = await face.server.addCampaign({ campaign, prizes: [prize] });
    const asked = { campaign_id: campaignId, draw_count: 1, request_id: `won-${type}` };
    const { draws } = await call(DINER, 'POST', '/lottery/draw', asked);
    return itemOf(draws[0].draw_id);
  };
  const itemOf = async (drawId: number) => {
    const { items } = await call(DINER, 'GET', '/lottery/my-prizes?limit=100');
    return items.find((item: any) => item.draw_id === drawId);
  };

  it('L-9 a prize that is sent goes on step by step, never back, and its winner sees how it is sent', async () => {
    const { draw_id, item_id } = await wonItem('physical', '青花茶壶');
    const delivery_info = { name: '收件人', phone: '021-5555 0100', address: '南京路1号' };
    await call(DINER, 'POST', '/lottery/claim', { draw_id, delivery_info });
    const { page } = await face.deskOf(ADMIN, '/redeem/deliveries?status=requested');
    await page.click('.list .first >> text=青花茶壶');
    await page.waitForSelector('.el-drawer .address >> text=南京路1号');
    const save = async (state: string) => {
      await page.click('.el-drawer button.primary');
      await page.waitForSelector(`.el-drawer .facts .tag >> text=${state}`);
    };
    const delivery = () => call(ADMIN, 'GET', `/admin/deliveries/${item_id}`);
    await save('备货中');
    assert.equal((await delivery()).status, 'preparing');
    await page.waitForSelector('.list .none');
    await page.fill('input[name=carrier]', '顺丰');
    await page.fill('input[name=tracking]', 'SF100200');
    await save('已寄出');
    const { status, carrier, tracking_no } = await delivery();
    assert.deepEqual([status, carrier, tracking_no], ['shipped', '顺丰', 'SF100200']);
    await eventually(async () =>
      assert.deepEqual(await page.locator('select[name=status] option').allInnerTexts(), [
        '已寄出',
        '已送达',
      ]),
    );
    assert.match(JSON.stringify(await itemOf(draw_id)), /shipped[^]*SF100200/);
    await save('已送达');
    await page.waitForSelector('.el-drawer form', { state: 'detached' });
    assert.equal((await delivery()).status, 'delivered');
    await page.keyboard.press('Escape');
    await page.selectOption('.filter', 'delivered');
    await page.waitForSelector('.list tr >> text=青花茶壶');
    assert.match(page.url(), /status=delivered/);
  }).timeout(60_000);

  it('L-9 RL-7 what is void is so for its winner, the counter and the audit, with its reason', async () => {
    const { draw_id, item_id } = await wonItem('coupon', '50元券');
    const { code } = await call(DINER, 'GET', `/lottery/my-prizes/${item_id}/code`);
    const { page, allow } = await face.deskOf(ADMIN, `/people?person=${await face.userIdOf(DINER)}`);
    allow(/status of 409/);
    await page.click('#tab-prizes');
    await page.click('tr:has-text("50元券") >> text=作废');
    await page.fill('.ask input[name=reason]', '客人投诉重复发放');
    await page.click('.ask button[type=submit]');
    await page.waitForSelector('tr:has-text("50元券") >> text=已作废');
    assert.equal((await itemOf(draw_id)).status, 'void');
    const { items } = await call(SUPER_ADMIN, 'GET', '/admin/audit-logs?action=prize.void');
    assert.match(JSON.stringify(items[0]), /客人投诉重复发放/);
    await page.goto(`${face.origin}/admin/redeem`);
    await page.fill('#code', code);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.slip.refused >> text=奖品已作废');
  }).timeout(60_000);

  it('RL-10 of codes that are uploaded the bad and the double lines are named, and those known are passed over', async () => {
    const { campaignId, prizeIds } = await face.server.addCampaign(COUPONS);
    const path = `/admin/prizes/${prizeIds[0]}/coupons`;
    await call(ADMIN, 'POST', path, { codes: ['SPRING-1'] });
    const { page } = await face.deskOf(ADMIN, `/coupons?campaign=${campaignId}`);
    await page.click('button >> text=上传');
    await page.fill(
      '.upload textarea',
      'name,code\na,SPRING-1\nb,SPRING-2\nc,SPRING-2\nd,春天\ne,SPRING-3\n',
    );
    await page.locator('.bulk li').nth(1).waitFor();
    const lines = await page.locator('.bulk li').allInnerTexts();
    assert.equal(lines.length, 2, lines.join('; '));
    assert.match(lines[0]!, /SPRING-2/);
    assert.match(lines[1]!, /春天/);
    assert.notEqual(lines[0]!.replace('SPRING-2', ''), lines[1]!.replace('春天', ''));
    await page.click('.upload .primary');
    // The lines that were bad are told in an area of the same role.
    assert.match(await page.innerText('.upload .caption[role=status]'), /2[^]*1/);
    const { codes, left } = await call(ADMIN, 'GET', path);
    assert.deepEqual([codes, left], [3, 3]);
    await page.waitForSelector('h1 >> text=3');
  }).timeout(60_000);

  it('R-9 a restaurant is made with its hours and its chat room, and changed; hours that cannot be read are not sent', async () => {
    const { page } = await face.deskOf(SUPER_ADMIN, '/restaurants');
    await page.click('.page-head .primary');
    await page.fill('input[name=shop-name]', '滨江店');
    await page.fill('input[name=address]', '滨江大道8号');
    await page.fill('textarea[name=hours]', '天天 10-22');
    await page.waitForSelector('.ask .field-row.wrong');
    assert.ok(await page.isDisabled('.ask button[type=submit]'));
    await page.fill('textarea[name=hours]', '1-5 10:00-22:00\n6,7 09:00-23:00');
    await page.click('.ask button[type=submit]');
    await page.waitForSelector('tr:has-text("滨江店")');
    const made = async () => {
      const { items } = await call(DINER, 'GET', '/restaurants');
      return items.find((one: any) => one.name === '滨江店');
    };
    const { hours, conversation_id } = await made();
    assert.deepEqual(hours, [
      { days: [1, 2, 3, 4, 5], from: '10:00', to: '22:00' },
      { days: [6, 7], from: '09:00', to: '23:00' },
    ]);
    assert.ok(conversation_id > 0);
    await page.click('tr:has-text("滨江店") >> text=改');
    await page.fill('input[name=phone]', '021-5555 0199');
    await page.fill('textarea[name=hours]', '1-7 11:00-21:30');
    await page.click('.ask button[type=submit]');
    await page.waitForSelector('tr:has-text("021-5555 0199") >> text=11:00');
    const changed = await made();
    assert.deepEqual(
      [changed.hours, changed.phone],
      [[{ days: [1, 2, 3, 4, 5, 6, 7], from: '11:00', to: '21:30' }], '021-5555 0199'],
    );
  }).timeout(60_000);
});
