import assert from 'node:assert/strict';
import { eventually } from '../support/seat.ts';
import { onFace } from './face.ts';
import {
  enterChat,
  mobileOf,
  moveSeats,
  openConversation,
  restrict,
  saidOn,
  say,
  sayMany,
  seatsOf,
} from './talkers.ts';

onFace('what holds somebody back in talk, and what they were told', (face) => {
  const phoneOf = (number: number, path: string) => face.phoneOf(mobileOf(number), { path });
  const loginOf = (number: number) => face.server.login(mobileOf(number));

  it('C-4 slow mode counts down, who is silenced reads until when, and a refused message can be sent again', async () => {
    const [owner, member] = [await loginOf(1), await loginOf(2)];
    const body = { type: 'group', name: '一桌', member_ids: [member.userId] };
    const id = await openConversation(face.server, owner, body);
    const path = `/chat/conversations/${id}`;
    const { token } = owner;
    const phone = await enterChat(face, 2, id);
    await face.server.api('PUT', path, { token, body: { slow_mode_s: 5 } });
    await phone.page.waitForSelector('textarea[placeholder="说点什么，5秒一条"]');
    await say(phone, '第一句');
    await phone.page.waitForSelector('.mine .bubble');
    await say(phone, '第二句');
    await phone.page.waitForSelector('textarea[placeholder$="秒后可再发"]');
    await eventually(async () => assert.deepEqual(await saidOn(phone), ['第一句', '第二句']), 15_000);
    await phone.page.waitForSelector('.unsent', { state: 'detached', timeout: 15_000 });
    await face.server.api('PUT', path, { token, body: { slow_mode_s: 0 } });
    await phone.page.waitForSelector('textarea[placeholder="说点什么"]', { timeout: 15_000 });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const silence = { muted_until: until, reason: '太吵了' };
    await face.server.api('PUT', `${path}/members/${member.userId}`, { token, body: silence });
    await say(phone, '还能说吗');
    await phone.page.waitForSelector('.composer >> text=/禁言中.*后可以发言/');
    await phone.page.waitForSelector('.composer >> text=太吵了');
    await face.server.api('PUT', `${path}/members/${member.userId}`, { token, body: { muted_until: null } });
    await phone.page.click('.unsent >> text=重发');
    await phone.page.waitForSelector('.unsent', { state: 'detached' });
    assert.deepEqual(await saidOn(phone), ['第一句', '第二句', '还能说吗']);
  }).timeout(90_000);

  it('C-2 C-3 what came while somebody was away is jumped to, and a text is found wherever it was said', async () => {
    const { userId } = await loginOf(3);
    const id = await openConversation(face.server, await loginOf(4), { type: 'private', user_id: userId });
    await sayMany(face.server, id, { userId, count: 90 });
    const phone = await phoneOf(4, '/talk');
    await phone.page.waitForSelector('.item .badge >> text=90');
    await phone.page.click('text=食客3号');
    await phone.page.click('.jump.up >> text=40条新消息');
    await phone.page.waitForSelector('[data-seq="1"]');
    const isSeen = (seq: number) =>
      phone.page.evaluate<boolean>(`(() => {
        const { top, bottom } = document.querySelector('[data-seq="${seq}"]').getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
      })()`);
    await eventually(async () => assert.ok(await isSeen(1)));
    await phone.page.click('[aria-label=会话详情]');
    await phone.page.click('.sheet >> text=找聊天记录');
    await phone.page.fill('.sheet input[type=search]', '第 45 句');
    await phone.page.click('.sheet .primary');
    await phone.page.click('.hit');
    await eventually(async () => assert.ok(await isSeen(45)));
  }).timeout(60_000);

  it('C-6 C-7 notices are read on page by page, by kind, one or all, and switched off', async () => {
    const { token } = await loginOf(5);
    for (let at = 1; at <= 30; at++) {
      const body = { campaign_id: 1, request_id: `notice-${at}`, draw_count: 1 };
      assert.equal((await face.server.api('POST', '/lottery/draw', { token, body })).code, 'OK');
    }
    const { data } = await face.server.api<any>('GET', '/notifications?limit=1', { token });
    assert.ok(data.total >= 20);
    const phone = await phoneOf(5, '/inbox');
    await phone.page.waitForSelector('.notice.unread');
    const shown = () =>
      phone.page
        .locator('.notice')
        .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-notice'))));
    await eventually(async () => {
      await phone.page.evaluate('scrollTo(0, document.body.scrollHeight)');
      const { data: now } = await face.server.api<any>('GET', '/notifications?limit=1', { token });
      const ids = Array.from({ length: now.total }, (_, at) => now.total - at);
      assert.deepEqual(await shown(), ids);
    }, 20_000);
    await phone.page.evaluate('scrollTo(0, 0)');
    const before = await phone.page.locator('.notice.unread').count();
    await phone.page.click('.notice.unread .title');
    await eventually(async () =>
      assert.equal(await phone.page.locator('.notice.unread').count(), before - 1),
    );
    await phone.page.click('.chips >> text=系统');
    await phone.page.waitForSelector('text=都看过了');
    await phone.page.click('.chips >> text=积分');
    await phone.page.waitForSelector('.notice >> text=抽奖扣除积分');
    await phone.page.click('text=全部已读');
    await eventually(async () =>
      assert.equal(
        (await face.server.api<any>('GET', '/notifications/unread-count', { token })).data.unread,
        0,
      ),
    );
    await phone.page.click('text=通知设置');
    await phone.page.click('label >> text=积分');
    await phone.page.click('label >> text=勿扰时段');
    await phone.page.waitForSelector('text=已保存');
    const preferences = await face.server.api<any>('GET', '/notifications/preferences', { token });
    assert.deepEqual(
      [preferences.data.points, preferences.data.lottery, preferences.data.quiet_hours],
      [false, true, { from: '22:00', to: '08:00' }],
    );
  }).timeout(90_000);

  it('C-4 RW-13 who is silenced in the restaurants reads it as they come, and who is banned is out at once', async () => {
    const { userId } = await loginOf(6);
    await restrict(face.server, { userId, silenced: true });
    const phone = await phoneOf(6, '/talk');
    const { page } = phone;
    await page.click('text=外滩店');
    await page.waitForSelector('[data-state=live]');
    await page.waitForSelector('.composer >> text=/禁言中.*后可以发言/');
    assert.equal(await page.locator('textarea').count(), 0);
    await restrict(face.server, { userId, silenced: false });
    await page.reload();
    await page.waitForSelector('textarea');
    await restrict(face.server, { userId, banned: true });
    await page.waitForSelector('.banned >> text=你暂时不能进堂食聊天室');
    await page.waitForSelector('.banned >> text=/\\d\\d:\\d\\d后可以再来/');
    await page.waitForSelector('.banned >> text=原因：刷屏');
    assert.equal(await page.locator('.composer, .problem').count(), 0);
    // Who comes later reads the same; once it is over they are let in.
    await page.reload();
    await page.waitForSelector('.banned');
    await restrict(face.server, { userId, banned: false });
    await page.click('.banned >> text=再进一次');
    await page.waitForSelector('[data-state=live]');
    await page.waitForSelector('textarea');
    // The door is shut, which browsers report.
    phone.allow(/403|WebSocket/);
  }).timeout(60_000);

  it('RW-13 a room that moves, a network that is gone and a login that has ended are told apart', async () => {
    const { userId, token } = await loginOf(7);
    const id = await openConversation(face.server, await loginOf(8), { type: 'private', user_id: userId });
    const phone = await enterChat(face, 7, id);
    const { page } = phone;
    // Where it has gone to does not answer yet.
    await page.route('**/matchmake/**', (route) => route.abort());
    moveSeats(id);
    await page.waitForSelector('.cut >> text=房间换了节点');
    await page.waitForSelector('.chat.still');
    await page.unroute('**/matchmake/**');
    await page.waitForSelector('[data-state=live]', { timeout: 15_000 });
    await page.waitForSelector('.cut', { state: 'detached' });
    await page.context().setOffline(true);
    await page.waitForSelector('.cut >> text=网络断了');
    await page.waitForSelector('.chat.still');
    await page.context().setOffline(false);
    await page.waitForSelector('.cut', { state: 'detached' });
    phone.allow(/net::ERR_FAILED|net::ERR_INTERNET_DISCONNECTED|WebSocket/);
    await face.server.api('DELETE', '/auth/sessions', { token });
    await page.waitForURL(/\/login\?to=/);
    assert.match(await page.innerText('.note'), /登录过期了/);
    await page.fill('input[type=tel]', mobileOf(7));
    await page.fill('.code', '123456');
    await page.click('.button.primary');
    await page.waitForURL(`${face.origin}/talk/${id}`);
    await page.waitForSelector('[data-state=live]');
    await say(phone, '回来了');
    await page.waitForSelector('.mine .bubble >> text=回来了');
    phone.allow(/401|WebSocket/);
  }).timeout(60_000);

  it('RW-13 the lists of talk and of notices say that nothing new comes, and why, until it does', async () => {
    const { userId } = await loginOf(12);
    for (const path of ['/talk', '/inbox']) {
      const phone = await phoneOf(12, path);
      const { page } = phone;
      await page.waitForSelector('.item, .empty, .notice');
      await eventually(() => assert.equal(seatsOf(userId, 'notifications').length, 1));
      // Where it has gone to does not answer yet.
      await page.route('**/matchmake/**', (route) => route.abort());
      moveSeats(userId, 'notifications');
      await page.waitForSelector('.cut >> text=房间换了节点');
      await page.unroute('**/matchmake/**');
      await page.waitForSelector('.cut', { state: 'detached' });
      face.balancer.pointTo();
      face.balancer.cut();
      await page.waitForSelector('.cut >> text=连接断了');
      face.balancer.pointTo(face.server.origin);
      await page.waitForSelector('.cut', { state: 'detached' });
      phone.allow(/net::ERR_|WebSocket/);
      await page.goto('about:blank');
      await eventually(() => assert.equal(seatsOf(userId, 'notifications').length, 0));
    }
  }).timeout(60_000);

  it('RC-11 whom one has blocked is listed, reached from talk and from one’s account, and heard again', async () => {
    const { userId: first } = await loginOf(9);
    const { userId: second } = await loginOf(10);
    const { token } = await loginOf(11);
    for (const userId of [first, second])
      assert.equal((await face.server.api('PUT', `/chat/blocks/${userId}`, { token, body: {} })).code, 'OK');
    const { page } = await phoneOf(11, '/talk');
    await page.click('text=拉黑的人');
    await page.waitForSelector('.blocked li >> nth=1');
    assert.deepEqual(await page.locator('.blocked li b').allInnerTexts(), ['食客10号', '食客9号']);
    await page.click('[aria-label="解除对食客10号的拉黑"]');
    await eventually(async () => assert.equal(await page.locator('.blocked li').count(), 1));
    const { data } = await face.server.api<any>('GET', '/chat/blocks', { token });
    assert.deepEqual(
      data.items.map(({ user }: any) => user.user_id),
      [first],
    );
    await page.goto(`${face.origin}/me`);
    await page.click('text=拉黑的人');
    await page.click('[aria-label="解除对食客9号的拉黑"]');
    await page.waitForSelector('text=没有拉黑任何人');
    await page.goto(`${face.origin}/me`);
    for (const [link, path] of [
      ['通知设置', '/inbox/settings'],
      ['登录的设备', '/me/devices'],
      ['注销账号', '/me/close'],
    ] as const) {
      await page.click(`text=${link}`);
      await page.waitForURL(face.origin + path);
      await page.click('[aria-label=返回]');
      await page.waitForURL(`${face.origin}/me`);
    }
  }).timeout(60_000);
});
