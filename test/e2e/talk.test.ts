import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { onSqlite } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { needs } from '../support/shared.ts';
import { buildPages, mustBeAccessible, openBrowser, type Phone } from './pages.ts';
import {
  cutSeats,
  enterChat,
  mobileOf,
  openAs,
  openConversation,
  saidOn,
  say,
  sayMany,
  seatsOf,
  STAFF,
} from './talkers.ts';

onSqlite('the talk pages', (_open, openUrl) => {
  needs('chromium');
  let pages: Awaited<ReturnType<typeof buildPages>>;
  let server: RunningServer;
  let browser: Browser;
  const phones: Phone[] = [];
  before('builds the pages and opens a browser', async function () {
    this.timeout(120_000);
    pages = await buildPages();
    server = await startServer(await openUrl(), {
      pages: pages.folder,
      environment: { AUTH_DEV_CODE: '123456', SEED_DEMO: 'on' },
    });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    pages?.remove();
  });
  afterEach('nothing was wrong in any of them', async () => {
    for (const phone of phones.splice(0)) {
      await phone.close();
      assert.deepEqual(phone.faults, []);
    }
  });

  const phoneOf = async (number: number, options: BrowserContextOptions = {}): Promise<Phone> => {
    const phone = await openAs(browser, server, { number, ...options });
    phones.push(phone);
    return phone;
  };
  const loginOf = (number: number) => server.login(mobileOf(number));

  it('C-1 two people in a restaurant see what the other says, and who is there', async () => {
    const [one, other] = [await phoneOf(1), await phoneOf(2)];
    for (const { page } of [one, other]) {
      await page.click('.tabs a[href="/talk"]');
      await page.click('text=外滩店');
      await page.waitForSelector('[data-state=live]');
    }
    await say(one, '酸菜鱼今天是黑鱼还是龙利鱼？');
    await other.page.waitForSelector('.bubble >> text=龙利鱼');
    await say(other, '今天是黑鱼');
    await one.page.waitForSelector('.row:not(.mine) >> text=今天是黑鱼');
    await one.page.waitForSelector('h1 >> text=2人在线');
    assert.deepEqual(await saidOn(one), ['酸菜鱼今天是黑鱼还是龙利鱼？', '今天是黑鱼']);
    // From there to one of them alone: another conversation, and the room is left.
    await one.page.click('.row:not(.mine) .body');
    await one.page.click('.sheet >> text=私聊食客2号');
    await one.page.waitForSelector('.title >> text=食客2号');
    await one.page.waitForSelector('[data-state=live]');
    assert.deepEqual(await saidOn(one), []);
    await other.page.waitForSelector('h1 >> text=1人在线');
  }).timeout(60_000);

  it('C-1 C-3 one talks to another alone: typing, read, taken back', async () => {
    const [one, other] = [await phoneOf(1), await phoneOf(2)];
    const { userId } = await loginOf(2);
    await one.page.click('.tabs a[href="/talk"]');
    await one.page.click('[aria-label=发起聊天]');
    await one.page.click('.sheet >> text=私聊');
    await one.page.fill('#talk-person', String(userId));
    await one.page.click('.sheet .primary');
    await one.page.waitForSelector('[data-state=live]');
    const id = Number(one.page.url().split('/').pop());
    await say(one, '在吗');
    // It is new to the other one, on whatever page they are (C-8).
    await other.page.waitForSelector('.tabs .badge >> text=1');
    await enterChat(other, server, id);
    await one.page.waitForSelector('.mine .state >> text=已读');
    await other.page.type('textarea', '在');
    await one.page.waitForSelector('.typing >> text=正在输入');
    await other.page.click('.send');
    await one.page.waitForSelector('.row:not(.mine) .bubble');
    await other.page.click('.mine .body');
    await other.page.click('.sheet >> text=撤回');
    await one.page.waitForSelector('text=撤回了一条消息');
    assert.deepEqual(await saidOn(one), ['在吗']);
  }).timeout(60_000);

  it('C-1 who is put out of a group is out at once, and the others are told', async () => {
    const [owner, member] = [await phoneOf(3), await phoneOf(4)];
    const { userId } = await loginOf(4);
    const body = { type: 'group', name: '周末聚餐', member_ids: [userId] };
    const id = await openConversation(server, await loginOf(3), body);
    await enterChat(owner, server, id);
    await enterChat(member, server, id);
    await say(owner, '大家好');
    await member.page.waitForSelector('.bubble >> text=大家好');
    await owner.page.click('[aria-label=会话详情]');
    await owner.page.click('.person >> nth=1');
    await owner.page.click('.sheet >> text=移出群');
    await owner.page.click('.sheet .button >> text=移出群');
    await member.page.waitForSelector('.composer >> text=你不在这个会话里');
    assert.equal(await member.page.getAttribute('h1 small', 'data-state'), 'over');
    await owner.page.waitForSelector('.line >> text=食客4号被移出');
    // Joining again is refused, which browsers report.
    member.faults.splice(0);
  }).timeout(60_000);

  it('C-2 RC-15 RW-13 what is sent while the connection is cut arrives once, and what was missed comes', async () => {
    const [one, other] = [await phoneOf(5), await phoneOf(6)];
    const { userId } = await loginOf(6);
    const id = await openConversation(server, await loginOf(5), { type: 'private', user_id: userId });
    await enterChat(one, server, id);
    await enterChat(other, server, id);
    await say(one, '第一句');
    await other.page.waitForSelector('.bubble >> text=第一句');
    // No way back to the server for a while.
    await one.page.route('**/matchmake/**', (route) => route.abort());
    cutSeats(id);
    await one.page.waitForSelector('.cut');
    await say(one, '断网时说的');
    await one.page.waitForSelector('.unsent .state >> text=发送中');
    await server.context.conversations.send(id, {
      userId,
      message: { client_msg_id: 'meanwhile', type: 'text', content: '这时另一边说的' },
    });
    await one.page.unroute('**/matchmake/**');
    await one.page.waitForSelector('[data-state=live]', { timeout: 15_000 });
    const all = ['第一句', '这时另一边说的', '断网时说的'];
    for (const phone of [one, other])
      await eventually(async () => assert.deepEqual(await saidOn(phone), all), 15_000);
    assert.equal(await one.page.locator('.unsent').count(), 0);
    const { token } = await loginOf(5);
    const { data } = await server.api<any>('GET', `/chat/conversations/${id}/messages`, { token });
    assert.deepEqual(
      data.items.map(({ content }: { content: string }) => content),
      all,
    );
    one.faults.splice(0);
  }).timeout(60_000);

  it('C-6 RC-12 a notice shows on both devices of its person on any page, and is read on both', async () => {
    const [phone, tablet] = [await phoneOf(7), await phoneOf(7)];
    const { token } = await loginOf(7);
    const body = { campaign_id: 1, request_id: 'told', draw_count: 1 };
    await server.api('POST', '/lottery/draw', { token, body });
    for (const { page } of [phone, tablet]) await page.waitForSelector('.tabs .badge', { timeout: 15_000 });
    // Those who listen are told what it is.
    await tablet.page.waitForSelector('.app > [role=status] >> text=/积分|奖品/', { state: 'attached' });
    await phone.page.click('.tabs a[href="/talk"]');
    await phone.page.click('text=通知');
    await phone.page.waitForSelector('.notice.unread');
    await phone.page.click('text=全部已读');
    await tablet.page.waitForSelector('.tabs .badge', { state: 'detached' });
    assert.equal(await phone.page.locator('.notice.unread').count(), 0);
  }).timeout(60_000);

  it('C-1 RC-9 a diner waits for service, is served, and rates it once it is over', async () => {
    const diner = await phoneOf(8);
    await server.api('PUT', '/admin/chat/agent', {
      token: (await server.login(STAFF)).token,
      body: { online: false },
    });
    await diner.page.click('.tabs a[href="/talk"]');
    await diner.page.click('[aria-label=发起聊天]');
    await diner.page.click('.sheet >> text=联系客服');
    await diner.page.fill('#talk-topic', '发票怎么开');
    await diner.page.click('.sheet .primary');
    await diner.page.waitForSelector('.strip >> text=下一位就是你');
    await say(diner, '我想开发票');
    const id = Number(diner.page.url().split('/').pop());
    const { token, userId } = await server.login(STAFF);
    assert.equal((await server.api('POST', `/admin/chat/sessions/${id}/take`, { token })).code, 'OK');
    await diner.page.waitForSelector('.strip.assigned >> text=店员小王在为你服务');
    const message = { client_msg_id: 'answer', type: 'text', content: '请报一下抬头' } as const;
    await server.context.conversations.send(id, { userId, message });
    await diner.page.waitForSelector('.avatar.staff');
    await server.api('POST', `/admin/chat/sessions/${id}/resolve`, { token });
    await diner.page.waitForSelector('.composer >> text=会话已结束');
    await diner.page.click('.strip label:nth-of-type(4)');
    await diner.page.click('.strip >> text=提交');
    await diner.page.waitForSelector('.strip >> text=已评4分');
    const rated = await server.api<any>('GET', '/admin/chat/sessions?status=resolved&limit=5', { token });
    assert.equal(rated.data.items.find((one: any) => one.conversation_id === id).rating, 4);
  }).timeout(60_000);

  it('RW-8 RC-1 history that comes above does not move what is read, and none is left out', async () => {
    const { userId } = await loginOf(9);
    const id = await openConversation(server, await loginOf(10), { type: 'private', user_id: userId });
    await sayMany(server, id, { userId, count: 130 });
    const phone = await phoneOf(10);
    await enterChat(phone, server, id);
    await phone.page.waitForSelector('[data-seq="130"]');
    const topOf = (seq: number) =>
      phone.page.locator(`[data-seq="${seq}"]`).evaluate((row) => row.getBoundingClientRect().top);
    for (const first of [81, 31]) {
      assert.equal(await phone.page.locator(`[data-seq="${first - 1}"]`).count(), 0);
      const before = await phone.page.evaluate<number>(`document.querySelector('.list').scrollTop = 120;
        document.querySelector('[data-seq="${first + 3}"]').getBoundingClientRect().top;`);
      await phone.page.waitForSelector(`[data-seq="${first - 1}"]`, { state: 'attached' });
      await phone.page.waitForSelector('.older', { state: 'detached' });
      const moved = Math.abs((await topOf(first + 3)) - before);
      assert.ok(moved <= 1, `it moved by ${moved} px`);
    }
    // A new one below moves it as little, and is told of.
    const before = await topOf(40);
    await server.context.conversations.send(id, {
      userId,
      message: { client_msg_id: 'below', type: 'text', content: '最新的一句' },
    });
    await phone.page.waitForSelector('.jump.down >> text=1条新消息');
    assert.ok(Math.abs((await topOf(40)) - before) <= 1);
    await phone.page.click('.jump.down');
    await phone.page.waitForSelector('.jump.down', { state: 'detached' });
    await phone.page.evaluate(`document.querySelector('.list').scrollTop = 0`);
    await phone.page.waitForSelector('[data-seq="1"]', { state: 'attached' });
    const seqs = await phone.page
      .locator('[data-seq]')
      .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-seq'))));
    assert.deepEqual(
      seqs,
      Array.from({ length: 131 }, (_, at) => at + 1),
    );
  }).timeout(60_000);

  it('RW-8 the composer stays above the keyboard, with letters of 16 px', async () => {
    const phone = await phoneOf(11);
    await phone.page.click('.tabs a[href="/talk"]');
    await phone.page.click('text=西湖店');
    await phone.page.waitForSelector('[data-state=live]');
    const bottom = () =>
      phone.page.locator('.composer').evaluate((footer) => footer.getBoundingClientRect().bottom);
    assert.equal(await bottom(), 844);
    await phone.page.evaluate(`Object.defineProperty(visualViewport, 'height', { get: () => 510 });
      visualViewport.dispatchEvent(new Event('resize'));`);
    await eventually(async () => assert.equal(await bottom(), 510));
    const size = await phone.page.evaluate(`getComputedStyle(document.querySelector('textarea')).fontSize`);
    assert.equal(size, '16px');
  }).timeout(60_000);

  it('RW-5 fifty conversations entered and left leave no seat, listener or timer', async () => {
    const { userId } = await loginOf(12);
    const ids = [
      await openConversation(server, await loginOf(13), { type: 'private', user_id: userId }),
      await openConversation(server, await loginOf(13), { type: 'group', name: '一桌', member_ids: [] }),
    ];
    const phone = await phoneOf(13);
    await phone.page.addInitScript(COUNTING);
    await phone.page.goto(`${server.origin}/talk`);
    await phone.page.waitForSelector('.item');
    const visit = async (at: number) => {
      await phone.page.click(`a[href="/talk/${ids[at % 2]}"]`);
      await phone.page.waitForSelector('[data-state=live]');
      await phone.page.click('[aria-label=返回]');
      await phone.page.waitForSelector('.talk .item');
    };
    const held = async () => {
      await eventually(() =>
        assert.deepEqual(
          ids.map((id) => seatsOf(id).length),
          [0, 0],
        ),
      );
      await phone.page.waitForTimeout(500);
      return phone.page.evaluate<Record<string, number>>('held()');
    };
    for (let at = 0; at < 4; at++) await visit(at);
    const before = await held();
    for (let at = 0; at < 50; at++) await visit(at);
    assert.deepEqual(await held(), before);
  }).timeout(120_000);

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`axe finds nothing serious, ${colorScheme}`, async () => {
      const phone = await phoneOf(colorScheme === 'light' ? 14 : 15, { colorScheme });
      const { page } = phone;
      const { token } = await loginOf(colorScheme === 'light' ? 14 : 15);
      const body = { campaign_id: 1, request_id: `axe-${colorScheme}`, draw_count: 10 };
      await server.api('POST', '/lottery/draw', { token, body });
      await page.click('.tabs a[href="/talk"]');
      await page.waitForSelector('.item .badge', { timeout: 15_000 });
      await mustBeAccessible(phone);
      await page.click('[aria-label=发起聊天]');
      await page.click('.sheet >> text=建群');
      await page.waitForTimeout(400);
      await mustBeAccessible(phone);
      await page.fill('#talk-name', '一桌');
      await page.click('.sheet .primary');
      await page.waitForSelector('[data-state=live]');
      await say(phone, '你好');
      await page.waitForSelector('.mine .bubble');
      await mustBeAccessible(phone);
      await page.click('[aria-label=会话详情]');
      await page.waitForSelector('.person');
      await page.waitForTimeout(400);
      await mustBeAccessible(phone);
      for (const path of ['/inbox', '/inbox/settings']) {
        await page.goto(server.origin + path);
        await page.waitForSelector('.notice, fieldset');
        await mustBeAccessible(phone);
      }
    }).timeout(60_000);
  }
});

/** In the page: how many listeners, timers and connections there are. */
const COUNTING = `(() => {
  const counts = { listeners: 0, intervals: 0, sockets: 0 };
  for (const target of [window, document, window.visualViewport]) {
    const { addEventListener: add, removeEventListener: remove } = target;
    const known = [];
    const find = (type, listener) => known.findIndex(([a, b]) => a === type && b === listener);
    target.addEventListener = (type, listener, ...more) => {
      if (find(type, listener) < 0) { known.push([type, listener]); counts.listeners++; }
      return add.call(target, type, listener, ...more);
    };
    target.removeEventListener = (type, listener, ...more) => {
      const at = find(type, listener);
      if (at >= 0) { known.splice(at, 1); counts.listeners--; }
      return remove.call(target, type, listener, ...more);
    };
  }
  const { setInterval: set, clearInterval: clear } = window;
  const running = new Set();
  window.setInterval = (...args) => { const id = set(...args); running.add(id); return id; };
  window.clearInterval = (id) => { running.delete(id); clear(id); };
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...args) {
      super(...args);
      counts.sockets++;
      this.addEventListener('close', () => counts.sockets--);
    }
  };
  window.held = () => ({ ...counts, intervals: running.size });
})();`;
