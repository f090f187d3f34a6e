import assert from 'node:assert/strict';
import { eventually } from '../support/seat.ts';
import { onFace } from './face.ts';
import { cutSeats, enterChat, mobileOf, openConversation, saidOn, say, seatsOf, STAFF } from './talkers.ts';

onFace('the talk pages', (face) => {
  const phoneOf = (number: number, path?: string) =>
    face.phoneOf(mobileOf(number), path === undefined ? {} : { path });
  const loginOf = (number: number) => face.server.login(mobileOf(number));

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
    const [one, other] = [await phoneOf(1, '/talk'), await phoneOf(2, '/prizes')];
    const { userId } = await loginOf(2);
    await one.page.click('[aria-label=发起聊天]');
    await one.page.click('.sheet >> text=私聊');
    await one.page.fill('#talk-person', String(userId));
    await one.page.click('.sheet .primary');
    await one.page.waitForSelector('[data-state=live]');
    await say(one, '在吗');
    // It is new to the other one, on whatever page they are (C-8).
    await other.page.waitForSelector('.tabs .badge >> text=1');
    await other.page.click('.tabs a[href="/talk"]');
    await other.page.click('text=食客1号');
    await other.page.waitForSelector('[data-state=live]');
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
    const { userId } = await loginOf(4);
    const body = { type: 'group', name: '周末聚餐', member_ids: [userId] };
    const id = await openConversation(face.server, await loginOf(3), body);
    const [owner, member] = [await enterChat(face, 3, id), await enterChat(face, 4, id)];
    await say(owner, '大家好');
    await member.page.waitForSelector('.bubble >> text=大家好');
    await owner.page.click('[aria-label=会话详情]');
    await owner.page.click('.person >> nth=1');
    await owner.page.click('.sheet >> text=移出群');
    await owner.page.click('.sheet .button >> text=移出群');
    await member.page.waitForSelector('.composer >> text=你不在这个会话里');
    assert.equal(await member.page.getAttribute('h1 small', 'data-state'), 'over');
    await owner.page.waitForSelector('.line >> text=食客4号被移出');
    // Also once it is not known any more who was in it.
    await owner.page.reload();
    await owner.page.waitForSelector('.line >> text=食客4号被移出');
    // Joining again is refused, which browsers report.
    member.faults.splice(0);
  }).timeout(60_000);

  it('C-2 RC-15 RW-13 what is sent while the connection is cut arrives once, and what was missed comes', async () => {
    const { userId } = await loginOf(6);
    const id = await openConversation(face.server, await loginOf(5), { type: 'private', user_id: userId });
    const [one, other] = [await enterChat(face, 5, id), await enterChat(face, 6, id)];
    await say(one, '第一句');
    await other.page.waitForSelector('.bubble >> text=第一句');
    // No way back to the server for a while.
    await one.page.route('**/matchmake/**', (route) => route.abort());
    cutSeats(id);
    await one.page.waitForSelector('.cut');
    await say(one, '断网时说的');
    await one.page.waitForSelector('.unsent .state >> text=发送中');
    await face.server.context.conversations.send(id, {
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
    const { data } = await face.server.api<any>('GET', `/chat/conversations/${id}/messages`, { token });
    assert.deepEqual(
      data.items.map(({ content }: { content: string }) => content),
      all,
    );
    one.faults.splice(0);
  }).timeout(60_000);

  it('C-6 RC-12 a notice shows on both devices of its person on any page, and is read on both', async () => {
    const [phone, tablet] = [await phoneOf(7), await phoneOf(7, '/prizes')];
    const { token, userId } = await loginOf(7);
    await eventually(() => assert.equal(seatsOf(userId, 'notifications').length, 2));
    const body = { campaign_id: 1, request_id: 'told', draw_count: 1 };
    await face.server.api('POST', '/lottery/draw', { token, body });
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
    const diner = await phoneOf(8, '/talk');
    await face.server.api('PUT', '/admin/chat/agent', {
      token: (await face.server.login(STAFF)).token,
      body: { online: false },
    });
    await diner.page.click('[aria-label=发起聊天]');
    await diner.page.click('.sheet >> text=联系客服');
    await diner.page.fill('#talk-topic', '发票怎么开');
    await diner.page.click('.sheet .primary');
    await diner.page.waitForSelector('.strip >> text=下一位就是你');
    await say(diner, '我想开发票');
    const id = Number(diner.page.url().split('/').pop());
    const { token, userId } = await face.server.login(STAFF);
    assert.equal((await face.server.api('POST', `/admin/chat/sessions/${id}/take`, { token })).code, 'OK');
    await diner.page.waitForSelector('.strip.assigned >> text=店员小王在为你服务');
    const message = { client_msg_id: 'answer', type: 'text', content: '请报一下抬头' } as const;
    await face.server.context.conversations.send(id, { userId, message });
    await diner.page.waitForSelector('.avatar.staff');
    await face.server.api('POST', `/admin/chat/sessions/${id}/resolve`, { token });
    await diner.page.waitForSelector('.composer >> text=会话已结束');
    await diner.page.click('.strip label:nth-of-type(4)');
    await diner.page.click('.strip >> text=提交');
    await diner.page.waitForSelector('.strip >> text=已评4分');
    const rated = await face.server.api<any>('GET', '/admin/chat/sessions?status=resolved&limit=5', {
      token,
    });
    assert.equal(rated.data.items.find((one: any) => one.conversation_id === id).rating, 4);
  }).timeout(60_000);
});
