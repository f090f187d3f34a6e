import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createCampaign } from '../support/factories.ts';
import { eventually } from '../support/seat.ts';
import { onFace, type Face } from './face.ts';
import { logIn, loseAnswerOf, mustBeAccessible, type Phone } from './pages.ts';

const SOON = { timeout: 15_000 };
const PATHS = [
  '/',
  '/points',
  '/points/statistics',
  '/points/leaderboard',
  '/points/transfer',
  '/points/bills',
  '/prizes',
  '/me',
  '/me/devices',
  '/me/close',
];

interface Account {
  available_points: number;
}

onFace('the diner’s own pages', (face) => {
  const strangerOf: Face['phone'] = (options) => face.phone(options);
  const phoneOf: Face['phoneOf'] = (...of) => face.phoneOf(...of);
  const get = async <Data>(mobile: string, path: string): Promise<Data> => {
    const { token } = await face.server.login(mobile);
    return (await face.server.api<Data>('GET', path, { token })).data;
  };
  const draw = async (mobile: string, campaignId: number): Promise<void> => {
    const { token } = await face.server.login(mobile);
    const body = { campaign_id: campaignId, draw_count: 1, request_id: `e2e-${mobile}` };
    const { code } = await face.server.api('POST', '/lottery/draw', { token, body });
    assert.equal(code, 'OK');
  };

  it('P-5 P-7 RW-2 a double tap checks in once, and a task that is done is claimed first', async () => {
    const mobile = '13900000011';
    await draw(mobile, 1);
    const { page } = await phoneOf(mobile);
    await page.dblclick('.stamp');
    await page.waitForSelector('.today .mark', SOON);
    const { days } = await get<{ days: unknown[] }>(mobile, '/points/check-in');
    assert.equal(days.length, 1);
    const first = page.locator('section:has(.claimable) li').first();
    assert.match(await first.innerText(), /抽一次奖/);
    await first.locator('.primary').click();
    await page.waitForSelector('.claimed >> text=抽一次奖', SOON);
    const { available_points: points } = await get<Account>(mobile, '/points/account');
    await eventually(async () => assert.equal(await shownBalance(page), points));
    await page.click('.link[aria-expanded=false]');
    await page.waitForSelector('.month .today .mark');
  }).timeout(60_000);

  it('RW-13 off line the pages show what was said last, and when', async () => {
    const phone = await phoneOf('13900000019');
    const { page } = phone;
    await page.click('.tabs a[href="/prizes"]');
    await page.waitForSelector('.empty');
    await page.context().setOffline(true);
    await page.click('.tabs a[href="/"]');
    await page.waitForSelector('.as-of >> text=/截至\\d\\d:\\d\\d/', SOON);
    assert.equal(await shownBalance(page), 10_000);
    await page.context().setOffline(false);
    await page.waitForSelector('.as-of', { state: 'detached', ...SOON });
    phone.allow(/net::ERR_INTERNET_DISCONNECTED|WebSocket/);
  }).timeout(60_000);

  it('P-3 points are given once, also when the answer to the gift was lost', async () => {
    const [mobile, other] = ['13900000012', '13900000013'];
    const phone = await phoneOf(mobile);
    const { page } = phone;
    const { userId } = await face.server.login(other);
    const before = await get<Account>(other, '/points/account');
    await page.goto(`${face.origin}/points/transfer`);
    await page.fill('label:nth-of-type(1) input', String(userId));
    await page.fill('label:nth-of-type(2) input', '120.5');
    await page.fill('label:nth-of-type(3) input', '谢谢你的茶');
    await page.click('form .primary');
    await loseAnswerOf(page, '**/points/transfer');
    await page.click('.sheet .primary');
    await page.waitForSelector('.sheet >> text=再试不会转两次', SOON);
    phone.allow(/net::ERR_FAILED/);
    await page.click('.sheet .primary');
    await page.waitForSelector('.done >> text=已转赠', SOON);
    const after = await get<Account>(other, '/points/account');
    assert.equal(after.available_points, before.available_points + 120.5);
    await page.goto(`${face.origin}/points`);
    await page.waitForSelector('.rows >> text=谢谢你的茶', SOON);
  }).timeout(60_000);

  it('L-9 RL-8 RW-13 a prize is claimed, its code held out, also off line, and the sheet sees it redeemed', async () => {
    const mobile = '13900000014';
    const prizes = [
      {
        prize_type: 'physical' as const,
        prize_name: '紫砂壶',
        prize_value: 88_00,
        win_probability: 100_000_000,
        total_quantity: 5,
      },
    ];
    const times = { start_time: new Date(Date.now() - 60_000), end_time: new Date(Date.now() + 86_400_000) };
    const campaign = { ...times, cost_per_draw: 100, guarantee_threshold: null };
    const { campaignId } = await createCampaign(face.server.context.database, { campaign, prizes });
    await draw(mobile, campaignId);
    const phone = await phoneOf(mobile);
    const { page } = phone;
    await page.click('.tabs a[href="/prizes"]');
    await page.click('.slip >> text=领取');
    await page.click('.sheet .primary');
    await page.waitForSelector('.sheet .qr img', SOON);
    const code = await page.innerText('.hand b');
    assert.match(code, /^\w{4} \w{4} \w{4}$/);
    await page.context().setOffline(true);
    await page.waitForSelector('.sheet .cover >> text=连上后刷新', SOON);
    assert.equal(await page.innerText('.hand b'), code);
    await page.context().setOffline(false);
    await page.waitForSelector('.sheet .qr img', SOON);
    phone.allow(/net::ERR_INTERNET_DISCONNECTED/);
    const { token } = await face.server.login('13800000001');
    const body = { code, restaurant_id: 1 };
    assert.equal((await face.server.api('POST', '/admin/redemptions', { token, body })).code, 'OK');
    await page.waitForSelector('.sheet .stamp', SOON);
    await page.waitForSelector('.sheet >> text=/\\d\\d:\\d\\d已由外滩店核销/', SOON);
    // The browser reports the refusal that the page learnt it from.
    phone.allow(/409/);
    await page.click('.sheet .button');
    await page.click('.chips >> text=用过');
    await page.click('[aria-label="4颗星"]');
    await page.waitForSelector('[aria-label="打了4颗星"]', SOON);
  }).timeout(60_000);

  it('A-5 A-11 devices are ended, everything is downloaded, and the language stays', async () => {
    const mobile = '13900000015';
    const { token, userId } = await face.server.login(mobile);
    const { page } = await phoneOf(mobile);
    await page.goto(`${face.origin}/me/devices`);
    await page.waitForSelector('.tag >> text=这台');
    await page.click('text=退出其他所有设备');
    await eventually(async () => assert.equal(await page.locator('li .what').count(), 1));
    assert.equal((await face.server.api('GET', '/auth/me', { token })).status, 401);
    await page.goto(`${face.origin}/me`);
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('text=下载我的数据')]);
    const held = JSON.parse(await readFile(await file.path(), 'utf8')) as { profile: { user_id: number } };
    assert.equal(held.profile.user_id, userId);
    await page.click('text=English');
    await page.waitForSelector('text=Download my data');
    await page.reload();
    await page.waitForSelector('text=Close the account');
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
  }).timeout(60_000);

  it('A-11 an account is closed by a fresh code, and after the question', async () => {
    const mobile = '13900000016';
    const { userId } = await face.server.login(mobile);
    const phone = await strangerOf();
    const { page } = phone;
    await logIn(phone, face.origin, mobile);
    await page.goto(`${face.origin}/me/close`);
    await page.fill('.code', '000000');
    await page.click('form .danger');
    await page.click('.sheet .danger');
    await page.waitForSelector('.input.wrong', SOON);
    assert.equal(await page.inputValue('.code'), '');
    assert.equal(
      await page
        .evaluate('document.activeElement.className')
        .then(String)
        .then((name) => name.includes('code')),
      true,
    );
    phone.allow(/401/);
    await page.click('.send');
    // One was sent for the login a moment ago, and is good: the button counts down to the next.
    await page.waitForSelector('.send[disabled] >> text=秒后可重发');
    phone.allow(/429/);
    await page.fill('.code', '123456');
    await page.click('form .danger');
    await page.click('.sheet .danger');
    await page.waitForSelector('text=账号已注销', SOON);
    assert.notEqual((await face.server.login(mobile)).userId, userId);
    assert.equal(
      await page.evaluate(`Object.keys(localStorage).some((key) => /last|login/.test(key))`),
      false,
    );
  }).timeout(60_000);

  it('A-1 RW-8 what somebody agrees to is one press away; a wrong code is cleared', async () => {
    const phone = await strangerOf();
    const { page } = phone;
    await page.goto(face.origin);
    await page.fill('input[type=tel]', '13900000017');
    await page.click('.send');
    await page.waitForSelector('.send[disabled]');
    await page.click('.texts');
    await page.waitForSelector('.sheet >> text=隐私说明');
    await mustBeAccessible(phone);
    await page.click('.sheet .button');
    await page.fill('.code', '000000');
    await page.press('.code', 'Enter');
    await page.waitForSelector('.input.wrong', SOON);
    phone.allow(/401/);
    assert.equal(await page.inputValue('.code'), '');
    const least = await page.evaluate(
      `Math.min(...[...document.querySelectorAll('.input input')].map((one) => parseFloat(getComputedStyle(one).fontSize)))`,
    );
    assert.ok(Number(least) >= 16);
  }).timeout(60_000);

  it('RW-8 sheets stand on the keyboard, and the login makes room for it', async () => {
    const phone = await strangerOf();
    const { page } = phone;
    await page.addInitScript(KEYBOARD);
    await page.goto(face.origin);
    await page.waitForSelector('.hero:not(.small)');
    await page.evaluate('showKeyboard()');
    await page.waitForSelector('.hero.small');
    await page.evaluate('hideKeyboard()');
    await page.waitForSelector('.hero:not(.small)');
    await page.click('.texts');
    await page.evaluate('showKeyboard()');
    const foot = () => page.evaluate(`document.querySelector('.sheet').getBoundingClientRect().bottom`);
    await eventually(async () => assert.equal(await foot(), 500));
    await page.evaluate('hideKeyboard()');
    await eventually(async () => assert.equal(await foot(), 844));
  }).timeout(60_000);

  it('RW-10 each page is accessible in both themes, and has room for texts that are longer by 40 %', async () => {
    const phone = await phoneOf('13900000018');
    const { page } = phone;
    for (const path of PATHS) {
      await page.goto(face.origin + path);
      await page.waitForSelector('h1');
      await page.waitForSelector('main .skeleton', { state: 'detached', ...SOON });
      await page.emulateMedia({ colorScheme: 'light' });
      await mustBeAccessible(phone);
      await page.emulateMedia({ colorScheme: 'dark' });
      await mustBeAccessible(phone, ['color-contrast']);
      assert.deepEqual(await page.evaluate(LENGTHEN), [], path);
    }
  }).timeout(120_000);
});

