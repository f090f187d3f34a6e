import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { AdminAuditLog } from '../../entities/admin/AdminAuditLog.ts';
import type { Login } from '../support/server.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import { openTalk, type Talk } from './talk.ts';

forEachDatabase('a conversation', (_open, openUrl) => {
  let talk: Talk;
  let [wang, li, zhao]: Login[] = [];
  before(async () => {
    talk = await openTalk(await openUrl());
    [wang, li, zhao] = [await talk.diner(1), await talk.diner(2), await talk.diner(3)];
  });
  after(() => talk?.server.close());

  const listOf = async (by: Login) => (await talk.call('GET', '/chat/conversations', by)).data;
  const unreadOf = async (by: Login, conversationId: number) => {
    const { items, unread_total } = await listOf(by);
    assert.equal(
      unread_total,
      items.reduce((sum: number, { unread }: { unread: number }) => sum + unread, 0),
    );
    return items.find(({ conversation_id: id }: { conversation_id: number }) => id === conversationId)
      ?.unread;
  };

  it('C-1 two people have one private conversation, whoever asks for it', async () => {
    const open = (by: Login, other: Login) =>
      talk.call('POST', '/chat/conversations', by, { type: 'private', user_id: other.userId });
    const [one, other] = await Promise.all([open(wang!, li!), open(li!, wang!)]);
    assert.deepEqual([one.code, other.code], ['OK', 'OK']);
    assert.equal(one.data.conversation_id, other.data.conversation_id);
    assert.equal((await open(wang!, wang!)).code, 'VALIDATION_FAILED');
    assert.equal((await open(wang!, { ...li!, userId: 2_000_000_000 })).code, 'NOT_FOUND');
    await assert.rejects(talk.join(one.data.conversation_id, zhao!), { code: 403 });
    const path = `/chat/conversations/${one.data.conversation_id}/messages`;
    assert.equal((await talk.call('GET', path, zhao!)).code, 'FORBIDDEN');
    await assert.rejects(talk.join(1_999_999_999, zhao!), { code: 403 });
  });

  it('C-2 RC-15 a message is stored once, numbered without a gap and told to everybody to the letter', async () => {
    const id = await talk.group(wang!, li!);
    const [a, b] = [await talk.join(id, wang!), await talk.join(id, li!)];
    const first = await a.send('你好', 'once');
    assert.deepEqual([first.seq, await a.send('你好', 'once')], [1, first]);
    const odd = '<b>“\u202eabc\u202c”</b>\n\t\u200b👨‍👩‍👧 &amp; \u0301';
    assert.equal((await b.send(odd)).seq, 2);
    await eventually(() => {
      for (const { said } of [a, b])
        assert.deepEqual(
          said.map(({ seq, content, sender }) => [seq, content, sender?.user_id]),
          [
            [1, '你好', wang!.userId],
            [2, odd, li!.userId],
          ],
        );
    });
    assert.deepEqual((await a.ask<{ messages: object[] }>('history', { limit: 10 })).messages, a.said);
    for (const content of ['', '   ', 'a\u0000b', 'x'.repeat(5001), 7])
      assert.equal(
        await b.refusal('send', { client_msg_id: 'bad', type: 'text', content }),
        'VALIDATION_FAILED',
      );
    assert.equal((await b.send('x'.repeat(5000))).seq, 3);
    const { messages, conversations } = (await talk.call('GET', '/auth/export', wang!)).data;
    assert.deepEqual(
      messages.items.map(({ content }: { content: string }) => content),
      ['你好'],
    );
    assert.ok(conversations.includes(id));
    await Promise.all([a, b].map(({ room }) => room.leave()));
  });

  it('C-3 RC-1 who was away is given what they missed, in parts without a gap', async () => {
    const id = await talk.group(wang!, li!, zhao!);
    const a = await talk.join(id, wang!);
    // Each device may write ten at once.
    const devices = [a];
    for (const by of [wang!, li!, li!, zhao!, zhao!, zhao!]) devices.push(await talk.join(id, by));
    for (const device of devices) for (let at = 1; at <= 10; at++) await device.send(`${at}`);
    const b = await talk.join(id, li!, 5);
    await eventually(() => assert.equal(b.missed.length, 1));
    const [{ from_seq, to_seq, has_more, messages }] = b.missed as [(typeof b.missed)[0]];
    assert.deepEqual([from_seq, to_seq, has_more, messages.length], [6, 55, true, 50]);
    const more = await b.ask<{ messages: { seq: number }[] }>('history', { after_seq: 55, limit: 100 });
    const seen = [...messages, ...more.messages].map(({ seq }) => seq);
    assert.deepEqual(
      seen,
      Array.from({ length: 65 }, (_, at) => at + 6),
    );
    const newcomer = await talk.join(id, li!);
    await eventually(() => assert.equal(newcomer.missed[0]?.from_seq, 21));
    assert.deepEqual([newcomer.missed[0]!.to_seq, newcomer.missed[0]!.has_more], [70, true]);
    const path = `/chat/conversations/${id}/messages?before_seq=21&limit=100`;
    const older = (await talk.call('GET', path, li!)).data.items.map(({ seq }: { seq: number }) => seq);
    assert.deepEqual(
      older,
      Array.from({ length: 20 }, (_, at) => at + 1),
    );
    await Promise.all([...devices, b, newcomer].map(({ room }) => room.leave()));
  }).timeout(60_000);

  it('C-3 RC-3 what is unread is what others have said since, and an older reading changes nothing', async () => {
    const id = await talk.group(wang!, li!);
    const [a, b] = [await talk.join(id, wang!), await talk.join(id, li!)];
    const sent = [await a.send('1'), await a.send('2'), await b.send('3'), await a.send('4')];
    assert.deepEqual([await unreadOf(li!, id), await unreadOf(wang!, id)], [3, 1]);
    assert.deepEqual(await b.ask('read', { seq: 2 }), { read_seq: 2 });
    assert.equal(await unreadOf(li!, id), 1);
    assert.deepEqual(await b.ask('read', { seq: 1 }), { read_seq: 2 });
    await a.ask('recall', { message_id: sent[3]!.message_id });
    assert.equal(await unreadOf(li!, id), 0);
    assert.deepEqual(await b.ask('read', { seq: 900 }), { read_seq: 4 });
    await eventually(() =>
      assert.deepEqual(a.reads, [
        { user_id: li!.userId, seq: 2 },
        { user_id: li!.userId, seq: 4 },
      ]),
    );
    const muted = await talk.call('PUT', `/chat/conversations/${id}/mute`, li!, { muted: true });
    assert.equal(muted.data.muted, true);
    const { items } = await listOf(li!);
    assert.equal(items.find((item: any) => item.conversation_id === id).muted, true);
    await Promise.all([a, b].map(({ room }) => room.leave()));
  });

  it('C-2 RC-4 a recalled message keeps its number and loses what it said, everywhere but in the log', async () => {
    const id = await talk.group(wang!, li!);
    const [a, b] = [await talk.join(id, wang!), await talk.join(id, li!)];
    const { message_id } = await a.send('a secret');
    assert.equal(await b.refusal('recall', { message_id }), 'FORBIDDEN');
    assert.equal(await b.refusal('recall', { message_id: 999_999_999 }), 'NOT_FOUND');
    const recalled = await a.ask<object>('recall', { message_id });
    assert.deepEqual(await a.ask('recall', { message_id }), recalled);
    await eventually(() => assert.deepEqual(b.recalled, [message_id]));
    const all = JSON.stringify([
      await a.ask<object>('history', { limit: 5 }),
      await listOf(li!),
      (await talk.call('GET', `/chat/conversations/${id}/messages`, li!)).data,
    ]);
    assert.ok(!all.includes('a secret') && all.includes('"recalled_at":"2'), all);
    const c = await talk.join(id, li!);
    await eventually(() => assert.equal(c.missed[0]?.messages[0]?.content, ''));
    const [log] = await talk.server.context.database.currentReader.findBy(AdminAuditLog, {
      action: 'message.recall',
      target_id: String(message_id),
    });
    assert.deepEqual([log?.actor_id, log?.state_before], [wang!.userId, { content: 'a secret' }]);
    await Promise.all([a, b, c].map(({ room }) => room.leave()));
  });

  it('C-1 a group takes people in and puts them out, says so, and shuts the door behind them', async () => {
    const id = await talk.group(wang!, li!);
    const [a, b] = [await talk.join(id, wang!), await talk.join(id, li!)];
    const members = `/chat/conversations/${id}/members`;
    assert.equal((await talk.call('POST', members, zhao!, { user_ids: [zhao!.userId] })).code, 'FORBIDDEN');
    assert.equal((await talk.call('POST', members, li!, { user_ids: [zhao!.userId] })).code, 'OK');
    const c = await talk.join(id, zhao!);
    await c.send('hello');
    await eventually(() =>
      assert.deepEqual(
        a.said.map(({ type }) => type),
        ['system', 'text'],
      ),
    );
    assert.equal((await talk.call('DELETE', `${members}/${wang!.userId}`, li!)).code, 'FORBIDDEN');
    assert.equal((await talk.call('DELETE', `${members}/${zhao!.userId}`, wang!)).code, 'OK');
    await eventually(() => assert.deepEqual(c.closed, [4403]));
    await assert.rejects(talk.join(id, zhao!), { code: 403 });
    assert.equal((await talk.call('GET', `/chat/conversations/${id}/messages`, zhao!)).code, 'FORBIDDEN');
    assert.equal((await talk.call('DELETE', `${members}/${li!.userId}`, li!)).code, 'OK');
    await eventually(() => assert.deepEqual(b.closed, [4403]));
    assert.equal(await unreadOf(li!, id), undefined);
    assert.equal((await a.send('alone')).seq, 5);
    await a.room.leave();
  });

  it('C-3 RC-14 who is there is shown, and who is writing is told to the others', async () => {
    const id = await talk.group(wang!, li!);
    const [a, b] = [await talk.join(id, wang!), await talk.join(id, li!)];
    await eventually(() => {
      const { online, members, type, last_seq } = a.room.state;
      assert.deepEqual([online, type, last_seq], [2, 'group', 0]);
      assert.deepEqual(
        [...members].map(({ user_id }: any) => user_id),
        [wang!.userId, li!.userId],
      );
    });
    await b.ask('typing', {});
    await eventually(() => assert.deepEqual(a.typing, [li!.userId]));
    assert.deepEqual(b.typing, []);
    await b.room.leave();
    await eventually(() => assert.equal(a.room.state.online, 1));
    await a.room.leave();
  });
});
