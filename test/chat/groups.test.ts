import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { ChatMember } from '../../entities/chat/ChatMember.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';
import { openTalk, type Talk } from './talk.ts';

const MINUTE_MS = 60_000;

forEachDatabase('a group and those who run it', (_open, openUrl) => {
  const clock = new TestClock(Date.now());
  let talk: Talk;
  let [wang, li, zhao, sun]: Login[] = [];
  before(async () => {
    talk = await openTalk(await openUrl(), { clock });
    [wang, li, zhao, sun] = [
      await talk.diner(1),
      await talk.diner(2),
      await talk.diner(3),
      await talk.diner(4),
    ];
  });
  after(() => talk?.server.close());

  const set = (id: number, by: Login, of: Login, body: object) =>
    talk.call('PUT', `/chat/conversations/${id}/members/${of.userId}`, by, body);
  const leave = (id: number, by: Login, of = by) =>
    talk.call('DELETE', `/chat/conversations/${id}/members/${of.userId}`, by);
  const rolesOf = async (id: number) => {
    const members = await talk.server.context.database.currentReader.find(ChatMember, {
      where: { conversation_id: id },
      order: { user_id: 'ASC' },
    });
    return members.map(({ user_id, role }) => [user_id, role]);
  };
  const linesOf = async (id: number, by: Login) => {
    const { items } = (await talk.call('GET', `/chat/conversations/${id}/messages`, by)).data;
    return items
      .filter(({ type }: { type: string }) => type === 'system')
      .map(({ content }: { content: string }) => JSON.parse(content));
  };

  it('C-1 its owner gives roles and hands it over, and nobody else does; each change is said', async () => {
    const id = await talk.group(wang!, li!, zhao!);
    const a = await talk.join(id, wang!);
    assert.equal((await set(id, li!, zhao!, { role: 'admin' })).code, 'FORBIDDEN');
    assert.equal((await set(id, sun!, zhao!, { role: 'admin' })).code, 'FORBIDDEN');
    assert.equal((await set(id, wang!, sun!, { role: 'admin' })).code, 'NOT_FOUND');
    assert.equal((await set(id, wang!, wang!, { role: 'member' })).code, 'CONFLICT');
    assert.equal((await set(id, wang!, li!, {})).code, 'VALIDATION_FAILED');
    const given = await set(id, wang!, li!, { role: 'admin' });
    assert.deepEqual(
      [given.code, given.data],
      ['OK', { conversation_id: id, user_id: li!.userId, role: 'admin', muted_until: null }],
    );
    // Again: nothing changes, and nothing is said.
    assert.equal((await set(id, wang!, li!, { role: 'admin' })).code, 'OK');
    // An admin is above members, and not above admins or the owner.
    assert.equal((await set(id, li!, wang!, { muted_until: null })).code, 'FORBIDDEN');
    assert.equal((await leave(id, li!, zhao)).code, 'OK');
    assert.equal((await set(id, wang!, li!, { role: 'owner' })).code, 'OK');
    assert.deepEqual(await rolesOf(id), [
      [wang!.userId, 'admin'],
      [li!.userId, 'owner'],
    ]);
    assert.equal((await set(id, wang!, li!, { role: 'member' })).code, 'FORBIDDEN');
    await eventually(() => assert.equal(a.said.length, 3));
    // Who has left is still known by name.
    assert.deepEqual(
      a.said[1]!.named!.map(({ user_id }: any) => user_id),
      [li!.userId, zhao!.userId],
    );
    assert.ok(a.said[1]!.named!.every(({ nickname }: any) => nickname !== ''));
    assert.deepEqual(
      (await linesOf(id, wang!)).map(({ event, role }: any) => [event, role]),
      [
        ['role', 'admin'],
        ['members', undefined],
        ['role', 'owner'],
      ],
    );
    const pair = await talk.call('POST', '/chat/conversations', wang!, {
      type: 'private',
      user_id: li!.userId,
    });
    assert.equal((await set(pair.data.conversation_id, wang!, li!, { role: 'admin' })).code, 'CONFLICT');
    await a.room.leave();
  });

  it('C-1 a group whose owner leaves goes to its oldest admin, else its oldest member; one that is empty stays empty', async () => {
    const id = await talk.group(wang!, li!);
    const invite = (by: Login, of: Login) =>
      talk.call('POST', `/chat/conversations/${id}/members`, by, { user_ids: [of.userId] });
    clock.advance(1000);
    await invite(li!, sun!);
    clock.advance(1000);
    await invite(li!, zhao!);
    await set(id, wang!, zhao!, { role: 'admin' });
    await leave(id, wang!);
    const { by, left, owner } = (await linesOf(id, li!)).at(-1);
    assert.deepEqual([by, left, owner], [wang!.userId, [wang!.userId], zhao!.userId]);
    await leave(id, zhao!);
    assert.deepEqual(await rolesOf(id), [
      [li!.userId, 'owner'],
      [sun!.userId, 'member'],
    ]);
    await leave(id, li!);
    assert.deepEqual(await rolesOf(id), [[sun!.userId, 'owner']]);
    assert.equal((await leave(id, sun!)).code, 'OK');
    assert.deepEqual(await rolesOf(id), []);
    assert.equal((await invite(sun!, li!)).code, 'FORBIDDEN');
    await assert.rejects(talk.join(id, sun!), { code: 403 });
  });

  it('C-1 A-11 a group whose owner closes their account goes to somebody else', async () => {
    const owner = await talk.server.login('13600000001');
    const id = await talk.group(owner, li!);
    const closed = await talk.call('DELETE', '/auth/me', owner, { code: '123456' });
    assert.equal(closed.code, 'OK');
    assert.deepEqual(await rolesOf(id), [[li!.userId, 'owner']]);
  });

  it('C-1 C-4 whoever is muted in a group is told until when, stays, and may speak once it is over', async () => {
    const id = await talk.group(wang!, li!, zhao!);
    const [a, b] = [await talk.join(id, li!), await talk.join(id, li!)];
    const first = await a.send('before', 'known');
    const until = new Date(clock.nowMs() + 10 * MINUTE_MS).toISOString();
    for (const bad of [new Date(clock.nowMs() - 1).toISOString(), '2099-01-01T00:00:00Z', 'soon'])
      assert.equal((await set(id, wang!, li!, { muted_until: bad })).code, 'VALIDATION_FAILED', bad);
    const muted = await set(id, wang!, li!, { muted_until: until, reason: '刷屏' });
    assert.deepEqual([muted.code, muted.data.muted_until], ['OK', until]);
    for (const device of [a, b]) {
      const { code, details } = await device.refusedSend('now');
      assert.deepEqual([code, details], ['FORBIDDEN', { restriction: 'mute', until, reason: '刷屏' }]);
    }
    // What is stored is answered, and reading and taking back are no speaking.
    assert.deepEqual(await a.send('before', 'known'), first);
    assert.deepEqual(await b.ask('read', { seq: 1 }), { read_seq: 1 });
    assert.deepEqual((await talk.call('GET', '/chat/restrictions', li!)).data.items, [
      { conversation_id: id, restriction: 'mute', until, reason: '刷屏' },
    ]);
    // To leave and come back does not help.
    await leave(id, li!);
    await talk.call('POST', `/chat/conversations/${id}/members`, wang!, { user_ids: [li!.userId] });
    const c = await talk.join(id, li!);
    assert.equal((await c.refusedSend('now')).code, 'FORBIDDEN');
    clock.step(-5 * MINUTE_MS);
    assert.equal((await c.refusedSend('now')).code, 'FORBIDDEN');
    clock.step(15 * MINUTE_MS);
    await c.send('after');
    assert.deepEqual((await talk.call('GET', '/chat/restrictions', li!)).data.items, []);
    await set(id, wang!, li!, { muted_until: new Date(clock.nowMs() + MINUTE_MS).toISOString() });
    assert.equal((await c.refusedSend('again')).code, 'FORBIDDEN');
    assert.equal((await set(id, wang!, li!, { muted_until: null })).data.muted_until, null);
    await c.send('lifted');
    assert.deepEqual(c.closed, []);
    await c.room.leave();
  });

  it('C-4 RC-15 a group that is slowed down takes one message of a member in so many seconds, whoever owns its room', async () => {
    const id = await talk.group(wang!, li!, zhao!);
    const settings = (by: Login, body: object) => talk.call('PUT', `/chat/conversations/${id}`, by, body);
    assert.equal((await settings(li!, { slow_mode_s: 30 })).code, 'FORBIDDEN');
    assert.equal((await settings(sun!, { slow_mode_s: 30 })).code, 'FORBIDDEN');
    assert.equal((await settings(wang!, { slow_mode_s: 3601 })).code, 'VALIDATION_FAILED');
    const changed = await settings(wang!, { slow_mode_s: 30, name: '慢慢聊' });
    assert.deepEqual(changed.data, { conversation_id: id, name: '慢慢聊', slow_mode_s: 30 });
    const [a, b] = [await talk.join(id, li!), await talk.join(id, wang!)];
    await eventually(() => assert.equal(a.room.state.name, '慢慢聊'));
    const first = await a.send('1', 'first');
    const { code, details, retry_after } = await a.refusedSend('2', 'second');
    assert.deepEqual(
      [code, details, retry_after],
      ['RATE_LIMITED', { retry_after: 30, slow_mode_s: 30 }, 30],
    );
    assert.deepEqual(await a.send('1', 'first'), first);
    for (const text of ['3', '4']) await b.send(text);
    clock.advance(20_000);
    await Promise.all([a, b].map(({ room }) => room.leave()));
    // The room has closed and is opened by another owner.
    const again = await talk.join(id, li!);
    assert.equal((await again.refusedSend('2', 'second')).retry_after, 10);
    clock.step(-25_000);
    assert.equal((await again.refusedSend('2', 'second')).retry_after, 30);
    clock.step(25_000);
    clock.advance(10_000);
    assert.equal((await again.send('2', 'second')).seq, 5);
    const { items } = (await talk.call('GET', '/chat/conversations', li!)).data;
    const listed = items.find((item: any) => item.conversation_id === id);
    assert.deepEqual([listed.name, listed.role, listed.slow_mode_s], ['慢慢聊', 'member', 30]);
    assert.equal((await settings(wang!, { slow_mode_s: 0 })).code, 'OK');
    for (const text of ['5', '6']) await again.send(text);
    await again.room.leave();
  });
});