/** Stands for a keyboard that covers the page below 500 px, as those of telephones do. */
const KEYBOARD = `(() => {
  const view = Object.assign(new EventTarget(), { width: 390, height: 844, scale: 1, offsetTop: 0 });
  Object.defineProperty(window, 'visualViewport', { value: view });
  const become = (height) => {
    view.height = height;
    view.dispatchEvent(new Event('resize'));
  };
  window.showKeyboard = () => become(500);
  window.hideKeyboard = () => become(844);
})()`;

/** Makes every text longer, and names what sticks out of the page or of itself; in a row that is pushed along, of itself. */
const LENGTHEN = `(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const { data } = text;
    if (/\\p{L}/u.test(data)) text.data = data + data.trim().slice(0, Math.ceil(data.trim().length * 0.4));
  }
  const isPushed = (one) => one !== null && (getComputedStyle(one).overflowX === 'auto' || isPushed(one.parentElement));
  const isOut = (one) =>
    one.scrollWidth > one.clientWidth + 1 ||
    (one.getBoundingClientRect().right > innerWidth + 1 && !isPushed(one.parentElement));
  const pages = document.documentElement.scrollWidth > innerWidth ? ['the page'] : [];
  const parts = [...document.querySelectorAll('main button, main a, main h1, main h2, main p')]
    .filter((one) => one.closest('.chips, .window, .unseen') === null && isOut(one) && !one.matches('.unseen'))
    .map((one) => one.outerHTML.slice(0, 120));
  return [...pages, ...parts];
})()`;

async function shownBalance(page: Phone['page']): Promise<number> {
  return Number((await page.innerText('.balance')).replace(/,/g, ''));
}
