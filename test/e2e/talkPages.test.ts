import assert from 'node:assert/strict';
import { eventually } from '../support/seat.ts';
import { onFace } from './face.ts';
import { mustBeAccessible } from './pages.ts';
import { enterChat, mobileOf, openConversation, say, sayMany, seatsOf } from './talkers.ts';

onFace('how the talk pages are built', (face) => {
  const phoneOf = (number: number, path?: string) =>
    face.phoneOf(mobileOf(number), path === undefined ? {} : { path });
  const loginOf = (number: number) => face.server.login(mobileOf(number));

  it('RW-8 RC-1 history that comes above does not move what is read, and none is left out', async () => {
    const { userId } = await loginOf(9);
    const id = await openConversation(face.server, await loginOf(10), { type: 'private', user_id: userId });
    await sayMany(face.server, id, { userId, count: 130 });
    const phone = await enterChat(face, 10, id);
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
    await face.server.context.conversations.send(id, {
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
    const phone = await phoneOf(11, '/talk');
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
      await openConversation(face.server, await loginOf(13), { type: 'private', user_id: userId }),
      await openConversation(face.server, await loginOf(13), { type: 'group', name: '一桌', member_ids: [] }),
    ];
    const phone = await phoneOf(13);
    await phone.page.addInitScript(COUNTING);
    await phone.page.goto(`${face.origin}/talk`);
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
      return phone.page.evaluate<Record<string, number>>('held()');
    };
    for (let at = 0; at < 4; at++) await visit(at);
    let before = await held();
    // What is under way when a page is left ends by itself.
    await eventually(async () => {
      const then = before;
      before = await held();
      assert.deepEqual(before, then);
    });
    for (let at = 0; at < 50; at++) await visit(at);
    await eventually(async () => assert.deepEqual(await held(), before));
  }).timeout(120_000);

  it('axe finds nothing serious in either theme', async () => {
    const { token } = await loginOf(14);
    const body = { campaign_id: 1, request_id: 'axe', draw_count: 10 };
    await face.server.api('POST', '/lottery/draw', { token, body });
    const phone = await face.phoneOf(mobileOf(14), { path: '/talk', reducedMotion: 'reduce' });
    const { page } = phone;
    const mustBeGood = async () => {
      await page.emulateMedia({ colorScheme: 'light' });
      await mustBeAccessible(phone);
      await page.emulateMedia({ colorScheme: 'dark' });
      await mustBeAccessible(phone, ['color-contrast']);
    };
    await page.waitForSelector('.item .badge', { timeout: 15_000 });
    await mustBeGood();
    await page.click('[aria-label=发起聊天]');
    await page.click('.sheet >> text=建群');
    await mustBeGood();
    await page.fill('#talk-name', '一桌');
    await page.click('.sheet .primary');
    await page.waitForSelector('[data-state=live]');
    await say(phone, '你好');
    await page.waitForSelector('.mine .bubble');
    await mustBeGood();
    await page.click('[aria-label=会话详情]');
    await page.waitForSelector('.person');
    await mustBeGood();
    for (const path of ['/inbox', '/inbox/settings', '/talk/blocked']) {
      await page.goto(face.origin + path);
      await page.waitForSelector('.notice, fieldset, .blocked .empty');
      await mustBeGood();
    }
  }).timeout(60_000);
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
