import assert from 'node:assert/strict';
import { eventually } from '../support/seat.ts';
import { onFace, type Face } from './face.ts';
import { logIn, mustBeAccessible, type Phone } from './pages.ts';

const SHEET = { timeout: 15_000 };

onFace('the diner page', (face) => {
  const phoneOf: Face['phoneOf'] = (...of) => face.phoneOf(...of);
  const enter = async ({ page }: Phone) => {
    await page.click('.window');
    await page.waitForSelector('.stock .bar');
    await page.waitForSelector('[data-testid=draw-one]:not([disabled])');
  };
  const drawnBy = async (mobile: string) => {
    const { token } = await face.server.login(mobile);
    const { data } = await face.server.api<{ items: { prize: { name: string } | null }[] }>(
      'GET',
      '/lottery/history?limit=20',
      { token },
    );
    return data.items;
  };

  it('L-3 RW-1 what the sheet shows is what the server has drawn, once, and others see its winner', async () => {
    const [mine, other] = [await phoneOf('13900000001'), await phoneOf('13900000002')];
    await Promise.all([enter(mine), enter(other)]);
    await eventually(async () => assert.match(await other.page.innerText('.here'), /2/));
    // A double tap is one draw (RW-2).
    await mine.page.dblclick('[data-testid=draw-one]');
    await mine.page.waitForSelector('[data-testid=draw-result]', SHEET);
    const drawn = await drawnBy('13900000001');
    assert.equal(drawn.length, 1);
    const shown = await mine.page.innerText('.sheet h2');
    assert.equal(shown, drawn[0]!.prize?.name ?? '串一颗');
    const prize = drawn[0]!.prize;
    if (prize !== null)
      await eventually(async () => assert.ok((await other.page.innerText('.ticker')).includes(prize.name)));
    const under = await mine.page.getAttribute('.sheet', 'aria-label');
    assert.equal(under, shown);
  }).timeout(60_000);

  it('L-3 ten draws are shown in their order, and what was won is among the prizes', async () => {
    const phone = await phoneOf('13900000003', { reducedMotion: 'reduce' });
    await enter(phone);
    await phone.page.click('[data-testid=draw-ten]');
    await phone.page.waitForSelector('.sheet .ten', SHEET);
    const shown = await phone.page.locator('.ten li').allInnerTexts();
    const drawn = (await drawnBy('13900000003')).reverse();
    assert.deepEqual(
      shown.map((text) => text.split('\n').filter((line) => !/^\d+$/.test(line))[0]),
      drawn.map(({ prize }) => prize?.name ?? '串一颗'),
    );
    await phone.page.keyboard.press('Escape');
    await phone.page.goto(`${face.origin}/prizes`);
    const { token } = await face.server.login('13900000003');
    const { data } = await face.server.api<{ items: { name: string }[] }>('GET', '/lottery/my-prizes', {
      token,
    });
    // What is to be claimed, and what can be used as it is.
    let listed = '';
    for (const group of ['待领取', '可用']) {
      await phone.page.click(`.prizes button >> text=${group}`);
      await phone.page.waitForSelector('.prizes article, .prizes .slip, .prizes .empty');
      listed += await phone.page.innerText('.prizes');
    }
    for (const { name } of data.items) assert.ok(listed.includes(name), `${name} is not in ${listed}`);
  }).timeout(60_000);

  it('L-9 all that was won is listed, each once, however much it is, and is read on from what was shown last', async () => {
    const mobile = '13900000007';
    const { campaignId } = await face.server.addCampaign({
      campaign: { cost_per_draw: 50, guarantee_threshold: null },
      prizes: [
        { prize_type: 'physical', prize_name: '紫砂壶', win_probability: 100_000_000, total_quantity: 1000 },
      ],
    });
    for (let at = 0; at < 12; at++) {
      const body = { campaign_id: campaignId, draw_count: 10, request_id: `many-${at}` };
      await face.call(mobile, 'POST', '/lottery/draw', body);
    }
    const asked: string[] = [];
    const { page } = await phoneOf(mobile);
    page.on('request', (request) => asked.push(request.url()));
    await page.click('.tabs a[href="/prizes"]');
    await page.waitForSelector('.slip');
    await eventually(async () => {
      await page.evaluate('scrollTo(0, document.body.scrollHeight)');
      assert.equal(await page.locator('.slip').count(), 120);
    }, 20_000);
    const read = asked.filter((url) => url.includes('my-prizes?status=unclaimed'));
    assert.deepEqual(
      read.map((url) => new URL(url).searchParams.has('before')),
      [false, true, true],
    );
    assert.ok(read.every((url) => !url.includes('page=')));
    // Where its end never leaves the screen, nobody has to scroll for the rest.
    await page.setViewportSize({ width: 390, height: 30_000 });
    await page.reload();
    await eventually(async () => assert.equal(await page.locator('.slip').count(), 120), 20_000);
  }).timeout(60_000);

  it('L-5 back, on a page that was opened by its address, leads to the campaign that it is about', async () => {
    for (const page of ['odds', 'fairness']) {
      const phone = await phoneOf('13900000008', { path: `/campaigns/1/${page}` });
      await phone.page.click('[aria-label=返回]');
      await phone.page.waitForURL(`${face.origin}/campaigns/1`);
    }
  }).timeout(60_000);

  it('A-5 a login that has ended leads to the page for a new one, and back to where somebody was', async () => {
    const phone = await phoneOf('13900000004');
    await enter(phone);
    const before = phone.page.url();
    const { token } = await face.server.login('13900000004');
    const { data } = await face.server.api<{ ended: number }>('DELETE', '/auth/sessions', { token });
    assert.ok(data.ended >= 1);
    await phone.page.waitForURL(/\/login\?to=/);
    assert.match(await phone.page.innerText('.note'), /登录过期了/);
    await phone.page.fill('input[type=tel]', '13900000004');
    await phone.page.fill('.code', '123456');
    await phone.page.click('.button.primary');
    await phone.page.waitForURL(before);
    // Its connection was closed by the server, which browsers report.
    phone.faults.splice(0);
  }).timeout(60_000);

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`axe finds nothing serious, ${colorScheme}`, async () => {
      const phone = await face.phone({ colorScheme });
      await phone.page.goto(face.origin);
      await phone.page.waitForSelector('form');
      await mustBeAccessible(phone);
      await logIn(phone, face.origin, colorScheme === 'light' ? '13900000005' : '13900000006');
      await phone.page.waitForSelector('.window h2');
      await mustBeAccessible(phone);
      await enter(phone);
      await mustBeAccessible(phone);
      for (const path of ['prizes', 'me']) {
        await phone.page.goto(`${face.origin}/${path}`);
        await phone.page.waitForSelector('h1');
        await mustBeAccessible(phone);
      }
    }).timeout(90_000);
  }
});
