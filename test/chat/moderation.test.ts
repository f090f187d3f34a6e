import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { AdminAuditLog } from '../../entities/admin/AdminAuditLog.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';
import { openTalk, type Talk } from './talk.ts';

const MINUTE_MS = 60_000;

forEachDatabase('moderators', (_open, openUrl) => {
  const clock = new TestClock(Date.now());
  let talk: Talk;
  let staff: Login;
  let [wang, li, zhao]: Login[] = [];
  let restaurantId: number;
  before(async () => {
    // Two to a room: the third device sits in an audience room.
    talk = await openTalk(await openUrl(), { clock, environment: { CAMPAIGN_CLIENT_LIMIT: '2' } });
    staff = await talk.server.login('13800000002');
    [wang, li, zhao] = [await talk.diner(1), await talk.diner(2), await talk.diner(3)];
    restaurantId = (await talk.call('GET', '/restaurants', wang)).data.items[0].conversation_id;
  });
  after(() => talk?.server.close());

  const inMinutes = (minutes: number) => new Date(clock.nowMs() + minutes * MINUTE_MS).toISOString();
  const set = (id: number, of: Login, body: object, by = staff) =>
    talk.call('PUT', `/admin/chat/conversations/${id}/members/${of.userId}`, by, body);
  const remove = (messageId: number, reason = '广告', by = staff) =>
    talk.call('DELETE', `/admin/chat/messages/${messageId}`, by, { reason });
  const original = (messageId: number) => talk.call('GET', `/admin/chat/messages/${messageId}`, staff);
  const report = (messageId: number, by: Login, body: object = { reason: 'spam' }) =>
    talk.call('POST', `/chat/messages/${messageId}/report`, by, body);
  const decide = (reportId: number, body: object, by = staff) =>
    talk.call('POST', `/admin/chat/reports/${reportId}`, by, body);
  const logOf = (target_type: string, target_id: number | string) =>
    talk.server.context.database.currentReader.find(AdminAuditLog, {
      where: { target_type, target_id: String(target_id) },
      order: { audit_id: 'ASC' },
    });

  it('C-4 W3 whoever is silenced is told until when and why on all devices, stays connected, and may speak once it ends', async () => {
    const [a, b, c] = [
      await talk.join(restaurantId, li!),
      await talk.join(restaurantId, wang!),
      await talk.join(restaurantId, li!),
    ];
    assert.match(c.room.roomId, /^chataudience-/);
    const until = inMinutes(10);
    const body = { silenced_until: until, reason: '辱骂' };
    assert.equal((await set(restaurantId, li!, body, wang)).code, 'FORBIDDEN');
    assert.equal((await set(restaurantId, li!, { ...body, silenced_until: inMinutes(-1) })).status, 400);
    assert.equal((await set(restaurantId, { ...li!, userId: 2_000_000_000 }, body)).code, 'NOT_FOUND');
    assert.equal((await set(1_999_999_999, li!, body)).code, 'NOT_FOUND');
    const { code, data } = await set(restaurantId, li!, body);
    assert.deepEqual([code, data.silenced_until, data.banned_until], ['OK', until, null]);
    // Again: nothing changes, and nothing is logged.
    assert.equal((await set(restaurantId, li!, body)).code, 'OK');
    const log = await logOf('chat-member', `${restaurantId}-${li!.userId}`);
    assert.deepEqual(
      log.map(({ actor_id, action, state_before }) => [actor_id, action, state_before]),
      [[staff.userId, 'chat-member.restrict', { silence: null }]],
    );
    for (const device of [a, c]) {
      const refused = await device.refusedSend('x');
      assert.deepEqual(
        [refused.code, refused.details],
        ['FORBIDDEN', { restriction: 'silence', until, reason: '辱骂' }],
      );
    }
    const listed = await talk.call('GET', `/admin/chat/restrictions?user_id=${li!.userId}`, staff);
    assert.deepEqual(
      listed.data.items.map(({ restriction, is_over }: any) => [restriction, is_over]),
      [['silence', false]],
    );
    clock.advance(10 * MINUTE_MS);
    await a.send('sorry');
    await eventually(() => assert.equal(c.said.at(-1)?.content, 'sorry'));
    assert.deepEqual([a.closed, c.closed], [[], []]);
    await Promise.all([a, b, c].map(({ room }) => room.leave()));
  });

  it('C-4 whoever is silenced in restaurants is so in each of them, and nowhere else', async () => {
    const group = await talk.group(wang!, li!);
    const path = `/admin/chat/members/${li!.userId}`;
    const until = inMinutes(5);
    const silenced = await talk.call('PUT', path, staff, { silenced_until: until, reason: '刷屏' });
    assert.deepEqual(
      [silenced.code, silenced.data.conversation_id, silenced.data.silenced_until],
      ['OK', null, until],
    );
    const { items } = (await talk.call('GET', '/restaurants', wang!)).data;
    for (const { conversation_id: id } of items) {
      const a = await talk.join(id, li!);
      assert.equal((await a.refusedSend('x')).details.restriction, 'silence');
      await a.room.leave();
    }
    const b = await talk.join(group, li!);
    await b.send('here I may');
    const mine = (await talk.call('GET', '/chat/restrictions', li!)).data.items;
    assert.deepEqual(mine, [{ conversation_id: null, restriction: 'silence', until, reason: '刷屏' }]);
    assert.equal(
      (await talk.call('PUT', path, staff, { silenced_until: null, reason: '好了' })).data.silenced_until,
      null,
    );
    const a = await talk.join(restaurantId, li!);
    await a.send('again');
    await Promise.all([a, b].map(({ room }) => room.leave()));
  });

  it('C-4 RC-3 whoever is banned is put out of a restaurant on all devices, does not come in, and leaves nothing unread', async () => {
    const [a, b, c] = [
      await talk.join(restaurantId, zhao!),
      await talk.join(restaurantId, wang!),
      await talk.join(restaurantId, zhao!),
    ];
    assert.match(c.room.roomId, /^chataudience-/);
    await b.send('not read');
    const until = inMinutes(30);
    assert.equal((await set(restaurantId, zhao!, { banned_until: until, reason: '诈骗' })).code, 'OK');
    await eventually(() => assert.deepEqual([a.closed, c.closed], [[4403], [4403]]));
    await assert.rejects(talk.join(restaurantId, zhao!), { code: 403 });
    const messages = `/chat/conversations/${restaurantId}/messages`;
    assert.equal((await talk.call('GET', messages, zhao!)).code, 'FORBIDDEN');
    const { items, unread_total } = (await talk.call('GET', '/chat/conversations', zhao!)).data;
    assert.equal(unread_total, 0);
    assert.ok(items.every(({ conversation_id: id }: any) => id !== restaurantId));
    assert.deepEqual((await talk.call('GET', '/chat/restrictions', zhao!)).data.items, [
      { conversation_id: restaurantId, restriction: 'ban', until, reason: '诈骗' },
    ]);
    assert.deepEqual(b.closed, []);
    clock.step(-10 * MINUTE_MS);
    await assert.rejects(talk.join(restaurantId, zhao!), { code: 403 });
    clock.step(40 * MINUTE_MS);
    const again = await talk.join(restaurantId, zhao!);
    await again.send('back');
    await Promise.all([again, b].map(({ room }) => room.leave()));
  });

  it('C-1 C-4 a group whose owner is banned goes to another, and takes them in again only once it is over', async () => {
    const id = await talk.group(wang!, li!, zhao!);
    const a = await talk.join(id, wang!);
    assert.equal((await set(id, wang!, { banned_until: inMinutes(5), reason: '诈骗' })).code, 'OK');
    await eventually(() => assert.deepEqual(a.closed, [4403]));
    const roles = (await talk.call('GET', '/chat/conversations', li!)).data.items;
    assert.equal(roles.find((item: any) => item.conversation_id === id).role, 'owner');
    const members = `/chat/conversations/${id}/members`;
    const invite = () => talk.call('POST', members, li!, { user_ids: [wang!.userId] });
    const refused = await invite();
    assert.deepEqual(
      [refused.code, refused.details],
      ['CONFLICT', { reason: 'is banned from the group', user_ids: [wang!.userId] }],
    );
    clock.advance(5 * MINUTE_MS);
    assert.equal((await invite()).code, 'OK');
    const b = await talk.join(id, wang!);
    await b.room.leave();
    const pair = { type: 'private', user_id: li!.userId };
    const { data } = await talk.call('POST', '/chat/conversations', wang!, pair);
    const ban = { banned_until: inMinutes(5), reason: '诈骗' };
    assert.equal((await set(data.conversation_id, wang!, ban)).code, 'CONFLICT');
  });

  it('C-4 RC-4 what a moderator deletes says nothing any more to anybody in any room, and its number stays', async () => {
    const id = await talk.group(wang!, li!, zhao!);
    const [a, b, c] = [await talk.join(id, wang!), await talk.join(id, li!), await talk.join(id, zhao!)];
    assert.match(c.room.roomId, /^chataudience-/);
    const { message_id, seq } = await a.send('buy cheap');
    const read = `/chat/conversations/${id}/messages`;
    const search = async () => (await talk.call('GET', `${read}?q=cheap`, li!)).data.items.length;
    assert.equal(await search(), 1);
    // Long after its sender could recall it.
    clock.step(2 * LIMITS.recallMs);
    assert.equal(await a.refusal('recall', { message_id }), 'CONFLICT');
    assert.equal((await remove(message_id, '广告', wang)).code, 'FORBIDDEN');
    const deleted = await remove(message_id);
    assert.deepEqual([deleted.code, deleted.data.message_id], ['OK', message_id]);
    assert.deepEqual((await remove(message_id, 'again')).data, deleted.data);
    await eventually(() => {
      for (const { recalled } of [a, b, c]) assert.deepEqual(recalled, [message_id]);
    });
    assert.equal(await search(), 0);
    const [message] = (await talk.call('GET', read, li!)).data.items;
    assert.deepEqual(
      [message.seq, message.content, message.recalled_at],
      [seq, '', deleted.data.recalled_at],
    );
    const list = (await talk.call('GET', '/chat/conversations', li!)).data.items;
    const listed = list.find((item: any) => item.conversation_id === id);
    assert.deepEqual([listed.unread, listed.last_message.content], [0, '']);
    const exported = (await talk.call('GET', '/auth/export', wang!)).data;
    assert.ok(!JSON.stringify([list, exported]).includes('buy cheap'));
    const { data } = await original(message_id);
    assert.deepEqual(
      [data.content, data.original, data.removed_by],
      ['', 'buy cheap', { actor_id: staff.userId, action: 'message.delete', reason: '广告' }],
    );
    const log = await logOf('message', message_id);
    assert.deepEqual(
      log.map(({ action, actor_id }) => [action, actor_id]),
      [
        ['message.delete', staff.userId],
        ['message.look', staff.userId],
      ],
    );
    assert.equal((await remove(2_000_000_000)).code, 'NOT_FOUND');
    assert.equal((await original(2_000_000_000)).code, 'NOT_FOUND');
    await Promise.all([a, b, c].map(({ room }) => room.leave()));
  });

  it('C-4 A-11 what two say alone is read by moderators once it was reported, and every look is in the log', async () => {
    const guest = await talk.diner(9);
    const pair = { type: 'private', user_id: guest.userId };
    const id = (await talk.call('POST', '/chat/conversations', wang!, pair)).data.conversation_id;
    const a = await talk.join(id, wang!);
    const [told, secret] = [await a.send('an insult'), await a.send('a secret')];
    const refused = await original(told.message_id);
    assert.deepEqual([refused.code, refused.data], ['FORBIDDEN', undefined]);
    assert.deepEqual(await logOf('message', told.message_id), []);
    const { report_id } = (await report(told.message_id, guest)).data;
    await a.ask('recall', { message_id: told.message_id });
    // However often it is looked at, what was said is found.
    for (let at = 0; at < 3; at++) assert.equal((await original(told.message_id)).data.original, 'an insult');
    const log = await logOf('message', told.message_id);
    assert.deepEqual(
      log.map(({ action, actor_id }) => [action, actor_id]),
      [['message.recall', wang!.userId], ...Array.from({ length: 3 }, () => ['message.look', staff.userId])],
    );
    assert.equal((await original(secret.message_id)).code, 'FORBIDDEN');
    assert.equal((await decide(report_id, { decision: 'dismiss', reason: '没事' })).code, 'OK');
    await a.room.leave();
  });

  it('C-4 whoever is banned from all restaurants is put out of each on all devices, and comes into none until it is over', async () => {
    const guest = await talk.diner(8);
    const { items } = (await talk.call('GET', '/restaurants', guest)).data;
    const ids: number[] = items.map((item: any) => item.conversation_id);
    const group = await talk.group(wang!, guest);
    const seats = await Promise.all([...ids, ids[0]!].map((id) => talk.join(id, guest)));
    const elsewhere = await talk.join(group, guest);
    const ban = (banned_until: string | null) =>
      talk.call('PUT', `/admin/chat/members/${guest.userId}`, staff, { banned_until, reason: '诈骗' });
    const until = inMinutes(5);
    const answers = await Promise.all([ban(until), talk.join(ids[0]!, guest).catch(() => undefined)]);
    assert.deepEqual([answers[0].code, answers[0].data.banned_until], ['OK', until]);
    await eventually(() =>
      assert.deepEqual(
        seats.map(({ closed }) => closed),
        seats.map(() => [4403]),
      ),
    );
    for (const id of ids) await assert.rejects(talk.join(id, guest), { code: 403 });
    await elsewhere.send('here I may');
    const mine = (await talk.call('GET', '/chat/conversations', guest)).data.items;
    assert.deepEqual(
      mine.map(({ conversation_id }: any) => conversation_id),
      [group],
    );
    // One row, of all of them.
    assert.equal((await logOf('chat-member', `0-${guest.userId}`)).length, 1);
    for (const id of ids) assert.deepEqual(await logOf('chat-member', `${id}-${guest.userId}`), []);
    assert.equal((await ban(null)).data.banned_until, null);
    const again = await talk.join(ids[0]!, guest);
    await Promise.all([again, elsewhere].map(({ room }) => room.leave()));
  });

  it('C-4 nobody is told that somebody writes who is silenced', async () => {
    const id = await talk.group(wang!, li!);
    const [a, b] = [await talk.join(id, wang!), await talk.join(id, li!)];
    await b.ask('typing', {});
    await eventually(() => assert.deepEqual(a.typing, [li!.userId]));
    await set(id, li!, { silenced_until: inMinutes(1), reason: '刷屏' });
    await b.ask('typing', {});
    await a.ask('typing', {});
    await eventually(() => assert.deepEqual(b.typing, [wang!.userId]));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(a.typing, [li!.userId]);
    await Promise.all([a, b].map(({ room }) => room.leave()));
  });

  it('C-4 RC-5 what a group is called is judged as what is said in it', async () => {
    const superAdmin = await talk.server.login('13800000000');
    const list = { version: 0, mask: ['坏蛋'], refuse: ['加微信'], allow: [] };
    assert.equal((await talk.call('PUT', '/admin/chat/words', superAdmin, list)).code, 'OK');
    const found = (name: string) =>
      talk.call('POST', '/chat/conversations', wang!, { type: 'group', name, member_ids: [li!.userId] });
    assert.equal((await found('加 微信')).code, 'VALIDATION_FAILED');
    const { data } = await found('大坏蛋群');
    assert.equal(data.name, '大＊＊群');
    const rename = (name: string) =>
      talk.call('PUT', `/chat/conversations/${data.conversation_id}`, wang!, { name });
    assert.equal((await rename('加微信群')).code, 'VALIDATION_FAILED');
    assert.equal((await rename('坏蛋')).data.name, '＊＊');
  });

  it('C-4 RC-4 a report is made once by who can see the message, and keeps what is taken back afterwards', async () => {
    const id = await talk.group(wang!, li!);
    const a = await talk.join(id, wang!);
    for (let at = 1; at <= 7; at++) await a.send(`line ${at}`);
    const b = await talk.join(id, wang!);
    const { message_id } = await b.send('an insult');
    await b.send('after');
    assert.equal((await report(message_id, zhao!)).code, 'NOT_FOUND');
    assert.equal((await report(2_000_000_000, zhao!)).code, 'NOT_FOUND');
    assert.equal((await report(message_id, wang!)).code, 'CONFLICT');
    assert.equal((await report(message_id, li!, { reason: 'dislike' })).code, 'VALIDATION_FAILED');
    const body = { reason: 'abuse', comment: '骂人' };
    const all = await Promise.all([1, 2, 3].map(() => report(message_id, li!, body)));
    assert.deepEqual([all[0]!.code, all[0]!.data.message_id], ['OK', message_id]);
    for (const { data } of all) assert.deepEqual(data, all[0]!.data);
    await b.ask('recall', { message_id });
    const { data: open } = await talk.call('GET', '/admin/chat/reports?status=open', staff);
    assert.deepEqual(
      open.items.map(({ content, comment, reporter }: any) => [content, comment, reporter.user_id]),
      [['an insult', '骂人', li!.userId]],
    );
    assert.equal((await talk.call('GET', '/admin/chat/reports', li!)).code, 'FORBIDDEN');
    const path = `/admin/chat/reports/${open.items[0].report_id}`;
    const { data: detail } = await talk.call('GET', path, staff);
    assert.deepEqual(
      detail.context.map(({ content }: any) => content),
      ['line 3', 'line 4', 'line 5', 'line 6', 'line 7', '', 'after'],
    );
    assert.deepEqual([detail.message.original, detail.message.content], ['an insult', '']);
    const looked = (await logOf('report', open.items[0].report_id)).map(({ action, actor_id }) => [
      action,
      actor_id,
    ]);
    assert.deepEqual(looked, [['report.look', staff.userId]]);
    const exported = (await talk.call('GET', '/auth/export', li!)).data;
    assert.deepEqual(exported.chat_reports.items, [{ ...all[0]!.data, comment: '骂人' }]);
    assert.equal((await decide(open.items[0].report_id, { decision: 'dismiss', reason: '没事' })).code, 'OK');
    assert.deepEqual((await report(message_id, li!, body)).data, all[0]!.data);
    await Promise.all([a, b].map(({ room }) => room.leave()));
  });

  it('C-4 a report is decided once, by whoever comes first, together with all of its message, and the decision is done', async () => {
    const id = await talk.group(wang!, li!, zhao!);
    const [a, b] = [await talk.join(id, wang!), await talk.join(id, wang!)];
    const sent = [await a.send('1'), await a.send('2'), await b.send('3')];
    const reports = [];
    for (const { message_id } of sent) reports.push((await report(message_id, li!)).data.report_id as number);
    const other = (await report(sent[0]!.message_id, zhao!)).data.report_id;
    const [first, second, third] = reports as [number, number, number];
    const tries = await Promise.all(
      [1, 2, 3].map(() => decide(first, { decision: 'delete', reason: '广告' })),
    );
    assert.deepEqual(tries.map(({ code }) => code).sort(), ['CONFLICT', 'CONFLICT', 'OK']);
    await eventually(() => assert.deepEqual(b.recalled, [sent[0]!.message_id]));
    assert.equal((await decide(other, { decision: 'dismiss', reason: '没事' })).code, 'CONFLICT');
    const log = await logOf('message', sent[0]!.message_id);
    assert.deepEqual(
      log.map(({ state_after }: any) => [state_after.report_id, state_after.decision]),
      [[first, 'delete']],
    );
    assert.equal((await decide(second, { decision: 'silence', reason: '刷屏' })).code, 'VALIDATION_FAILED');
    const silence = { decision: 'silence', until: inMinutes(3), reason: '刷屏' };
    const silenced = await decide(second, silence);
    assert.deepEqual([silenced.code, silenced.data.decision], ['OK', 'silence']);
    assert.equal((await a.refusedSend('x')).details.restriction, 'silence');
    assert.equal((await decide(third, { ...silence, decision: 'ban' })).code, 'OK');
    await eventually(() => assert.deepEqual([a.closed, b.closed], [[4403], [4403]]));
    assert.equal((await decide(2_000_000_000, silence)).code, 'NOT_FOUND');
    clock.advance(5 * MINUTE_MS);
  });

  it('C-4 nobody reports more than so much in a day', async () => {
    const id = await talk.group(wang!, zhao!);
    const devices = [await talk.join(id, wang!), await talk.join(id, wang!), await talk.join(id, wang!)];
    const ids: number[] = [];
    // One report was made above.
    for (let at = 0; at < LIMITS.reportsPerDay; at++) {
      const device = devices[at % 3]!;
      const sent = await device
        .ask<{ message_id: number }>('send', {
          client_msg_id: `many-${at}`,
          type: 'text',
          content: 'x',
        })
        .catch(async () => {
          await new Promise((resolve) => setTimeout(resolve, 1200));
          return device.send('x', `many-${at}`);
        });
      ids.push(sent.message_id);
    }
    const codes = [];
    for (const messageId of ids) codes.push((await report(messageId, zhao!)).code);
    assert.deepEqual(codes.indexOf('RATE_LIMITED'), LIMITS.reportsPerDay - 1);
    clock.advance(25 * 60 * MINUTE_MS);
    await Promise.all(devices.map(({ room }) => room.leave()));
  }).timeout(60_000);

  it('C-4 RC-15 a restaurant’s room that is slowed down lets those who work here speak as they like', async () => {
    const path = `/admin/chat/conversations/${restaurantId}`;
    const [guest, waiter] = [await talk.diner(7), await talk.server.login('13800000002')];
    const slow = (slow_mode_s: number, by = waiter) =>
      talk.call('PUT', path, by, { slow_mode_s, reason: '太吵' });
    assert.equal((await slow(60, guest)).code, 'FORBIDDEN');
    assert.equal((await slow(60)).data.slow_mode_s, 60);
    const [a, b] = [await talk.join(restaurantId, guest), await talk.join(restaurantId, waiter)];
    await a.send('1');
    assert.equal((await a.refusedSend('2')).code, 'RATE_LIMITED');
    await b.send('3');
    await b.send('4');
    assert.equal((await slow(0)).data.slow_mode_s, 0);
    await a.send('5');
    assert.equal((await logOf('conversation', restaurantId)).length, 2);
    await Promise.all([a, b].map(({ room }) => room.leave()));
  });
});
