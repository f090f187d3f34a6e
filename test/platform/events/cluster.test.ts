import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { openDataSources } from '../../../src/platform/database/dataSource.ts';
import { Database, type Tx } from '../../../src/platform/database/transaction.ts';
import { EventBus } from '../../../src/platform/events/bus.ts';
import type { EventRelay } from '../../../src/platform/events/relay.ts';
import { lockDueAgain, lockPending } from '../../../src/platform/events/store.ts';
import { localWake, redisWake } from '../../../src/platform/cluster/wake.ts';
import { onMariadb, onSqlite, urlOf } from '../../support/databases.ts';
import { needsRedis, sharedRedis } from '../../support/shared.ts';
import { TEST_TYPES, countOf, emit, logger, NO_POLLING, relayOf, rowsOf, settled, until } from './relays.ts';

const EVENTS = 400;

onMariadb('relays of three nodes', (open) => {
  it('E-5 handle every event exactly once, all at the same time, while more are written', async () => {
    const database = await open();
    const nodes: Database[] = [];
    const relays: EventRelay[] = [];
    const runs = new Map<number, number>();
    const perNode = [0, 0, 0];
    try {
      for (let node = 0; node < 3; node++) {
        const sources = await openDataSources({ url: urlOf(database), replicaUrls: [], poolSize: 6 });
        nodes.push(new Database(sources));
        const bus = new EventBus(TEST_TYPES);
        bus.on('test:done', 'count', async ({ eventId }) => {
          perNode[node]!++;
          runs.set(eventId, (runs.get(eventId) ?? 0) + 1);
        });
        const relay = relayOf(nodes[node]!, bus);
        relays.push(relay);
        relay.start();
      }
      for (let written = 0; written < EVENTS; written += 20) {
        await emit(
          database,
          [...Array(20).keys()].map((at) => ({ type: at % 2 ? 'test:done' : 'test:other' })),
        );
        for (const relay of relays) relay.notify();
      }
      await settled(database);
    } finally {
      for (const relay of relays) await relay.stop();
      for (const node of nodes) await node.close();
    }
    const handled = (await rowsOf(database)).filter(({ event_type: type }) => type === 'test:done');
    assert.deepEqual(
      handled.map(({ event_id: eventId, status }) => [status, runs.get(eventId)]),
      handled.map(() => ['completed', 1]),
    );
    assert.equal(runs.size, EVENTS / 2);
    assert.equal(await countOf(database, 'event_handlings'), EVENTS / 2);
    assert.ok(perNode.filter((count) => count > 0).length > 1, `shared: ${perNode.join()}`);
  });

  it('a node that is busy wakes another one', async () => {
    const database = await open();
    const wake = localWake();
    const handledBy: string[] = [];
    const entered = Promise.withResolvers<void>();
    const proceed = Promise.withResolvers<void>();
    const [busyBus, freeBus] = [new EventBus(TEST_TYPES), new EventBus(TEST_TYPES)];
    busyBus.on('test:done', 'work', async () => {
      entered.resolve();
      await proceed.promise;
    });
    freeBus.on('test:done', 'work', async ({ eventId }) => void handledBy.push(`free ${eventId}`));
    await emit(database, [{}]);
    const busy = relayOf(database, busyBus, { wake, settings: NO_POLLING });
    const free = relayOf(database, freeBus, { wake, settings: NO_POLLING });
    busy.start();
    try {
      await entered.promise;
      free.start();
      await sleep(100);
      await emit(database, [{}]);
      busy.notify();
      await until(() => handledBy.length > 0, 2000);
      assert.deepEqual(handledBy, ['free 2']);
    } finally {
      proceed.resolve();
      await busy.stop();
      await free.stop();
    }
  });

  it('the claim reads the index in its order and no more of it than it takes', async () => {
    const database = await open();
    await emit(
      database,
      Array.from({ length: 3000 }, () => ({})),
    );
    await database.transaction((tx) =>
      tx.execute(`UPDATE business_events SET status = 'completed' WHERE event_id <= 1500`),
    );
    const plans: Record<string, unknown>[] = [];
    await database.transaction(async (tx) => {
      const explain: Tx['query'] = async (sql, parameters) => {
        plans.push(...(await tx.query<Record<string, unknown>>(`EXPLAIN ${sql}`, parameters)));
        return [];
      };
      await lockPending({ ...tx, query: explain }, { types: ['test:done'], limit: 500 });
      await lockDueAgain(
        { ...tx, query: explain },
        { types: [], own: TEST_TYPES, limit: 32 },
        { nowMs: Date.now(), farMs: Date.now() + 120_000 },
      );
    });
    assert.deepEqual(
      plans.map(({ key }) => key),
      ['business_events_due', 'business_events_due'],
    );
    assert.equal(plans[0]!['type'], 'ref');
    assert.doesNotMatch(String(plans[0]!['Extra']), /filesort|temporary/);
    assert.equal(plans[1]!['type'], 'range');
    assert.equal(Number(plans[1]!['rows']), 2, 'none is failed or processing');
  });
});

onSqlite('the wake over Redis', (open) => {
  needsRedis();
  const connections: Redis[] = [];
  afterEach('connections end', () => {
    for (const connection of connections.splice(0)) connection.disconnect();
  });

  const connect = async () => {
    const redis = new Redis((await sharedRedis()).url, {
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
    });
    const duplicate = redis.duplicate();
    connections.push(redis, duplicate);
    return { channel: 'kaijiang:events', redis, duplicate, logger };
  };

  it('wakes the relay of another node without polling', async () => {
    const database = await open();
    const bus = new EventBus(TEST_TYPES);
    const seenAt: number[] = [];
    bus.on('test:done', 'see', async () => void seenAt.push(performance.now()));
    const here = await connect();
    const there = redisWake(await connect());
    const relay = relayOf(database, bus, { wake: there, settings: NO_POLLING });
    relay.start();
    try {
      await sleep(200);
      await emit(database, [{}]);
      const publishedAt = performance.now();
      redisWake(here).publish();
      await until(() => seenAt.length === 1, 2000);
      assert.ok(seenAt[0]! - publishedAt < 500, `${seenAt[0]! - publishedAt} ms`);
    } finally {
      await relay.stop();
    }
  });

  it('a connection that was lost is joined again, and wakes because it may have missed something', async () => {
    const options = await connect();
    const { redis, duplicate } = options;
    let wakes = 0;
    const leave = redisWake(options).subscribe(() => wakes++);
    await until(() => wakes === 1);
    const subscriber = (await redis.call('CLIENT', 'LIST', 'TYPE', 'pubsub')) as string;
    const lost = new Promise((resolve) => duplicate.once('close', resolve));
    for (const [, id] of subscriber.matchAll(/^id=(\d+)/gm)) await redis.call('CLIENT', 'KILL', 'ID', id!);
    await lost;
    await until(() => wakes === 2);
    redisWake(options).publish();
    await until(() => wakes === 3);
    leave();
    await sleep(20);
    redisWake(options).publish();
    await sleep(50);
    assert.equal(wakes, 3);
  });

  it('without Redis a publish harms nobody', async () => {
    const options = await connect();
    options.redis.disconnect();
    redisWake(options).publish();
    await sleep(20);
  });
});
