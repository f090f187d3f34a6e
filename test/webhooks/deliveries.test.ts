import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, it } from 'mocha';
import { BusinessEvent } from '../../entities/platform/BusinessEvent.ts';
import { emit, until } from '../platform/events/relays.ts';
import { EVENT_TYPES } from '../../src/platform/events/types.ts';
import { forEachDatabase } from '../support/databases.ts';
import { accept, beSilent, refuseWith, signatureOf, startReceiver } from './receiver.ts';
import { openTold, type Told } from './told.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const outcomeOf = ({ status, code }: { status: number; code: string }) => [status, code];

forEachDatabase('webhook deliveries', (_open, openUrl) => {
  let here: Told;
  before(async () => {
    here = await openTold(await openUrl());
  });
  after(() => here?.close());
  afterEach('endpoints of a test are gone', () => here.forget());
  const got = async (count: number) => {
    await until(() => here.receiver.received.length >= count);
    return here.receiver.received;
  };

  it('E-6 an event is told once, signed as Standard Webhooks are', async () => {
    const { id, secret } = await here.endpoint(['points:earned']);
    await here.earn();
    const [one] = await got(1);
    assert.deepEqual([one!.path, one!.contentType], ['/events', 'application/json']);
    assert.deepEqual(one!.signatures, [signatureOf(one!, secret)]);
    assert.equal(Number(one!.timestamp), Math.floor(here.clock.nowMs() / 1000));
    assert.deepEqual(Object.keys(one!.body), ['type', 'timestamp', 'data']);
    assert.equal(one!.body.type, 'points:earned');
    assert.equal(one!.body.timestamp, new Date(here.clock.nowMs()).toISOString());
    assert.deepEqual([one!.body.data['user_id'], one!.body.data['amount']], [here.diner.userId, 1.5]);
    assert.equal(one!.body.data['reason'], '生日 "x"');
    const delivery = await here.newest(id, { status: 'delivered' });
    assert.equal(one!.id, `evt_${delivery.event_id}`);
    const at = new Date(here.clock.nowMs()).toISOString();
    assert.deepEqual(delivery, {
      delivery_id: delivery.delivery_id,
      webhook_id: id,
      event_id: delivery.event_id,
      type: 'points:earned',
      status: 'delivered',
      attempts: 1,
      last_status: 204,
      last_error: null,
      next_at: null,
      created_at: at,
      finished_at: at,
    });
    await sleep(1500);
    assert.equal(here.receiver.received.length, 1);
  });

  it('E-6 an endpoint is told what it asks for, and what nobody asks for costs nothing', async () => {
    const { bus, database } = here.venue.context;
    const isAsked = (type: string) => bus.handlersOf(type).includes('webhooks');
    assert.equal(isAsked('points:earned'), false);
    // Nothing is earned: whoever lets it be has logged in before.
    await here.earn(0);
    const exact = await here.endpoint(['points:earned']);
    const prefix = await here.endpoint(['points:*', 'user:login']);
    const other = await here.endpoint(['lottery:*']);
    assert.deepEqual([isAsked('points:earned'), isAsked('user:login')], [true, true]);
    await here.earn(2);
    await here.venue.login('13900000001');
    await here.all(exact.id, 2, { status: 'delivered' });
    await here.all(prefix.id, 3, { status: 'delivered' });
    const typesOf = async (id: number) => (await here.deliveries(id)).map(({ type }) => type);
    assert.deepEqual(await typesOf(exact.id), ['points:earned', 'points:earned']);
    assert.deepEqual((await typesOf(prefix.id)).toSorted(), ['points:earned', 'points:earned', 'user:login']);
    assert.deepEqual(await typesOf(other.id), []);
    // The same event has the same id wherever it is told.
    assert.equal(new Set(here.receiver.received.map(({ id }) => id)).size, 3);
    for (const { id } of [exact, prefix, other]) await here.remove(id);
    assert.equal(isAsked('points:earned'), false);
    // Once the relay has said so, with its next sweep.
    const unasked = EVENT_TYPES.find((type) => bus.handlersOf(type).length === 0)!;
    await until(async () => {
      await emit(database, [{ type: unasked }]);
      const [event] = await database.currentReader.find(BusinessEvent, {
        where: { event_type: unasked },
        order: { event_id: 'DESC' },
        take: 1,
      });
      return event?.status === 'completed' && event.claimed_by === null;
    });
  });

  it('E-6 after a rotation both secrets sign for a day, and then the new one', async () => {
    const { id, secret } = await here.endpoint(['points:earned']);
    const { data } = await here.call('POST', `/admin/webhooks/${id}/rotate`);
    await here.earn();
    const [first] = await got(1);
    assert.deepEqual(first!.signatures, [signatureOf(first!, data.secret), signatureOf(first!, secret)]);
    here.clock.advance(DAY_MS);
    await here.earn();
    const [, second] = await got(2);
    assert.deepEqual(second!.signatures, [signatureOf(second!, data.secret)]);
  });

  it('E-6 what fails is tried again under the same id: 5xx, redirects that are not followed, broken answers', async () => {
    const { id, secret } = await here.endpoint(['points:earned']);
    here.receiver.answer(refuseWith(500));
    await here.earn();
    const failed = await here.newest(id, { attempts: 1 });
    assert.deepEqual(
      [failed.status, failed.last_status, failed.last_error],
      ['pending', 500, 'it answered 500'],
    );
    const waitMs = Date.parse(failed.next_at) - here.clock.nowMs();
    assert.ok(waitMs >= 5 * SECOND_MS && waitMs <= 6 * SECOND_MS, String(waitMs));
    here.receiver.answer(refuseWith(302, { location: `${here.receiver.url}/elsewhere` }));
    here.clock.advance(10 * SECOND_MS);
    const redirected = await here.newest(id, { attempts: 2 });
    assert.deepEqual(
      [redirected.last_status, redirected.last_error],
      [302, 'it redirects, which is not followed'],
    );
    here.receiver.answer((_request, response) => response.destroy());
    here.clock.advance(60 * SECOND_MS);
    const broken = await here.newest(id, { attempts: 3 });
    assert.deepEqual([broken.last_status, broken.last_error], [null, 'ECONNRESET']);
    here.receiver.answer(accept);
    here.clock.advance(5 * 60 * SECOND_MS);
    const delivered = await here.newest(id, { status: 'delivered' });
    assert.deepEqual([delivered.attempts, delivered.last_status, delivered.last_error], [4, 204, null]);
    const { received } = here.receiver;
    assert.deepEqual(
      received.map(({ path }) => path),
      Array(4).fill('/events'),
    );
    assert.equal(new Set(received.map((request) => request.id)).size, 1);
    assert.equal(new Set(received.map(({ timestamp }) => timestamp)).size, 4);
    for (const request of received) assert.deepEqual(request.signatures, [signatureOf(request, secret)]);
    assert.equal((await here.show(id)).failing_since, null);
  });

  it('E-6 Retry-After is heeded, up to an hour', async () => {
    const { id } = await here.endpoint(['points:earned']);
    for (const [header, seconds] of [
      [() => '600', 600],
      [() => '999999', 3600],
      [() => new Date(here.clock.nowMs() + 1_200_000).toUTCString(), 1200],
    ] as const) {
      here.receiver.answer(refuseWith(429, { 'retry-after': header() }));
      await here.earn();
      const failed = await here.newest(id, { attempts: 1, last_status: 429 });
      assert.equal(Date.parse(failed.next_at) - here.clock.nowMs(), seconds * SECOND_MS);
      here.receiver.answer(accept);
      here.clock.advance(2 * HOUR_MS);
      await here.newest(id, { attempts: 2, status: 'delivered' });
    }
  });

  it('E-6 who is silent is given five seconds, and delays nobody else', async () => {
    const slow = await startReceiver();
    try {
      slow.answer(beSilent);
      const silent = await here.endpoint(['points:earned'], slow);
      const quick = await here.endpoint(['points:earned']);
      const startedAt = performance.now();
      await here.earn(6);
      await until(() => slow.received.length === 4);
      await got(6);
      await here.all(quick.id, 6, { status: 'delivered' });
      assert.ok(performance.now() - startedAt < 4500, 'the quick one is told meanwhile');
      assert.equal(slow.received.length, 4, 'no more at a time');
      await until(async () => (await here.deliveries(silent.id)).some(({ attempts }) => attempts === 1));
      const tookMs = performance.now() - startedAt;
      assert.ok(tookMs > 4900 && tookMs < 8000, String(tookMs));
      const tried = (await here.deliveries(silent.id)).find(({ attempts }) => attempts === 1);
      assert.deepEqual([tried.last_status, tried.last_error], [null, 'no answer in time']);
    } finally {
      await slow.close();
    }
  });

  it('E-6 an endless answer is read to a bound, and one that drips is given five seconds', async () => {
    const { id } = await here.endpoint(['points:earned']);
    here.receiver.answer((_request, response) => {
      response.writeHead(200);
      const more = () => {
        if (!response.destroyed) response.write(Buffer.alloc(8192), more);
      };
      more();
    });
    await here.earn();
    await here.newest(id, { status: 'delivered', last_status: 200 });
    here.receiver.answer((_request, response) => void response.writeHead(200).write('.'));
    await here.earn();
    await here.newest(id, { attempts: 1, last_error: 'no answer in time' });
  });

  it('E-6 an endpoint that fails for a day is disabled with a notice, and goes on where it was once it is enabled', async () => {
    const { id } = await here.endpoint(['points:earned']);
    const watcher = await startReceiver();
    const notices = await here.endpoint(['webhook:disabled'], watcher);
    here.receiver.answer(refuseWith(503));
    await here.earn();
    for (let attempts = 1; attempts <= 11; attempts++) {
      const tried = await here.newest(id, { attempts });
      const isLast = attempts === 11;
      assert.equal(tried.status, isLast ? 'failed' : 'pending');
      assert.equal((await here.show(id)).status, isLast ? 'disabled' : 'enabled');
      if (!isLast) here.clock.set(Date.parse(tried.next_at));
    }
    const { status, disabled_reason: reason, failing_since: since, version } = await here.show(id);
    assert.deepEqual([status, reason, version], ['disabled', 'failing', 2]);
    assert.ok(here.clock.nowMs() - Date.parse(since) >= DAY_MS);
    await until(() => watcher.received.length === 1);
    assert.deepEqual(watcher.received[0]!.body.data, { webhook_id: id, reason, failing_since: since });
    await here.remove(notices.id);
    await watcher.close();

    await here.earn();
    const [failed, ...others] = await here.deliveries(id);
    assert.deepEqual(others, [], 'nothing is written for it');
    const replay = () => here.call('POST', `/admin/webhooks/deliveries/${failed.delivery_id}/replay`);
    assert.deepEqual(outcomeOf(await replay()), [409, 'CONFLICT']);
    here.receiver.answer(accept);
    const enabled = await here.call('PUT', `/admin/webhooks/${id}`, { version, status: 'enabled' });
    assert.deepEqual([enabled.data.disabled_reason, enabled.data.failing_since], [null, null]);
    const replayed = await replay();
    assert.deepEqual([replayed.data.status, replayed.data.attempts], ['pending', 0]);
    // What happened while it was disabled may be told as well, once it is enabled.
    await here.all(id, 1, { delivery_id: failed.delivery_id, status: 'delivered', attempts: 1 });
    const tries = here.receiver.received.filter((request) => request.id === `evt_${failed.event_id}`);
    assert.equal(tries.length, 12);
  });

  it('E-6 one success in between keeps an endpoint enabled', async () => {
    const { id } = await here.endpoint(['points:earned']);
    here.receiver.answer(refuseWith(500));
    await here.earn(12);
    await here.all(id, 12, { attempts: 1 });
    assert.notEqual((await here.show(id)).failing_since, null);
    const first = here.receiver.received[0]!.id;
    here.receiver.answer((request, response) =>
      (request.id === first ? accept : refuseWith(500))(request, response),
    );
    for (const [round, passes] of [DAY_MS - SECOND_MS, DAY_MS - 2 * SECOND_MS].entries()) {
      here.clock.advance(passes);
      // What is under way has a lease, so that its next time alone does not tell whether it has been written.
      await here.all(id, 11, { status: 'pending', attempts: round + 2 });
      await here.all(id, 1, { status: 'delivered', attempts: 2 });
    }
    const found = await here.deliveries(id);
    const delivered = found.filter(({ status }) => status === 'delivered');
    assert.deepEqual(
      delivered.map((one) => `evt_${one.event_id}`),
      [first],
    );
    assert.equal(found.length, 12);
    assert.equal((await here.show(id)).status, 'enabled');
  }).timeout(60_000);

  it('E-6 an endpoint that is gone is disabled at once', async () => {
    const { id } = await here.endpoint(['points:earned']);
    here.receiver.answer(refuseWith(410));
    await here.earn();
    await here.newest(id, { attempts: 1 });
    const shown = await here.show(id);
    assert.deepEqual([shown.status, shown.disabled_reason], ['disabled', 'gone']);
    here.clock.advance(DAY_MS);
    await sleep(1500);
    assert.equal(here.receiver.received.length, 1, 'what waits is not tried');
  });

  it('E-6 what was delivered is replayed under its id, and not while it is being sent', async () => {
    const { id } = await here.endpoint(['points:earned']);
    await here.earn();
    const { delivery_id: deliveryId } = await here.newest(id, { status: 'delivered' });
    const replay = (which: number) => here.call('POST', `/admin/webhooks/deliveries/${which}/replay`);
    here.receiver.answer(beSilent);
    assert.equal((await replay(deliveryId)).code, 'OK');
    await got(2);
    assert.deepEqual(outcomeOf(await replay(deliveryId)), [409, 'CONFLICT']);
    assert.deepEqual(outcomeOf(await replay(9_999_999)), [404, 'NOT_FOUND']);
    const [first, second] = here.receiver.received;
    assert.deepEqual([second!.id, second!.text], [first!.id, first!.text]);
    await here.remove(id);
    assert.deepEqual(outcomeOf(await replay(deliveryId)), [404, 'NOT_FOUND']);
    assert.deepEqual(outcomeOf(await here.call('GET', `/admin/webhooks/${id}/deliveries`)), [
      404,
      'NOT_FOUND',
    ]);
  });

  it('E-6 RE-11 what an administrator has published is told as simulated', async () => {
    await here.endpoint(['user:*']);
    const body = { type: 'user:action', data: { user_id: here.diner.userId, action: 'tea' } };
    const published = await here.call('POST', '/events/publish', body);
    await until(() => here.receiver.received.some(({ body: { type } }) => type === body.type));
    const told = here.receiver.received.find(({ body: { type } }) => type === body.type)!;
    assert.deepEqual(
      [told.id, told.simulated, told.body.data],
      [`evt_${published.data.event_id}`, 'true', body.data],
    );
    await here.venue.login('13900000001');
    await until(() => here.receiver.received.some(({ body: { type } }) => type === 'user:login'));
    assert.ok(
      here.receiver.received.every(
        ({ body: { type }, simulated }) => simulated === undefined || type === body.type,
      ),
    );
  });

  it('E-6 deliveries are listed by status and in pages', async () => {
    const { id } = await here.endpoint(['points:earned']);
    await here.earn(3);
    await here.all(id, 3, { status: 'delivered' });
    const list = async (query: string) =>
      (await here.call('GET', `/admin/webhooks/${id}/deliveries?${query}`)).data;
    const page = await list('limit=2');
    assert.deepEqual([page.items.length, page.total], [2, 3]);
    assert.equal((await list(`limit=2&before=${page.next}`)).items.length, 1);
    assert.deepEqual([(await list('status=delivered')).total, (await list('status=failed')).total], [3, 0]);
  });
});
