import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, it } from 'mocha';
import { emitEvents } from '../../src/platform/events/outbox.ts';
import { EVENT_TYPES } from '../../src/platform/events/types.ts';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { forEachDatabase } from '../support/databases.ts';
import { giveUp } from './deadLetters.ts';

forEachDatabase('events over REST', (_open, openUrl) => {
  let here: Administration;
  before(async () => {
    here = await openAdministration(await openUrl());
  });
  after(() => here?.venue.close());

  const get = async (path: string) => {
    const { code, data } = await here.call('GET', path, undefined, here.admin);
    assert.equal(code, 'OK', path);
    return data;
  };
  const post = (path: string, body?: unknown) => here.call('POST', path, body, here.admin);
  const publish = async (data: object = {}, type = 'user:action') => {
    const { code, data: told } = await post('/events/publish', { type, data });
    assert.equal(code, 'OK');
    return told.event_id as number;
  };
  const settled = async (eventId: number, status: string) => {
    for (let tries = 0; ; tries++) {
      const event = await get(`/events/${eventId}`);
      if (event.status === status) return event;
      assert.ok(tries < 100, `${event.status} is not ${status}`);
      await sleep(100);
    }
  };

  /** Until nothing that was written before waits for its handlers. */
  const allHandled = async () => {
    for (let tries = 0; ; tries++) {
      const { total } = await get('/events?status=pending&limit=1');
      const { total: claimed } = await get('/events?status=processing&limit=1');
      if (total + claimed === 0) return;
      assert.ok(tries < 100, `${total + claimed} are not handled`);
      await sleep(100);
    }
  };

  it('E-4 lists what has happened, newest first, by type and status', async () => {
    await allHandled();
    const { items, total, total_is_exact } = await get('/events?limit=100');
    assert.equal(items.length, total);
    assert.equal(total_is_exact, true);
    const ids = items.map(({ event_id }: any) => event_id as number);
    assert.deepEqual(
      ids,
      ids.toSorted((a: number, b: number) => b - a),
    );
    const logins = await get('/events?type=user%3Alogin&status=completed&limit=2');
    assert.ok(logins.total >= 4);
    assert.equal(logins.items.length, 2);
    for (const { type, status, simulated, user_id } of logins.items) {
      assert.deepEqual([type, status, simulated], ['user:login', 'completed', false]);
      assert.ok(user_id > 0);
    }
    const rest = await get(`/events?type=user%3Alogin&limit=2&before=${logins.next}`);
    assert.ok(rest.items[0].event_id < logins.items[1].event_id);
    assert.equal((await get('/events?status=dead_letter')).total, 0);
  });

  it('E-4 one event has its data, and who has handled it', async () => {
    const { bus } = here.venue.context;
    bus.on('user:action', 'test.see', async () => undefined);
    const eventId = await publish({ user_id: here.diner.userId, action: 'seen' });
    const event = await settled(eventId, 'completed');
    bus.off('user:action', 'test.see');
    assert.deepEqual(event.data, { user_id: here.diner.userId, action: 'seen' });
    assert.deepEqual([event.user_id, event.attempts, event.error], [here.diner.userId, 0, null]);
    assert.deepEqual(
      event.handlings.map(({ handler, status }: any) => [handler, status]),
      [
        ['analytics.profile', 'completed'],
        ['test.see', 'completed'],
      ],
    );
    for (const { handled_at } of event.handlings) assert.ok(Date.parse(handled_at) > 0);
    assert.equal((await here.call('GET', '/events/999999999')).code, 'NOT_FOUND');
  });

  it('E-4 all of it is for administrators', async () => {
    for (const by of [here.diner, here.staff]) {
      for (const path of ['/events', '/events/1', '/events/types', '/events/stats'])
        assert.equal((await here.call('GET', path, undefined, by)).code, 'FORBIDDEN', path);
      const body = { type: 'user:action', data: {} };
      for (const [path, given] of [['publish', body], ['1/retry'], ['retry', {}]] as const)
        assert.equal((await here.call('POST', `/events/${path}`, given, by)).code, 'FORBIDDEN', path);
    }
  });

  it('E-4 the types are those of this build, with what may be published', async () => {
    const { items } = await get('/events/types');
    assert.deepEqual(
      items.map(({ type }: any) => type),
      [...EVENT_TYPES],
    );
    const registered = items.find(({ type }: any) => type === 'user:registered');
    assert.deepEqual(
      [registered.is_handled, registered.handlers],
      [true, ['points.first-login', 'analytics.profile', 'reports.count']],
    );
    const publishable = items.filter(({ is_publishable }: any) => is_publishable);
    for (const { type } of publishable) assert.doesNotMatch(type, /^(points|lottery|approval):|registered/);
  });

  it('RE-11 what is published is marked, in the log, and never of money', async () => {
    const money = EVENT_TYPES.filter((type) => /^(points|lottery):/.test(type));
    const total = (await get('/events?limit=1')).total;
    for (const type of [...money, 'approval:decided', 'user:registered', 'user:closed'])
      assert.equal((await post('/events/publish', { type, data: {} })).code, 'FORBIDDEN', type);
    assert.equal((await post('/events/publish', { type: 'no:such', data: {} })).code, 'VALIDATION_FAILED');
    assert.equal((await get('/events?limit=1')).total, total);
    const eventId = await publish({ action: 'told' });
    assert.equal((await get(`/events/${eventId}`)).simulated, true);
    const [row] = await here.audits();
    assert.deepEqual(
      [row!.action, row!.target_id, row!.actor_id, row!.after],
      [
        'event.publish',
        String(eventId),
        here.admin.userId,
        { type: 'user:action', data: { action: 'told' } },
      ],
    );
  });

  it('RE-11 its data is bounded', async () => {
    const type = 'user:action';
    let deep: object = {};
    for (let depth = 0; depth < 6; depth++) deep = { deep };
    for (const data of [{ text: 'x'.repeat(4096) }, deep, [], 'text', null]) {
      const { code } = await post('/events/publish', { type, data });
      assert.equal(code, 'VALIDATION_FAILED', JSON.stringify(data).slice(0, 50));
    }
    await publish({ deep: { deep: [{ deep: 1 }] } });
  });

  it('RE-8 a dead letter is tried again with its id and history, and a second time nothing changes', async () => {
    const { bus, database } = here.venue.context;
    let runs = 0;
    await allHandled();
    bus.on('user:action', 'test.broken', async () => {
      if (++runs === 1) throw new Error('broken');
    });
    bus.on('user:action', 'test.whole', async () => undefined);
    const eventId = await publish();
    await settled(eventId, 'failed');
    await giveUp(database, [eventId]);
    const dead = await get(`/events/${eventId}`);
    const ofHandlers = (event: any) => event.handlings.map(({ handler, status }: any) => [handler, status]);
    assert.deepEqual(ofHandlers(dead), [
      ['analytics.profile', 'completed'],
      ['test.whole', 'completed'],
      ['test.broken', 'failed'],
    ]);
    const listed = await get('/events?status=dead_letter');
    assert.deepEqual(
      listed.items.map(({ event_id }: any) => event_id),
      [eventId],
    );
    const first = await post(`/events/${eventId}/retry`);
    assert.deepEqual(first.data, { event_id: eventId, status: 'pending', is_retried: true });
    const done = await settled(eventId, 'completed');
    assert.equal(done.error, 'Error: broken');
    assert.deepEqual(ofHandlers(done), [
      ['analytics.profile', 'completed'],
      ['test.broken', 'completed'],
      ['test.whole', 'completed'],
    ]);
    const audits = (await here.audits()).length;
    const second = await post(`/events/${eventId}/retry`);
    assert.deepEqual(second.data, { event_id: eventId, status: 'completed', is_retried: false });
    assert.equal((await here.audits()).length, audits);
    assert.equal(runs, 2);
    for (const name of ['test.broken', 'test.whole']) bus.off('user:action', name);
    assert.equal((await post('/events/999999999/retry')).code, 'NOT_FOUND');
  });

  it('RE-8 many are tried again in turn, so many a second, and those of a further call behind them', async () => {
    const { database, clock } = here.venue.context;
    const nowMs = clock.nowMs();
    const event = { type: 'user:login', userId: null, data: {} } as const;
    await database.transaction((tx) => emitEvents(tx, new Array(400).fill(event), nowMs));
    const { items } = await get('/events?limit=100');
    const last = items[0].event_id as number;
    const eventIds = Array.from({ length: 400 }, (_, at) => last - at);
    await giveUp(database, eventIds);
    assert.equal((await post('/events/retry', { type: 'user:action' })).data.retried, 0);
    const first = (await post('/events/retry', { type: 'user:login', limit: 200 })).data;
    assert.deepEqual([first.retried, first.has_more], [200, true]);
    const takesMs = Date.parse(first.last_at) - nowMs;
    assert.ok(takesMs >= 199 * 20, `${takesMs} ms`);
    const second = (await post('/events/retry', { limit: 500 })).data;
    assert.deepEqual([second.retried, second.has_more], [200, false]);
    assert.ok(Date.parse(second.last_at) - Date.parse(first.last_at) >= 199 * 20);
    // By the schedule, some of which may have been tried by now.
    const [late] = await database.read<{ late: number | string }>(
      `SELECT COUNT(*) AS late FROM business_events WHERE status = 'failed' AND attempts = 0`,
    );
    assert.ok(Number(late!.late) > 200);
    const far = new Date(clock.nowMs() + 70_000).toISOString().replace('T', ' ').slice(0, 23);
    await database.transaction((tx) =>
      tx.execute('UPDATE business_events SET available_at = ? WHERE event_id = ?', [far, last]),
    );
    await giveUp(database, [eventIds[300]!]);
    const refused = await post('/events/retry', {});
    assert.equal(refused.code, 'RATE_LIMITED');
    assert.ok(Number(refused.headers.get('Retry-After')) >= 5);
  });

  it('E-4 statistics tell what waits and was given up', async () => {
    const stats = await get('/events/stats');
    const of = Object.fromEntries(stats.by_status.map(({ status, events }: any) => [status, events]));
    assert.equal(stats.dead_letters, of.dead_letter);
    assert.ok(stats.dead_letters >= 1);
    assert.ok(stats.lag_seconds > 0 && stats.lag_seconds < 600);
    assert.ok(Date.parse(stats.oldest_pending_at) > 0);
    const { events, by_type } = stats.recent;
    assert.ok(events > 400);
    assert.ok(by_type.some(({ type }: any) => type === 'user:login'));
  });
});
