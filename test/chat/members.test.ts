import assert from 'node:assert/strict';
import { Client } from '@colyseus/sdk';
import { after, before, it } from 'mocha';
import type { SyncMessage } from '../../rooms/user/syncOutbox.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';
import { openTalk, type Talk } from './talk.ts';

forEachDatabase('who is in a conversation, and what of it is told beyond it', (_open, openUrl) => {
  let talk: Talk;
  before(async () => {
    talk = await openTalk(await openUrl());
  });
  after(() => talk?.server.close());

  const membersOf = async (id: number, by: Login) =>
    (await talk.call('GET', `/chat/conversations/${id}/members`, by)).data.items as any[];
  /** What a device of somebody is told of their conversations. */
  const listen = async ({ token }: Login): Promise<SyncMessage[]> => {
    const client = new Client(talk.server.origin);
    client.auth.token = token;
    const heard: SyncMessage[] = [];
    const room = await client.joinOrCreate('notifications');
    room.onMessage('*', (type, message: SyncMessage) => {
      if (type === 'sync' && message.entity === 'chat') heard.push(message);
    });
    return heard;
  };

  it('C-1 members see each other by role, with how far each has read; who is silenced, those who run it', async () => {
    const [owner, admin, member] = [await talk.diner(1), await talk.diner(2), await talk.diner(3)];
    const id = await talk.group(owner, member, admin);
    const path = `/chat/conversations/${id}/members`;
    await talk.call('PUT', `${path}/${admin.userId}`, owner, { role: 'admin' });
    const until = new Date(Date.now() + 60_000).toISOString();
    await talk.call('PUT', `${path}/${member.userId}`, owner, { muted_until: until });
    const seat = await talk.join(id, owner);
    const { seq } = await seat.send('你好');
    await seat.ask('read', { seq });
    const seen = await membersOf(id, admin);
    assert.deepEqual(
      seen.map(({ user, role, muted_until, read_seq }) => [user.user_id, role, muted_until, read_seq]),
      [
        [owner.userId, 'owner', null, seq],
        [admin.userId, 'admin', null, 0],
        [member.userId, 'member', until, 0],
      ],
    );
    const own = await membersOf(id, member);
    assert.equal(own.find(({ user }) => user.user_id === member.userId).muted_until, until);
    await talk.call('PUT', `${path}/${admin.userId}`, owner, { muted_until: until });
    assert.equal((await membersOf(id, member)).find(({ role }) => role === 'admin').muted_until, null);
    const { code } = await talk.call('GET', path, await talk.diner(4));
    assert.equal(code, 'FORBIDDEN');
  });

  it('C-8 RC-3 members hear of what is said, read and taken back elsewhere, and of coming and going', async () => {
    const [one, other, third] = [await talk.diner(5), await talk.diner(6), await talk.diner(7)];
    const [heard, heardByThird] = [await listen(other), await listen(third)];
    const id = await talk.group(one, other);
    await eventually(() => assert.equal(heard.at(-1)?.id, id));
    const seats = [await talk.join(id, one), await talk.join(id, other)] as const;
    const { seq, message_id } = await seats[0].send('在吗');
    await eventually(() => assert.deepEqual(heard.at(-1)?.change, { last_seq: seq }));
    const before = heard.length;
    await seats[1].ask('read', { seq });
    await eventually(() => assert.equal(heard.length, before + 1));
    await seats[0].ask('recall', { message_id });
    await eventually(() => assert.equal(heard.length, before + 2));
    assert.deepEqual(heardByThird, []);
    await talk.call('POST', `/chat/conversations/${id}/members`, one, { user_ids: [third.userId] });
    await eventually(() => assert.equal(heardByThird.length, 1));
    await talk.call('DELETE', `/chat/conversations/${id}/members/${third.userId}`, one);
    await eventually(() => assert.equal(heardByThird.length, 2));
  });

  it('C-1 a diner sees their turn in the queue, who has them, and rates once it is over', async () => {
    const [first, second] = [await talk.diner(8), await talk.diner(9)];
    const staff = await talk.server.login('13800000002');
    const ask = async (by: Login) =>
      (await talk.call('POST', '/chat/conversations', by, { type: 'service', topic: '发票' })).data
        .conversation_id as number;
    const [mine, theirs] = [await ask(first), await ask(second)];
    const see = async (id: number, by: Login) =>
      (await talk.call('GET', `/chat/conversations/${id}/service`, by)).data;
    assert.equal((await see(mine, first)).position, 1);
    assert.equal((await see(theirs, second)).position, 2);
    await talk.call('POST', `/admin/chat/sessions/${mine}/take`, staff);
    const taken = await see(mine, first);
    assert.deepEqual([taken.status, taken.position, taken.may_rate], ['assigned', null, false]);
    assert.deepEqual([taken.agent.user_id, taken.agent.is_staff], [staff.userId, true]);
    assert.equal((await see(theirs, second)).position, 1);
    await talk.call('POST', `/admin/chat/sessions/${mine}/resolve`, staff);
    assert.equal((await see(mine, first)).may_rate, true);
    await talk.call('POST', `/chat/conversations/${mine}/rating`, first, { rating: 4 });
    const rated = await see(mine, first);
    assert.deepEqual([rated.rating, rated.may_rate], [4, false]);
    assert.equal((await talk.call('GET', `/chat/conversations/${mine}/service`, second)).code, 'FORBIDDEN');
  });
});
