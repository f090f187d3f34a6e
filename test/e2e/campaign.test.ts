import assert from 'node:assert/strict';
import { eventually } from '../support/seat.ts';
import { enterCampaign, onFace } from './face.ts';
import { measureHeld } from './heap.ts';
import type { Phone } from './pages.ts';

const RESULT = { timeout: 20_000 };
const ADMIN = '13800000000';
const drawOne = '[data-testid=draw-one]';
const mayDraw = `${drawOne}:not([disabled])`;
const result = '[data-testid=draw-result]';

onFace('a campaign on the diner page', (face) => {
  const seated = async (mobile: string, options = {}): Promise<Phone> => {
    const phone = await face.phoneOf(mobile, options);
    await enterCampaign(phone, face.origin);
    return phone;
  };
  const admin = async (method: string, path: string, body?: unknown) => {
    const { token } = await face.server.login(ADMIN);
    const answer = await face.server.api(method, path, { token, body });
    assert.ok(answer.status < 300, `${path}: ${answer.code} ${answer.message}`);
  };
  const drawsOf = async (mobile: string) => {
    const { token } = await face.server.login(mobile);
    const { data } = await face.server.api<{ items: { request_id: string; prize: object | null }[] }>(
      'GET',
      '/lottery/history?limit=100',
      { token },
    );
    return data.items;
  };
  const stateOf = ({ page }: Phone) => page.getAttribute('[data-testid=connection]', 'data-state');

  it('L-8 what one wins, the other sees: the winner, and the stock that is left', async () => {
    const [mine, other] = [
      await seated('13900000001', { reducedMotion: 'reduce' }),
      await seated('13900000002'),
    ];
    const left = async () => {
      const rows = await other.page.locator('.stock').allInnerTexts();
      return rows.map((text) => Number(/剩\s*([\d,]+)/.exec(text)?.[1]?.replaceAll(',', '') ?? Number.NaN));
    };
    const before = await left();
    for (;;) {
      await mine.page.click('[data-testid=draw-ten]:not([disabled])');
      await mine.page.waitForSelector(result, RESULT);
      const won = await mine.page.locator('.ten li.win b').allInnerTexts();
      await mine.page.click('[data-testid=result-close]');
      const coupons = won.filter((name) => name.includes('代金券'));
      if (coupons.length === 0) continue;
      await eventually(async () =>
        assert.ok((await other.page.innerText('[data-testid=winners]')).includes(coupons[0]!)),
      );
      break;
    }
    await eventually(async () => {
      const now = await left();
      assert.ok(
        now.some((stock, at) => stock < before[at]!),
        `${before.join()} → ${now.join()}`,
      );
    });
  }).timeout(60_000);

  it('L-1 a pause is told at once and nothing can be drawn, until it goes on', async () => {
    const phone = await seated('13900000003');
    await admin('POST', '/admin/campaigns/1/status', { status: 'paused' });
    await phone.page.waitForSelector('text=店家暂停了开奖');
    assert.ok(await phone.page.isDisabled(drawOne));
    await admin('POST', '/admin/campaigns/1/status', { status: 'active' });
    await phone.page.waitForSelector(mayDraw);
  }).timeout(60_000);

  for (const [type, stage] of [
    ['grid', '.cell.lit'],
    ['slot', '.picture.won'],
  ] as const) {
    it(`L-3 RW-1 a ${type} shows what was drawn as well`, async () => {
      const show = (as: string) =>
        face.server.context.database.transaction((tx) =>
          tx.execute('UPDATE lottery_campaigns SET campaign_type = ? WHERE campaign_id = 1', [as]),
        );
      await show(type);
      const phone = await seated(type === 'grid' ? '13900000013' : '13900000014', {
        reducedMotion: 'reduce',
      });
      await show('wheel');
      await phone.page.click(drawOne);
      await phone.page.waitForSelector(result, RESULT);
      const given = await phone.page.getAttribute(result, 'data-prize-id');
      const shown = phone.page.locator(stage).first();
      assert.equal(await shown.getAttribute('data-prize'), given);
    }).timeout(60_000);
  }

  it('RW-3 a refusal brings the wheel to rest, is told in words, and costs nothing', async () => {
    const phone = await seated('13900000004');
    const { userId } = await face.server.login('13900000004');
    await admin('PUT', `/admin/blacklist/${userId}`, { reason: 'test' });
    await phone.page.click(drawOne);
    await phone.page.waitForSelector('.problem');
    assert.equal(await phone.page.locator('.slice.won').count(), 0);
    assert.deepEqual(await drawsOf('13900000004'), []);
    await phone.page.waitForSelector(mayDraw);
  }).timeout(60_000);

  it('RW-3 DRAW-4 an answer that gets lost is asked for again, and is one draw', async () => {
    const phone = await seated('13900000005');
    face.balancer.loseAnswers();
    await phone.page.click(drawOne);
    await eventually(async () => assert.equal((await drawsOf('13900000005')).length, 1));
    face.balancer.cut();
    await phone.page.waitForSelector(result, RESULT);
    const draws = await drawsOf('13900000005');
    assert.equal(draws.length, 1);
    phone.faults.splice(0);
  }).timeout(60_000);

  it('RW-2 a page that is closed while it runs loses nothing', async () => {
    const phone = await seated('13900000006');
    await phone.page.click(drawOne);
    await eventually(async () => assert.equal((await drawsOf('13900000006')).length, 1));
    await phone.page.goto('about:blank');
    await phone.page.goto(`${face.origin}/campaigns/1/fairness`);
    await phone.page.waitForSelector('.draw');
    assert.equal(await phone.page.locator('.draw').count(), 1);
  }).timeout(60_000);

  it('RW-7 a draw that had no answer before the page was loaded anew is asked for again under its name', async () => {
    const phone = await seated('13900000007');
    face.balancer.loseAnswers();
    await phone.page.click(drawOne);
    await eventually(async () => assert.equal((await drawsOf('13900000007')).length, 1));
    face.balancer.cut();
    await phone.page.reload();
    await phone.page.waitForSelector(result, RESULT);
    assert.equal((await drawsOf('13900000007')).length, 1);
    phone.faults.splice(0);
  }).timeout(60_000);

  it('RW-7 a part of an older build that is gone is loaded anew, once, and the page asked for is shown', async () => {
    const phone = await seated('13900000008');
    let asked = 0;
    await phone.page.route(/OddsPage.*\.js/, (route) =>
      asked++ === 0 ? route.fulfill({ status: 404 }) : route.continue(),
    );
    await phone.page.click('.between .link >> nth=0');
    await phone.page.waitForURL(/\/odds$/);
    await phone.page.waitForSelector('tbody .figure');
    assert.equal(asked, 2);
    phone.faults.splice(0);
  }).timeout(60_000);

  it('RW-9 it is drawn by keyboard, and the result is spoken', async () => {
    const phone = await seated('13900000009', { reducedMotion: 'reduce' });
    await phone.page.focus('.hub');
    await phone.page.keyboard.press('Enter');
    await phone.page.waitForSelector(result, RESULT);
    assert.match(await phone.page.innerText('[aria-live=assertive]'), /抽中了|串一颗/);
    await phone.page.keyboard.press('Escape');
    await phone.page.waitForSelector(result, { state: 'detached' });
    // It is given back in a turn of its own.
    const focused = () => phone.page.evaluate('document.activeElement?.className');
    await eventually(async () => assert.equal(await focused(), 'hub'));
  }).timeout(60_000);

  it('RW-13 without a network the colour is gone and nothing can be drawn; with it all comes back by itself', async () => {
    const phone = await seated('13900000010');
    assert.equal(await stateOf(phone), 'online');
    await phone.page.context().setOffline(true);
    face.balancer.pointTo();
    face.balancer.cut();
    await eventually(async () => assert.equal(await stateOf(phone), 'offline'));
    assert.match(await phone.page.innerText('[data-testid=connection]'), /网络断了/);
    await eventually(async () => assert.ok(await phone.page.isDisabled(drawOne)));
    await phone.page.waitForSelector('.campaign.still');
    face.balancer.pointTo(face.server.origin);
    await phone.page.context().setOffline(false);
    await phone.page.waitForSelector(mayDraw);
    assert.equal(await stateOf(phone), 'online');
    phone.faults.splice(0);
  }).timeout(60_000);

  it('RW-13 a server that is away is told as that, and its return as well', async () => {
    const phone = await seated('13900000011');
    face.balancer.pointTo();
    face.balancer.cut();
    await eventually(async () => assert.equal(await stateOf(phone), 'reconnecting'));
    face.balancer.pointTo(face.server.origin);
    await phone.page.waitForSelector(mayDraw);
    assert.equal(await stateOf(phone), 'online');
    phone.faults.splice(0);
  }).timeout(60_000);

  it('RW-5 fifty changes between home and the campaign leave nothing behind', async () => {
    const phone = await seated('13900000012');
    const devtools = await phone.page.context().newCDPSession(phone.page);
    const walk = async (times: number) => {
      for (let at = 0; at < times; at++) {
        await phone.page.click('.top .icon-button >> nth=0');
        await phone.page.click('[data-testid=open-campaign]');
        // By locators: what a selector is waited for by holds on to the element that it finds.
        await phone.page.locator(mayDraw).waitFor();
      }
    };
    await walk(5);
    const before = await measureHeld(devtools);
    await walk(25);
    // What the last way out has closed may take a moment to go.
    await eventually(async () => {
      const now = await measureHeld(devtools);
      for (const what of ['listeners', 'nodes', 'bytes'] as const)
        assert.ok(now[what] <= before[what] * 1.05, `${before[what]} → ${now[what]} ${what}`);
    }, 15_000);
    // A seat that was left may take a moment to be seen as that.
    await eventually(async () => assert.match(await phone.page.innerText('.here'), /^1人/));
  }).timeout(120_000);
});
