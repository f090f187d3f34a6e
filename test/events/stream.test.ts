import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, it } from 'mocha';
import { emitEvents, type NewEvent } from '../../src/platform/events/outbox.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { forEachDatabase } from '../support/databases.ts';
import { listenSlowly, openStream, type AskedOfServer, type OpenStream } from './streamClient.ts';

forEachDatabase('the live stream of events', (_open, openUrl) => {
  let here: Administration;
  const opened: OpenStream[] = [];
  before(async () => {
    here = await openAdministration(await openUrl());
  });
  afterEach(() => {
    for (const stream of opened.splice(0)) stream.close();
  });
  after(() => here?.venue.close());

  const listen = async (asked: AskedOfServer = {}) => {
    const stream = await openStream(here.venue.origin, { token: here.admin.token, ...asked });
    opened.push(stream);
    if (stream.status === 200) await stream.begun();
    return stream;
  };
  const emit = (events: readonly NewEvent[]) =>
    here.venue.context.database.transaction((tx) => emitEvents(tx, events, Date.now()));
  const action = (n: number): NewEvent => ({ type: 'user:action', userId: null, data: { n } });
  const numbers = ({ frames }: OpenStream) => frames.map(({ data }) => data.data.n as number);
  const endsWithin = async (stream: OpenStream, ms: number) => {
    const began = performance.now();
    await Promise.race([stream.ended, sleep(ms + 3000)]);
    assert.ok(performance.now() - began < ms, `${performance.now() - began} ms`);
  };

  it('E-4 tells what happens, with the request of a draw, and of the types that were asked for alone', async () => {
    const all = await listen();
    const draws = await listen({ query: '?types=lottery:draw_completed,points:expired' });
    assert.equal(all.status, 200);
    const body = { campaign_id: 1, request_id: 'streamed-1', draw_count: 2 };
    assert.equal((await here.call('POST', '/lottery/draw', body, here.diner)).code, 'OK');
    await emit([action(1)]);
    const [frame] = await draws.until(1);
    assert.equal(frame!.event, 'lottery:draw_completed');
    const { event_id, type, user_id, simulated, data } = frame!.data;
    assert.deepEqual(
      [type, user_id, simulated, data.request_id, data.draws.length],
      ['lottery:draw_completed', here.diner.userId, false, 'streamed-1', 2],
    );
    const listed = await here.call('GET', `/events/${event_id}`);
    assert.deepEqual(listed.data.data, data);
    const told = await all.until(2);
    assert.deepEqual(
      told.filter(({ event }) => /draw|action/.test(event)).map(({ event }) => event),
      ['lottery:draw_completed', 'user:action'],
    );
    const ids = told.map(({ id }) => id);
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => a - b),
    );
    assert.equal(draws.frames.length, 1);
  });

  it('RE-9 goes through as it is: neither compressed nor kept nor held back', async () => {
    const { headers, comments } = await listen();
    assert.match(headers.get('content-type')!, /^text\/event-stream/);
    assert.equal(headers.get('content-encoding'), null);
    assert.match(headers.get('cache-control')!, /no-transform/);
    assert.equal(headers.get('x-accel-buffering'), 'no');
    assert.deepEqual(comments, ['open']);
    const head = await fetch(`${here.venue.origin}/api/v3/events/stream`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${here.admin.token}` },
    });
    assert.equal(head.status, 200);
    await sleep(100);
    assert.equal(here.venue.context.eventStreams.size, 1);
  });

  it('RE-9 is never silent for 15 s, and its comments carry the number that was reached', async function () {
    this.timeout(30_000);
    const stream = await listen({ query: '?types=points:expired' });
    const first = Number(stream.lastId);
    await emit([action(1), action(2)]);
    await sleep(11_000);
    assert.ok(stream.comments.includes('heartbeat'));
    assert.deepEqual(stream.frames, []);
    assert.ok(Number(stream.lastId) >= first + 2);
  });

  it('RE-9 Last-Event-ID goes on exactly where the client left off', async () => {
    const first = await listen({ query: '?types=user:action' });
    await emit([action(1), action(2)]);
    await first.until(2);
    first.close();
    await sleep(50);
    // While nobody listens.
    await emit([action(3)]);
    await emit([action(4), action(5)]);
    const second = await listen({ query: '?types=user:action', lastId: first.lastId });
    await second.until(3);
    await emit([action(6)]);
    await second.until(4);
    assert.deepEqual(numbers(second), [3, 4, 5, 6]);
    const again = await listen({ query: '?types=user:action', lastId: first.frames[0]!.id });
    await again.until(5);
    assert.deepEqual(numbers(again), [2, 3, 4, 5, 6]);
    assert.deepEqual(again.frames.slice(1), second.frames);
    const fresh = await listen({ query: '?types=user:action' });
    await emit([action(7)]);
    await fresh.until(1);
    assert.deepEqual(numbers(fresh), [7]);
  });

  it('RE-9 what is older than memory is told too, from the table', async function () {
    this.timeout(30_000);
    const first = await listen({ query: '?types=user:action' });
    await emit([action(0)]);
    await first.until(1);
    first.close();
    const size = LIMITS.eventsInMemory;
    for (let from = 1; from < 3 * size; from += size)
      await emit(Array.from({ length: size }, (_, at) => action(from + at)));
    const late = await listen({ query: '?types=user:action', lastId: first.lastId });
    await late.until(3 * size, 20_000);
    await emit([action(3 * size + 1)]);
    await late.until(3 * size + 1);
    assert.deepEqual(
      numbers(late),
      Array.from({ length: 3 * size + 1 }, (_, at) => at + 1),
    );
  });

  it('RE-9 a slow reader is told how much was dropped, and has the rest', async function () {
    this.timeout(60_000);
    const stream = await listenSlowly(here.venue.origin, here.admin.token);
    const text = 'x'.repeat(60_000);
    const count = 700;
    for (let from = 0; from < count; from += 100) {
      await emit(
        Array.from({ length: 100 }, (_, at) => ({ ...action(from + at), data: { n: from + at, text } })),
      );
      await sleep(300);
    }
    stream.goOn();
    const dropped = () =>
      stream.frames.reduce(
        (sum, { event, data }) => sum + (event === 'lagged' ? (data.dropped as number) : 0),
        0,
      );
    const actions = () => stream.frames.filter(({ event }) => event === 'user:action');
    for (let tries = 0; actions().length + dropped() < count && tries < 300; tries++) await sleep(50);
    stream.close();
    assert.equal(actions().length + dropped(), count);
    assert.ok(dropped() > 0, 'nothing was dropped');
    assert.equal(actions().at(-1)!.data.data.n, count - 1);
    const ids = stream.frames.map(({ id }) => id);
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => a - b),
    );
  });

  it('RE-9 an id that is too old, or of no event, is answered with one resync first', async function () {
    this.timeout(60_000);
    const { database } = here.venue.context;
    const before = await listen();
    const stale = before.lastId;
    before.close();
    await sleep(300);
    for (let n = 0; n < 11; n++) await emit(Array.from({ length: 1000 }, (_, at) => action(at)));
    const stream = await listen({ lastId: stale });
    await emit([action(1)]);
    const [resync, next] = await stream.until(2);
    assert.equal(resync!.event, 'resync');
    assert.equal(resync!.data.last_id, resync!.id);
    assert.deepEqual([next!.event, next!.id], ['user:action', resync!.id + 1]);
    const [{ kept }] = (await database.read<{ kept: number | string }>(
      'SELECT COUNT(*) AS kept FROM event_stream',
    )) as [{ kept: number | string }];
    assert.ok(Number(kept) <= LIMITS.streamedEvents, String(kept));
    const never = await listen({ lastId: 999_999_999_999 });
    assert.equal((await never.until(1))[0]!.event, 'resync');
    assert.equal((await listen({ lastId: 'x' })).code, 'VALIDATION_FAILED');
  });

  it('RE-10 what was rolled back is told by nobody, and stops nobody', async () => {
    const { database } = here.venue.context;
    const stream = await listen({ query: '?types=user:action' });
    await assert.rejects(
      database.transaction(async (tx) => {
        await emitEvents(tx, [action(1)], Date.now());
        throw new Error('rolled back');
      }),
    );
    await emit([action(2)]);
    await stream.until(1);
    await sleep(500);
    assert.deepEqual(numbers(stream), [2]);
    assert.equal((await here.call('GET', '/events?type=user%3Aaction&limit=1')).data.items[0].user_id, null);
  });

  it('E-4 is for administrators, and a person has so many of them', async () => {
    assert.equal((await listen({ token: here.diner.token })).code, 'FORBIDDEN');
    assert.equal((await listen({ token: 'none' })).code, 'UNAUTHENTICATED');
    assert.equal((await listen({ query: '?types=no' })).code, 'VALIDATION_FAILED');
    for (let n = 0; n < LIMITS.eventStreamsPerPerson; n++) assert.equal((await listen()).status, 200);
    assert.equal((await listen()).code, 'RATE_LIMITED');
    assert.equal((await listen({ token: here.superAdmin.token })).status, 200);
    opened[3]!.close();
    await sleep(200);
    assert.equal((await listen()).status, 200);
  });

  it('RE-9 ends within a second when the permission or the login is taken away', async () => {
    const person = await here.recruit('admin');
    const listening = await listen({ token: person.token });
    const permission = { permission: 'events:read', is_granted: false };
    const path = `/admin/users/${person.userId}`;
    assert.equal((await here.call('PUT', `${path}/permissions`, permission)).code, 'OK');
    await endsWithin(listening, 1000);
    await here.call('PUT', `${path}/permissions`, { ...permission, is_granted: true });
    const again = await listen({ token: person.token });
    assert.equal(again.status, 200);
    assert.equal((await here.call('DELETE', `${path}/sessions`)).code, 'OK');
    await endsWithin(again, 1000);
    assert.equal((await listen({ token: person.token })).code, 'TOKEN_REVOKED');
  });

  it('E-4 a machine with the permission listens until its key is revoked', async () => {
    const body = { name: 'ops', permissions: ['events:read'] };
    const { data } = await here.call('POST', '/admin/api-keys', body);
    const stream = await listen({ token: data.key });
    await emit([action(1)]);
    await stream.until(1);
    assert.equal((await here.call('DELETE', `/admin/api-keys/${data.api_key_id}`)).code, 'OK');
    await endsWithin(stream, 1000);
  });

  it('E-4 nothing is done for nobody, and all are sent away at the end', async () => {
    const { eventStreams, database } = here.venue.context;
    await sleep(500);
    assert.equal(eventStreams.size, 0);
    await emit([action(1)]);
    await sleep(600);
    const [row] = await database.read<{ left: number | string }>(
      `SELECT COUNT(*) AS "left" FROM business_events e
       WHERE e.event_id > (SELECT event_id FROM event_stream_heads)`.replaceAll('"', '`'),
    );
    assert.equal(Number(row!.left), 1);
    const stream = await listen();
    await eventStreams.close();
    await endsWithin(stream, 500);
    assert.equal((await listen()).code, 'BUSY');
  });
});
