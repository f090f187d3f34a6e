import assert from 'node:assert/strict';
import { renderSVG } from 'uqr';
import { AdminAuditLog } from '../../entities/admin/AdminAuditLog.ts';
import { onSqlite } from '../support/databases.ts';
import { needs } from '../support/shared.ts';
import { FakeCamera } from './fakeCamera.ts';
import { STAFF, openFace, type Face } from './face.ts';

onSqlite('the camera of the redemption desk', (_open, openUrl) => {
  needs('chromium');
  let camera: FakeCamera;
  let face: Face;
  before('opens the pages in a browser with a camera', async function () {
    this.timeout(120_000);
    camera = new FakeCamera();
    face = await openFace(openUrl, { switches: camera.switches });
  });
  after(async () => {
    await face?.close();
    camera?.remove();
  });
  afterEach('nothing was wrong at the desk', () => face.putAway());

  const get = async (path: string, token: string) => {
    const answer = await face.server.api<any>('GET', path, { token });
    assert.equal(answer.code, 'OK', path);
    return answer.data;
  };
  /** A won item of somebody that can be redeemed at once. */
  const wonItem = async (token: string): Promise<number> => {
    const prize = { prize_type: 'coupon' as const, prize_name: '20元券', total_quantity: 9 };
    const { campaignId } = await face.server.addCampaign({
      campaign: { cost_per_draw: 100, guarantee_threshold: null },
      prizes: [{ ...prize, win_probability: 100_000_000 }],
    });
    const body = { campaign_id: campaignId, draw_count: 1, request_id: 'camera' };
    const { data } = await face.server.api<any>('POST', '/lottery/draw', { token, body });
    const { items } = await get('/lottery/my-prizes', token);
    return items.find((item: any) => item.draw_id === data.draws[0].draw_id).item_id;
  };

  it('L-9 RL-7 RL-8 what a phone shows is read and redeemed once, then it is said by whom; other codes cost nothing', async () => {
    const diner = await face.server.login('13900000001');
    const itemId = await wonItem(diner.token);
    const desk = await face.deskOf(STAFF, '/');
    const { page } = desk;
    desk.allow(/status of 409/);
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/admin/redemptions')) asked.push(request.postData() ?? '');
    });
    await page.click('a[href="/admin/redeem"]');
    await page.click('button >> text=打开摄像头');
    await page.waitForSelector('.camera[data-sees=nothing]');

    // A code of somebody else is told as that, and is no wrong try that would lock the desk.
    camera.show(renderSVG('https://pay.example.com/u/7?from=table', { ecc: 'M', border: 2 }));
    await page.waitForSelector('.slip >> text=不是奖品的码');
    assert.match(await page.innerText('.slip'), /pay\.example\.com/);
    assert.deepEqual(asked, []);

    const { qr_svg: picture } = await get(`/lottery/my-prizes/${itemId}/code`, diner.token);
    camera.show(picture);
    await page.waitForSelector('.slip.done');
    assert.match(await page.innerText('.slip'), /已核销[\s\S]*20元券[\s\S]*经手/);

    // It is still held up; only once it was away it is a second scan.
    camera.showNothing();
    await page.waitForSelector('.camera[data-sees=nothing]');
    assert.equal(asked.length, 1);
    camera.show(picture);
    await page.waitForSelector('.slip.refused');
    const staff = await face.server.login(STAFF);
    const { nickname } = await get('/auth/me', staff.token);
    assert.match(
      await page.innerText('.slip'),
      new RegExp(`这份已经用过了[\\s\\S]*\\d\\d:\\d\\d由${nickname}核销`),
    );
    assert.match(asked[0]!, /"code":"KJ:/);
    assert.deepEqual(
      asked.map((body) => JSON.parse(body).code),
      [JSON.parse(asked[0]!).code, JSON.parse(asked[0]!).code],
    );

    const { items } = await get('/lottery/my-prizes?status=redeemed', diner.token);
    assert.deepEqual(
      items.map((item: any) => item.item_id),
      [itemId],
    );
    const kept = { action: 'prize.redeem', target_id: String(itemId) };
    assert.equal(await face.server.context.database.currentReader.countBy(AdminAuditLog, kept), 1);

    await page.evaluate(`window.track = document.querySelector('video').srcObject.getTracks()[0]`);
    assert.equal(await page.evaluate('track.readyState'), 'live');
    await page.click('.rail a[href^="/admin/"]:not([href="/admin/redeem"])');
    await page.waitForSelector('.camera', { state: 'detached' });
    assert.equal(await page.evaluate('track.readyState'), 'ended');
  }).timeout(60_000);
});
