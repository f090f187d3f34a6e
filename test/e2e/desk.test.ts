import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { giveUp } from '../events/deadLetters.ts';
import { onSqlite } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';
import { needs } from '../support/shared.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { buildPages, enterConsole, openBrowser, openDesk, type Phone } from './pages.ts';

const SUPER_ADMIN = '13800000000';

onSqlite('the pages of the console', (_open, openUrl) => {
  needs('chromium');
  let pages: Awaited<ReturnType<typeof buildPages>>;
  let venue: Venue;
  let browser: Browser;
  let diner: Login;
  let admin: Login;
  const desks: Phone[] = [];
  before('builds the pages and opens a browser', async function () {
    this.timeout(120_000);
    pages = await buildPages();
    venue = await openVenue(await openUrl(), {
      pages: pages.folder,
      environment: { AUTH_DEV_CODE: '123456', SEED_DEMO: 'on' },
    });
    browser = await openBrowser();
    diner = await venue.login('13900000001');
    admin = await venue.login('13800000001');
  });
  after(async () => {
    await browser?.close();
    await venue?.close();
    pages?.remove();
  });
  let allowed: RegExp[] = [];
  afterEach('nothing was wrong in any of them', async () => {
    for (const desk of desks.splice(0)) {
      await desk.close();
      const faults = desk.faults.filter((fault) => !allowed.some((one) => one.test(fault)));
      assert.deepEqual(faults, []);
    }
    allowed = [];
  });

  const call = async <Data = any>(method: string, path: string, body?: unknown, by = diner) => {
    const answer = await venue.api<Data>(method, path, {
      token: by.token,
      ...(body === undefined ? {} : { body }),
    });
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.code}`);
    return answer.data;
  };
  /** A desk whose login the test has already, opened at a page. */
  const deskAt = async (path: string, options: BrowserContextOptions = {}) => {
    const desk = await openDesk(browser, options);
    desks.push(desk);
    await desk.page.goto(`${venue.origin}/admin/login`);
    const data = await call('POST', '/auth/login', { mobile: SUPER_ADMIN, code: '123456' });
    await desk.page.evaluate(
      (login) => localStorage.setItem('kaijiang.console.login', login),
      JSON.stringify(data),
    );
    await desk.page.goto(`${venue.origin}/admin${path}`);
    await desk.page.waitForSelector('.rail');
    return desk.page;
  };

  it('L-9 RL-7 a prize is redeemed by its hand code; a second time it is said by whom and when', async () => {
    const prizes = [
      {
        prize_type: 'coupon' as const,
        prize_name: '20元券',
        win_probability: 100_000_000,
        total_quantity: 9,
      },
    ];
    const { campaignId } = await venue.addCampaign({
      campaign: { cost_per_draw: 100, guarantee_threshold: null },
      prizes,
    });
    const drawn = await call('POST', '/lottery/draw', {
      campaign_id: campaignId,
      draw_count: 1,
      request_id: 'desk-1',
    });
    const { items } = await call('GET', '/lottery/my-prizes');
    const { item_id } = items.find((item: any) => item.draw_id === drawn.draws[0].draw_id);
    const { code } = await call('GET', `/lottery/my-prizes/${item_id}/code`);

    const desk = await openDesk(browser);
    desks.push(desk);
    await enterConsole(desk, venue.origin, '13800000002');
    const { page } = desk;
    await page.click('a[href="/admin/redeem"]');
    await page.fill('#code', code);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.slip.done');
    const slip = await page.innerText('.slip');
    assert.match(slip, /已核销[\s\S]*20元券[\s\S]*经手/);
    assert.equal(await page.inputValue('#code'), '');

    // The browser itself tells of each refusal.
    allowed = [/status of 409/, /status of 404/, /status of 429/];
    await page.fill('#code', code);
    await page.click('button >> text=核销');
    await page.waitForSelector('.slip.refused');
    const { nickname } = await call('GET', '/auth/me', undefined, await venue.login('13800000002'));
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
    const page = await deskAt('/redeem');
    await page.click('button >> text=打开摄像头');
    await page.waitForSelector('.camera >> text=/没有摄像头权限|没有找到摄像头/');
    assert.ok(await page.isEnabled('#code'));
  }).timeout(30_000);

  it('R-2 P-5 somebody is found, points are adjusted and rolled back in part, and the ledger says so', async () => {
    const page = await deskAt('/people');
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
    const { account } = await call(
      'GET',
      `/admin/users/${(await venue.login('13900000002')).userId}`,
      undefined,
      admin,
    );
    assert.equal(account.available_points, 10_200);
    // A whole mobile is no part of an address, and who is not there is told apart from nobody.
    await page.keyboard.press('Escape');
    await page.fill('input[name=search]', '13912345678');
    await page.click('button >> text=查找');
    await page.waitForSelector('.none >> text=没有符合条件的用户');
    assert.doesNotMatch(page.url(), /1391234/);
  }).timeout(60_000);

  it('RW-11 points of several are moved at once, with a result for each', async () => {
    allowed = [/status of 404/];
    const page = await deskAt('/points');
    const { userId } = await venue.login('13900000003');
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
    allowed = [/status of 400/];
    const page = await deskAt('/rules/new');
    await page.fill('input[name=name]', '满百加送');
    await page.fill('textarea[name=amount]', 'bill_amount / 10 +');
    await page.waitForSelector('.explain .wrong');
    await page.waitForSelector('textarea[name=amount][aria-invalid=true]');
    await page.fill('textarea[name=amount]', 'bill_amount / 10');
    await page.fill('textarea[name=condition]', 'bill_amount >= 10000');
    await page.fill('input[name=sample]', String(diner.userId));
    await page.fill('input[name=bill]', '50');
    await page.waitForSelector('li.draft >> text=条件不成立');
    await page.fill('input[name=bill]', '100');
    await page.waitForSelector('li.draft >> text=+10');
    await page.click('button >> text=保存草稿');
    await page.waitForURL(/\/rules\/\d+$/);
    await page.click('button >> text=发布');
    await page.waitForSelector('[role=status] >> text=已发布第');
    const { items } = await call('GET', '/points/rules');
    assert.ok(items.some((rule: any) => rule.name === '满百加送'));
  }).timeout(60_000);

  it('RW-11 who saves a rule second is shown what differs, and chooses field by field', async () => {
    allowed = [/status of 409/];
    const definition = { condition: 'true', amount: '100' };
    const rule = await call('POST', '/admin/rules', { type: 'birthday', name: '生日', definition }, admin);
    const page = await deskAt(`/rules/${rule.rule_id}`);
    await page.fill('textarea[name=amount]', '200');
    await page.fill('input[name=priority]', '7');
    const theirs = { version: rule.version, name: '生日快到', definition: { ...definition, amount: '300' } };
    await call('PUT', `/admin/rules/${rule.rule_id}`, theirs, admin);
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
    const now = await call('GET', `/admin/rules/${rule.rule_id}`, undefined, admin);
    assert.deepEqual([now.name, now.definition.amount, now.definition.priority], ['生日快到', '200', 7]);
  }).timeout(60_000);

  it('C-1 RC-9 a diner who waits is taken, answered and helped', async () => {
    const topic = '券码看不到';
    const { conversation_id } = await call('POST', '/chat/conversations', { type: 'service', topic });
    const page = await deskAt('/service');
    await page.click('.row:has-text("券码看不到") .take');
    await page.waitForSelector('.talk');
    await page.fill('.talk textarea', '请报一下手输编号');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.message.mine .bubble:not(.waiting)');
    const { items } = await call('GET', `/chat/conversations/${conversation_id}/messages`);
    assert.ok(items.some((message: any) => message.content === '请报一下手输编号'));
    await page.waitForSelector('.customer >> text=可用积分');
    await page.click('.talk header >> text=已解决');
    await page.waitForSelector('.nobody');
    const { items: done } = await call('GET', '/admin/chat/sessions?status=resolved', undefined, admin);
    assert.equal(done[0].topic, topic);
  }).timeout(60_000);

  it('C-4 a report is decided among what was said around it', async () => {
    const [shop] = (await call('GET', '/restaurants')).items;
    const { userId } = await venue.login('13900000004');
    const messageId = await saidIn(venue, shop.conversation_id, '13900000004', '加我低价买积分');
    // Who has been there may report what was said there.
    await saidIn(venue, shop.conversation_id, '13900000001', '别信');
    await call('POST', `/chat/messages/${messageId}/report`, { reason: 'fraud' });
    const page = await deskAt('/moderation');
    await page.waitForSelector('h1 >> text=1条举报等处理');
    await page.click('.list .first');
    await page.waitForSelector('.around .it >> text=加我低价买积分');
    await page.click('.el-drawer .choice >> text=禁言');
    await page.fill('.el-drawer input[name=reason]', '诈骗');
    await page.click('.el-drawer .button.primary');
    await page.waitForSelector('.el-drawer .note >> text=已禁言');
    const { items } = await call('GET', '/admin/chat/restrictions', undefined, admin);
    assert.deepEqual([items[0].user_id, items[0].restriction], [userId, 'silence']);
  }).timeout(60_000);

  it('C-7 a segment is told something, with how far it is', async () => {
    const members = await Promise.all(['13900000005', '13900000006'].map((mobile) => venue.login(mobile)));
    const add = members.map(({ userId }) => userId);
    await call('PUT', `/admin/segments/${encodeURIComponent('常客')}/members`, { add }, admin);
    const page = await deskAt('/notices');
    await page.click('.page-head .primary');
    await page.fill('input[name=whom]', '常客');
    for (const [name, text] of Object.entries({
      'title-zh-CN': '周末双倍',
      'title-en': 'Double',
      'body-zh-CN': '周六日签到双倍',
      'body-en': 'On weekends',
    }))
      await page.fill(`[name=${name}]`, text);
    await page.click('.ask button[type=submit]');
    await page.waitForSelector('.el-drawer .state >> text=已发完', { timeout: 20_000 });
    assert.match(await page.innerText('.el-drawer .state'), /2 \/ 2/);
    await eventually(async () => {
      const { items } = await call('GET', '/notifications', undefined, members[0]);
      assert.ok(items.some((one: any) => one.title === '周末双倍'));
    });
  }).timeout(60_000);

  it('E-2 a dead letter is seen with its reason, and tried again', async () => {
    const { items } = await call('GET', '/events?limit=1', undefined, admin);
    await giveUp(venue.context.database, [items[0].event_id]);
    const page = await deskAt('/events?status=dead_letter');
    await page.waitForSelector('h1 >> text=1条死信等重试');
    await page.click('.list .first');
    await page.waitForSelector('.el-drawer .error >> text=broken');
    await page.click('.el-drawer button >> text=重试');
    await page.waitForSelector('h1 >> text=没有死信');
    await page.waitForSelector('.list .none');
  }).timeout(60_000);

  it('E-4 events are seen as they happen', async () => {
    const page = await deskAt('/events/live');
    await page.waitForSelector('.alive:not(.off)');
    await venue.login('13900000007');
    await page.waitForSelector('td >> text=user:login');
  }).timeout(30_000);

  it('A-12 an API key is shown once, and no longer taken once it is revoked', async () => {
    const page = await deskAt('/keys');
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
    const { status } = await venue.api('GET', '/restaurants', { token: key });
    assert.equal(status, 401);
  }).timeout(60_000);

  it('A-10 the admin log shows before and after beside each other; a list that would lock one out is not made', async () => {
    allowed = [/status of 409/];
    const page = await deskAt('/audit?action=points.adjust');
    await page.waitForSelector('tr >> text=points.adjust');
    await page.goto(`${venue.origin}/admin/networks`);
    await page.fill('input[name=cidr]', '203.0.113.0/24');
    await page.click('form .button.primary');
    await page.waitForSelector('[role=alert] >> text=挡在外面');
    const { items } = await call('GET', '/admin/ip-allow-list', undefined, await venue.login(SUPER_ADMIN));
    assert.deepEqual(items, []);
  }).timeout(60_000);

  const EVERY = [
    '/people',
    `/people?person=2`,
    '/people/segments',
    '/people/blacklist',
    '/points',
    '/points/transfers?status=',
    '/rules',
    '/rules/1',
    '/rules/holidays',
    '/redeem',
    '/redeem/deliveries',
    '/service',
    '/moderation?status=',
    '/moderation/restrictions',
    '/moderation/words',
    '/notices',
    '/events',
    '/events/types',
    '/webhooks',
    '/restaurants',
    '/keys',
    '/roles',
    '/audit',
    '/logins',
    '/networks',
  ];
  it('axe finds nothing serious on any page in either theme, and none is wider than the screen of a phone', async () => {
    const page = await deskAt('/people', { reducedMotion: 'reduce' });
    const found: string[] = [];
    const analyse = async (path: string, axe: AxeBuilder) => {
      const { violations } = await axe.analyze();
      for (const { id, impact, nodes } of violations)
        if (impact === 'serious' || impact === 'critical')
          found.push(`${path}: ${id} ${nodes[0]?.target.join(' ')}`);
    };
    for (const path of EVERY) {
      await page.goto(`${venue.origin}/admin${path}`);
      await page.waitForSelector('h1');
      await page.waitForSelector('.skeleton', { state: 'detached' });
      await analyse(path, axeOf(page));
      // Colours are all that a theme changes.
      await page.emulateMedia({ colorScheme: 'dark' });
      await analyse(`${path} in the dark`, axeOf(page).withRules(['color-contrast']));
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize({ width: 390, height: 844 });
      const over = await page.evaluate(wider);
      if (over > 0) found.push(`${path} is ${over} px too wide`);
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    assert.deepEqual(found, []);
  }).timeout(240_000);
});

/** In the page: by how much it is wider than the screen. */
function wider(): number {
  const { document, innerWidth } = globalThis as unknown as {
    document: { documentElement: { scrollWidth: number } };
    innerWidth: number;
  };
  return document.documentElement.scrollWidth - innerWidth;
}

/** There are no frames here that it would have to go through. */
function axeOf(page: Page): AxeBuilder {
  return new AxeBuilder({ page }).setLegacyMode();
}

/** Says something in a conversation over a room. @returns the message's id */
async function saidIn(
  venue: Venue,
  conversationId: number,
  mobile: string,
  content: string,
): Promise<number> {
  const { KaijiangClient } = await import('../../src/client/kaijiangClient.ts');
  const client = new KaijiangClient({ url: venue.origin });
  await client.login(mobile, '123456');
  const seat = await client.joinChat(conversationId);
  const { message_id } = await seat.say(content);
  await seat.leave();
  return message_id;
}
