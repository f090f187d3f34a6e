import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';
import { joinChat, type Talker } from './talk.ts';

const AGENTS = 20;

forEachDatabase('customer service in chat', (_open, openUrl) => {
  let here: Administration;
  let agents: Login[];
  let dinerNumber = 0;
  before(async function () {
    this.timeout(60_000);
    here = await openAdministration(await openUrl());
    agents = [];
    for (let at = 0; at < AGENTS; at++) agents.push(await here.recruit('staff'));
  });
  after(() => here?.venue.close());

  const newDiner = () => here.venue.login(`152500000${String(++dinerNumber).padStart(2, '0')}`);
  const ask = async (by: Login, topic = '发票') => {
    const { code, data } = await here.call('POST', '/chat/conversations', { type: 'service', topic }, by);
    assert.equal(code, 'OK');
    return data as { conversation_id: number; status: string; type: string };
  };
  const doTo = (id: number, verb: string, by: Login, body?: object) =>
    here.call('POST', `/admin/chat/sessions/${id}/${verb}`, body, by);
  const goOnline = async (by: Login, limit?: number) => {
    const { code } = await here.call('PUT', '/admin/chat/agent', { online: true, limit }, by);
    assert.equal(code, 'OK');
  };
  const goOffline = async (by: Login) =>
    assert.equal((await here.call('PUT', '/admin/chat/agent', { online: false }, by)).code, 'OK');
  const listed = async (status: string, by: Login) => {
    const { data } = await here.call('GET', `/admin/chat/sessions?status=${status}&limit=100`, undefined, by);
    return data.items as { conversation_id: number; agent: { user_id: number } | null }[];
  };
  const end = async (id: number, by: Login = here.superAdmin) =>
    assert.equal((await doTo(id, 'close', by)).code, 'OK');
  const messages = async (id: number, by: Login) =>
    (await here.call('GET', `/chat/conversations/${id}/messages?limit=100`, undefined, by)) as {
      code: string;
      data: { items: { type: string; content: string; seq: number }[] };
    };
  const notes = async (id: number, by: Login) =>
    (await messages(id, by)).data.items
      .filter(({ type }) => type === 'system')
      .map(({ content }) => (JSON.parse(content) as { what: string }).what);
  const leaveAll = (talkers: Talker[]) =>
    Promise.all(talkers.filter(({ closed }) => closed.length === 0).map(({ room }) => room.leave()));

  it('C-1 a diner waits for service while nobody is on line, once, and talks with who takes it', async () => {
    const [diner, agent, other] = [await newDiner(), agents[0]!, agents[1]!];
    const asked = await ask(diner);
    assert.deepEqual([asked.status, asked.type], ['waiting', 'service']);
    const { conversation_id: id } = asked;
    const again = await Promise.all([ask(diner), ask(diner, '别的')]);
    assert.deepEqual(
      again.map((one) => one.conversation_id),
      [id, id],
    );
    const a = await joinChat(here.venue.origin, id, diner);
    assert.equal((await a.send('有人吗')).seq, 1);
    assert.equal((await messages(id, agent)).code, 'FORBIDDEN');
    assert.deepEqual(
      (await listed('waiting', agent)).map((one) => one.conversation_id),
      [id],
    );
    const taken = await doTo(id, 'take', agent);
    assert.deepEqual(
      [taken.code, taken.data.status, taken.data.agent.user_id],
      ['OK', 'assigned', agent.userId],
    );
    assert.equal((await doTo(id, 'take', agent)).code, 'CONFLICT');
    const { data } = await here.call('GET', '/chat/conversations', undefined, agent);
    const own = data.items.find((one: { conversation_id: number }) => one.conversation_id === id);
    assert.deepEqual([own.type, own.unread], ['service', 1]);
    const b = await joinChat(here.venue.origin, id, agent);
    assert.equal((await b.send('您好')).seq, 3);
    await eventually(() =>
      assert.deepEqual(
        a.said.map(({ seq }) => seq),
        [1, 2, 3],
      ),
    );
    assert.equal((await doTo(id, 'close', other)).code, 'FORBIDDEN');
    assert.equal((await doTo(id, 'resolve', agent)).data.status, 'resolved');
    await eventually(() => assert.deepEqual(b.closed, [4403]));
    assert.equal((await messages(id, agent)).code, 'FORBIDDEN');
    assert.equal(await a.refusal('send', { client_msg_id: 'late', type: 'text', content: 'x' }), 'CONFLICT');
    assert.deepEqual(await notes(id, diner), ['joined', 'resolved']);
    assert.equal((await doTo(id, 'close', agent)).code, 'CONFLICT');
    await leaveAll([a, b]);
  });

  it('RC-9 a session is rated once, and anew when it is opened again in the same conversation', async () => {
    const diner = await newDiner();
    const { conversation_id: id } = await ask(diner);
    const rate = (by: Login, rating: number) =>
      here.call('POST', `/chat/conversations/${id}/rating`, { rating }, by);
    assert.equal((await rate(diner, 5)).code, 'CONFLICT', 'nobody has served them');
    await doTo(id, 'take', agents[0]!);
    assert.equal((await rate(agents[0]!, 5)).code, 'FORBIDDEN');
    assert.equal((await rate(agents[1]!, 5)).code, 'FORBIDDEN');
    await end(id);
    assert.equal((await rate(diner, 6)).code, 'VALIDATION_FAILED');
    const ratings = await Promise.all([rate(diner, 4), rate(diner, 4)]);
    assert.deepEqual(ratings.map(({ code }) => code).sort(), ['CONFLICT', 'OK']);
    const again = await ask(diner);
    assert.deepEqual([again.conversation_id, again.status], [id, 'waiting']);
    assert.equal((await rate(diner, 1)).code, 'CONFLICT');
    assert.equal((await doTo(id, 'take', agents[1]!)).code, 'OK');
    await end(id, agents[1]);
    assert.equal((await rate(diner, 2)).code, 'OK');
    assert.deepEqual(await notes(id, diner), ['joined', 'closed', 'reopened', 'joined', 'closed']);
    const { data } = await here.call('GET', '/auth/export', undefined, diner);
    assert.deepEqual(
      data.service_sessions.items.map(({ rating, status }: any) => [rating, status]),
      [
        [2, 'closed'],
        [4, 'closed'],
      ],
    );
  });

  it('RC-6 twenty agents take one session: one gets it, the others are told that it is taken', async () => {
    const { conversation_id: id } = await ask(await newDiner());
    const taken = await Promise.all(agents.map((agent) => doTo(id, 'take', agent)));
    const codes = taken.map(({ code }) => code);
    assert.equal(codes.filter((code) => code === 'OK').length, 1);
    assert.equal(codes.filter((code) => code === 'CONFLICT').length, AGENTS - 1);
    const { data } = await here.call('GET', '/admin/chat/agents');
    const counts = data.items.map((one: { open_sessions: number }) => one.open_sessions);
    assert.deepEqual([Math.max(...counts), counts.reduce((a: number, b: number) => a + b)], [1, 1]);
    await end(id);
  });

  it('RC-7 those who wait go oldest first within a second of somebody coming on line or getting free', async () => {
    const ids: number[] = [];
    for (let at = 0; at < 4; at++) ids.push((await ask(await newDiner())).conversation_id);
    const agent = agents[0]!;
    const has = async () =>
      (await listed('assigned', agent)).map((one) => one.conversation_id).sort((a, b) => a - b);
    const within = (expected: number[]) =>
      eventually(async () => assert.deepEqual(await has(), expected), 1000);
    await goOnline(agent, 2);
    await within(ids.slice(0, 2));
    await end(ids[0]!, agent);
    await within(ids.slice(1, 3));
    await end(ids[1]!, agent);
    await within(ids.slice(2, 4));
    await end(ids[2]!, agent);
    // Somebody who asks now is served at once.
    assert.equal((await ask(await newDiner())).status, 'assigned');
    await goOffline(agent);
    assert.equal((await ask(await newDiner())).status, 'waiting');
    for (const { conversation_id: id } of [
      ...(await listed('assigned', agent)),
      ...(await listed('waiting', agent)),
    ])
      await end(id);
  });

  it('RC-8 whoever transfers a session is out of it at once, and is not given it back', async () => {
    const [from, to, diner] = [agents[0]!, agents[1]!, await newDiner()];
    const { conversation_id: id } = await ask(diner);
    await doTo(id, 'take', from);
    const [a, b] = [
      await joinChat(here.venue.origin, id, diner),
      await joinChat(here.venue.origin, id, from),
    ];
    assert.equal((await doTo(id, 'transfer', from, { agent_id: to.userId })).code, 'CONFLICT', 'off line');
    await goOnline(to, 1);
    assert.equal((await doTo(id, 'transfer', to, { agent_id: to.userId })).code, 'FORBIDDEN');
    assert.equal((await doTo(id, 'transfer', from, { agent_id: to.userId })).code, 'OK');
    await eventually(() => assert.deepEqual(b.closed, [4403]));
    assert.equal((await messages(id, from)).code, 'FORBIDDEN');
    await assert.rejects(joinChat(here.venue.origin, id, from), { code: 403 });
    const c = await joinChat(here.venue.origin, id, to);
    const { conversation_id: second } = await ask(await newDiner());
    await doTo(second, 'take', from);
    const full = await doTo(second, 'transfer', from, { agent_id: to.userId });
    assert.equal(full.code, 'CONFLICT', 'they have as many as they may');
    assert.equal((await doTo(id, 'transfer', to, {})).data.status, 'waiting');
    await eventually(() => assert.deepEqual(c.closed, [4403]));
    // The only one on line is who gave it away.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.deepEqual(
      (await listed('waiting', to)).map((one) => one.conversation_id),
      [id],
    );
    await goOnline(agents[2]!, 1);
    await eventually(async () =>
      assert.deepEqual(
        (await listed('assigned', to)).find((one) => one.conversation_id === id)?.agent?.user_id,
        agents[2]!.userId,
      ),
    );
    assert.deepEqual(await notes(id, diner), ['joined', 'transferred', 'queued', 'joined']);
    await eventually(() => assert.equal(a.said.length, 3));
    for (const agent of [to, agents[2]!]) await goOffline(agent);
    await end(id);
    await end(second);
    await leaveAll([a, b, c]);
  });
});
