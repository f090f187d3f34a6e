import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { AdminStatus } from '../../entities/chat/AdminStatus.ts';
import { Attendance } from '../../src/chat/service/attendance.ts';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';
import { joinChat } from './talk.ts';

const STEP_MS = 5000;
const MINUTE_MS = 60_000;

forEachDatabase('who serves diners', (_open, openUrl) => {
  let here: Administration;
  let clock: TestClock;
  /** The node where agents sit, and one that has never seen them, both by the same time. */
  let nodes: Attendance[];
  before(async () => {
    here = await openAdministration(await openUrl());
    const { context } = here.venue;
    clock = new TestClock(Date.now());
    const nobody = { isSeated: () => false };
    nodes = [context.seatedPeople, nobody].map(
      (seatedPeople) => new Attendance({ ...context, clock, seatedPeople }),
    );
  });
  after(() => here?.venue.close());

  const statusOf = async ({ userId }: Login) =>
    (await here.venue.context.database.currentReader.findOneByOrFail(AdminStatus, { user_id: userId }))
      .status;
  /** @returns how long it took until they were gone, or as long as was looked */
  const look = async (agent: Login, forMs: number) => {
    for (let passedMs = 0; passedMs < forMs; passedMs += STEP_MS) {
      for (const node of nodes) await node.look();
      if ((await statusOf(agent)) === 'gone') return passedMs;
      clock.advance(STEP_MS);
    }
    return forMs;
  };
  const ask = async (by: Login) =>
    (await here.call('POST', '/chat/conversations', { type: 'service' }, by)).data.conversation_id as number;
  const take = async (id: number, by: Login) =>
    assert.equal((await here.call('POST', `/admin/chat/sessions/${id}/take`, undefined, by)).code, 'OK');
  const statusIn = async (id: number) => {
    for (const status of ['waiting', 'assigned']) {
      const { data } = await here.call('GET', `/admin/chat/sessions?status=${status}&limit=100`);
      const items = data.items as { conversation_id: number; agent: { user_id: number } | null }[];
      const at = items.findIndex((one) => one.conversation_id === id);
      if (at !== -1) return { status, at, agentId: items[at]!.agent?.user_id };
    }
    return undefined;
  };
  const notesOf = async (id: number, by: Login) => {
    const { data } = await here.call('GET', `/chat/conversations/${id}/messages?limit=100`, undefined, by);
    return (data.items as { type: string; content: string }[])
      .filter(({ type }) => type === 'system')
      .map(({ content }) => JSON.parse(content) as { what: string; why?: string });
  };

  it('RC-8 an agent who sits anywhere is there, a reload is not gone, and after 60 s what they had is first in the queue', async () => {
    const [agent, diner] = [await here.recruit('staff'), await here.venue.login('13900000002')];
    const id = await ask(diner);
    await take(id, agent);
    const later = await ask(await here.venue.login('13900000003'));
    const seat = await joinChat(here.venue.origin, id, agent);
    assert.equal(await look(agent, 5 * MINUTE_MS), 5 * MINUTE_MS, 'they sit there');
    await seat.room.leave();
    await eventually(() => assert.ok(!here.venue.context.seatedPeople.isSeated(agent.userId)));
    assert.equal(await look(agent, 50_000), 50_000, 'they load the page again');
    const again = await joinChat(here.venue.origin, id, agent);
    assert.equal(await look(agent, 2 * MINUTE_MS), 2 * MINUTE_MS);
    assert.equal((await statusIn(id))?.status, 'assigned');
    await again.room.leave();
    await eventually(() => assert.ok(!here.venue.context.seatedPeople.isSeated(agent.userId)));
    const goneMs = await look(agent, 5 * MINUTE_MS);
    assert.ok(goneMs >= MINUTE_MS && goneMs <= 2 * MINUTE_MS, `${goneMs} ms`);
    for (const node of nodes) await node.look();
    await eventually(async () =>
      assert.deepEqual(await statusIn(id), { status: 'waiting', at: 0, agentId: undefined }),
    );
    assert.equal((await statusIn(later))?.at, 1);
    await assert.rejects(joinChat(here.venue.origin, id, agent), { code: 403 });
    assert.deepEqual(
      (await notesOf(id, diner)).map(({ what, why }) => [what, why]),
      [
        ['joined', undefined],
        ['queued', 'gone'],
      ],
    );
    // Whoever comes on line is given it before the one that has waited longer than it.
    const next = await here.recruit('staff');
    await here.call('PUT', '/admin/chat/agent', { online: true, limit: 1 }, next);
    await eventually(async () => assert.equal((await statusIn(id))?.agentId, next.userId), 1000);
    assert.equal((await statusIn(later))?.status, 'waiting');
    await here.call('PUT', '/admin/chat/agent', { online: false }, next);
    for (const one of [id, later]) await here.call('POST', `/admin/chat/sessions/${one}/close`);
  }).timeout(60_000);

  it('RC-8 TIME-1 a node that stood still, or whose clock was set, takes nobody for gone', async () => {
    const agent = await here.recruit('staff');
    await here.call('PUT', '/admin/chat/agent', { online: true }, agent);
    const [, other] = nodes as [Attendance, Attendance];
    await other.look();
    clock.advance(10 * MINUTE_MS);
    await other.look();
    await other.look();
    clock.step(10 * MINUTE_MS);
    await other.look();
    assert.equal(await statusOf(agent), 'online');
    const goneMs = await look(agent, 5 * MINUTE_MS);
    assert.ok(goneMs >= MINUTE_MS - STEP_MS && goneMs <= 2 * MINUTE_MS, `${goneMs} ms`);
  });

  it('RC-8 A-5 whoever may not serve any more has nothing to serve within seconds', async () => {
    const [agent, diner] = [await here.recruit('staff'), await here.venue.login('13900000004')];
    const id = await ask(diner);
    await take(id, agent);
    const body = { role: 'user', reason: 'has left' };
    assert.equal((await here.call('POST', `/admin/users/${agent.userId}/role`, body)).code, 'OK');
    await eventually(async () => assert.equal((await statusIn(id))?.status, 'waiting'));
    const { code } = await here.call('GET', `/chat/conversations/${id}/messages`, undefined, agent);
    assert.equal(code, 'FORBIDDEN');
    await here.call('POST', `/admin/chat/sessions/${id}/close`);
  });

  it('A-11 a diner who closes their account waits no longer, and leaves their agent free', async () => {
    const [agent, diner] = [await here.recruit('staff'), await here.recruit()];
    const id = await ask(diner);
    await take(id, agent);
    assert.equal((await here.call('DELETE', '/auth/me', { code: '123456' }, diner)).code, 'OK');
    assert.equal(await statusIn(id), undefined);
    const { data } = await here.call('GET', '/admin/chat/agents');
    const own = data.items.find((one: { user_id: number }) => one.user_id === agent.userId);
    assert.equal(own.open_sessions, 0);
    assert.equal((await here.call('POST', `/admin/chat/sessions/${id}/close`)).code, 'CONFLICT');
  });
});
