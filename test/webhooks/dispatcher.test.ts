import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, it } from 'mocha';
import { BusinessEvent } from '../../entities/platform/BusinessEvent.ts';
import { Webhook } from '../../entities/webhooks/Webhook.ts';
import { WebhookDelivery } from '../../entities/webhooks/WebhookDelivery.ts';
import { localWake } from '../../src/platform/cluster/wake.ts';
import { insertAll, insertOne } from '../../src/platform/database/bulk.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { claimDue, writeDeliveries } from '../../src/webhooks/deliveryStore.ts';
import { Dispatcher } from '../../src/webhooks/dispatcher.ts';
import { WebhookSecrets } from '../../src/webhooks/secrets.ts';
import { Subscriptions } from '../../src/webhooks/subscriptions.ts';
import { Targets } from '../../src/webhooks/targets.ts';
import { logger, until } from '../platform/events/relays.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { accept, beSilent, startReceiver, type Receiver } from './receiver.ts';

const webhookSecrets = new WebhookSecrets(Buffer.alloc(32, 7));
const LOOPBACK = new Targets(['127.0.0.0/8']);

forEachDatabase('the dispatcher of webhooks', (open) => {
  let database: Database;
  let receiver: Receiver;
  let clock: TestClock;
  let dispatchers: Dispatcher[];
  beforeEach(async () => {
    database = await open();
    receiver = await startReceiver();
    clock = new TestClock();
    dispatchers = [];
  });
  afterEach(async () => {
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.close()));
    await receiver.close();
  });

  /** One node's. */
  const start = async (targets = LOOPBACK) => {
    const subscriptions = new Subscriptions({ database, clock, logger, wake: localWake() });
    await subscriptions.refresh();
    const dispatcher = new Dispatcher({ database, clock, logger, targets, webhookSecrets, subscriptions });
    dispatchers.push(dispatcher);
    dispatcher.start();
    return dispatcher;
  };
  const endpoint = async (url = receiver.url) => {
    const at = new Date(clock.nowMs());
    const row = {
      url,
      events: ['points:*'],
      description: '',
      status: 'enabled',
      version: 1,
      created_by: 1,
    } as const;
    const times = { created_at: at, updated_at: at };
    const secret = webhookSecrets.create().sealed;
    return database.transaction((tx) =>
      insertOne(tx, Webhook, { ...row, ...times, events: [...row.events], secret }),
    );
  };
  /** Events of now, and their deliveries. */
  const write = async (count: number) => {
    const at = new Date(clock.nowMs());
    const row = {
      event_type: 'points:earned',
      event_data: '{"amount":1}',
      status: 'completed',
      created_at: at,
    } as const;
    await database.transaction(async (tx) => {
      const [last] = await tx.manager.find(BusinessEvent, { order: { event_id: 'DESC' }, take: 1 });
      await insertAll(
        tx,
        BusinessEvent,
        Array.from({ length: count }, () => row),
      );
      const rows = await tx.manager.find(BusinessEvent, { order: { event_id: 'ASC' } });
      const events = rows
        .filter(({ event_id: id }) => id > (last?.event_id ?? 0))
        .map(({ event_id: eventId, event_type: type }) => ({
          eventId,
          type,
          userId: null,
          data: {},
          createdAtMs: 0,
          isSimulated: false,
        }));
      await writeDeliveries(tx, events, clock.nowMs());
    });
  };
  const rows = () => database.currentReader.find(WebhookDelivery, { order: { delivery_id: 'ASC' } });
  const areDelivered = async () => (await rows()).every(({ status }) => status === 'delivered');

  it('E-6 of several nodes each delivery is sent by one, and all of them send', async () => {
    await endpoint();
    receiver.answer((request, response) => void setTimeout(() => accept(request, response), 5));
    await Promise.all([start(), start(), start()]);
    await write(200);
    await until(areDelivered, 20_000);
    assert.equal(receiver.received.length, 200);
    assert.equal(new Set(receiver.received.map(({ id }) => id)).size, 200);
    for (const row of await rows())
      assert.deepEqual([row.attempts, row.claimed_by, row.due_at], [1, null, null]);
  });

  it('E-6 what a node had claimed that died is sent by another within 30 seconds', async () => {
    const webhookId = await endpoint();
    await write(3);
    const claim = { webhookId, nowMs: clock.nowMs(), nodeId: 'dead', limit: 2, leaseMs: 15_000 };
    const claimed = await database.transaction((tx) => claimDue(tx, claim));
    assert.equal(claimed?.deliveries.length, 2);
    await start();
    await until(() => receiver.received.length === 1);
    await sleep(1500);
    assert.equal(receiver.received.length, 1, 'it may be alive still');
    clock.advance(15_000);
    await until(areDelivered);
    assert.equal(new Set(receiver.received.map(({ id }) => id)).size, 3);
  });

  it('E-6 a node that ends gives back what is not answered, as it was', async () => {
    await endpoint();
    receiver.answer(beSilent);
    await write(2);
    const dispatcher = await start();
    await until(() => receiver.received.length === 2);
    const startedAt = performance.now();
    await dispatcher.close();
    assert.ok(performance.now() - startedAt < 3000);
    for (const row of await rows())
      assert.deepEqual(
        [row.status, row.attempts, row.claimed_by, row.due_at?.getTime()],
        ['pending', 0, null, clock.nowMs()],
      );
    receiver.answer(accept);
    await start();
    await until(areDelivered);
    assert.equal(receiver.received.length, 4);
  });

  it('E-6 a node that ends waits a moment for answers that are on their way', async () => {
    await endpoint();
    receiver.answer((request, response) => void setTimeout(() => accept(request, response), 300));
    await write(1);
    const dispatcher = await start();
    await until(() => receiver.received.length === 1);
    await dispatcher.close();
    assert.ok(await areDelivered());
  });

  it('E-6 a name is looked up for each try, and what it then means is what counts', async () => {
    const means = { address: '127.0.0.1' };
    let asked = 0;
    const targets = new Targets(['127.0.0.1/32'], () => {
      asked += 1;
      return Promise.resolve([means.address]);
    });
    await endpoint(receiver.url.replace('127.0.0.1', 'endpoint.example'));
    await start(targets);
    await write(1);
    await until(areDelivered);
    assert.equal(receiver.received[0]!.host, `endpoint.example:${receiver.port}`);
    assert.equal(asked, 1, 'nobody looks it up a second time to connect');
    // The receiver would answer there as well.
    means.address = '127.0.0.2';
    await write(1);
    await until(async () => (await rows()).at(-1)?.attempts === 1);
    const refused = (await rows()).at(-1)!;
    assert.deepEqual(
      [refused.status, refused.last_error],
      ['pending', 'it is at an address that is not public'],
    );
    assert.equal(receiver.received.length, 1);
  });

  it('E-6 an endpoint of a network that is no longer allowed is not called', async () => {
    await endpoint();
    await start(new Targets([]));
    await write(1);
    await until(async () => (await rows())[0]?.attempts === 1);
    assert.equal(receiver.received.length, 0);
  });

  it('E-6 slow endpoints, however many, delay no other', async () => {
    const slow = await startReceiver();
    slow.answer(beSilent);
    for (let at = 0; at < 20; at++) await endpoint(slow.url);
    await endpoint();
    await start();
    await write(10);
    const startedAt = performance.now();
    await until(() => receiver.received.length === 10);
    assert.ok(performance.now() - startedAt < 3000);
    assert.ok(slow.received.length >= 20 && slow.received.length <= 84, String(slow.received.length));
    await slow.close();
  });

  it('E-6 what tells of an event that is forgotten ends', async () => {
    await endpoint();
    await write(2);
    await database.transaction((tx) => tx.manager.delete(BusinessEvent, { event_id: 1 }));
    await start();
    await until(async () => (await rows()).every(({ status }) => status !== 'pending'));
    const found = (await rows()).map(({ status, last_error: error }) => [status, error]);
    assert.deepEqual(found, [
      ['failed', 'its event is forgotten'],
      ['delivered', null],
    ]);
  });

  it('E-6 nothing is asked of the database for deliveries while there is no endpoint', async () => {
    const dispatcher = await start();
    let asked = 0;
    const { currentReader } = database;
    Object.defineProperty(database, 'currentReader', {
      get: () => {
        asked += 1;
        return currentReader;
      },
    });
    dispatcher.notify();
    await sleep(2500);
    assert.equal(asked, 0);
  });
});
