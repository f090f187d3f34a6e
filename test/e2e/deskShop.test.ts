import assert from 'node:assert/strict';
import { onSqlite } from '../support/databases.ts';
import { needs } from '../support/shared.ts';
import { openFace, STAFF, SUPER_ADMIN, type Face } from './face.ts';

const DINER = '13900000001';

onSqlite('what is handed over at the counter', (_open, openUrl) => {
  needs('chromium');
  let face: Face;
  before('opens the pages', async function () {
    this.timeout(120_000);
    face = await openFace(openUrl);
  });
  after(() => face?.close());
  afterEach('nothing was wrong at any desk', () => face.putAway());

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
});
