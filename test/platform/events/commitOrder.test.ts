import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { it } from 'mocha';
import { EventBus } from '../../../src/platform/events/bus.ts';
import { emitEvents, type NewEvent } from '../../../src/platform/events/outbox.ts';
import { Database } from '../../../src/platform/database/transaction.ts';
import { openDataSources } from '../../../src/platform/database/dataSource.ts';
import { onMariadb, urlOf } from '../../support/databases.ts';
import { relayOf, relayStarter, settled, TEST_TYPES, until } from './relays.ts';

const EVENTS = 10_000;
const PER_TRANSACTION = 10;
const AT_ONCE = 6;
const LATE_MS = 5000;

onMariadb('events of transactions that commit in any order', (open) => {
  const start = relayStarter();

  async function commit(database: Database, mayCommit: Promise<unknown>): Promise<void> {
    await database.transaction(async (tx) => {
      const event = { type: 'test:done', userId: null, data: {} };
      const events = Array.from({ length: PER_TRANSACTION }, () => event) as unknown as NewEvent[];
      await emitEvents(tx, events, Date.now());
      let isWaiting = true;
      void mayCommit.then(() => (isWaiting = false));
      // A transaction that is idle for two seconds is ended by the database.
      while (isWaiting) {
        await Promise.race([mayCommit, sleep(500)]);
        await tx.query('SELECT 1');
      }
    });
  }

  it(`RE-1 are all handled, each once, also those of one that took the lowest ids and commits ${LATE_MS} ms later`, async () => {
    const database = await open();
    const handled = new Map<number, number>();
    const bus = new EventBus(TEST_TYPES);
    bus.onBatch('test:done', 'count', (events) => {
      for (const { eventId } of events) handled.set(eventId, (handled.get(eventId) ?? 0) + 1);
      return Promise.resolve();
    });
    const own = new Database(await openDataSources({ url: urlOf(database), replicaUrls: [], poolSize: 6 }));
    const relay = start(relayOf(own, bus));
    database.onCommit(() => relay.notify());
    const [isFirst, others] = [sleep(LATE_MS), Promise.withResolvers<void>()];
    const late = commit(database, Promise.all([isFirst, others.promise]));
    await sleep(100);
    let left = EVENTS / PER_TRANSACTION - 1;
    const writer = async () => {
      while (left-- > 0) await commit(database, sleep(Math.random() * 50));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, writer));
    await until(() => handled.size > 0);
    const lowest = Math.min(...handled.keys());
    assert.ok(
      handled.size > 0 && lowest > PER_TRANSACTION,
      `event ${lowest} was handled before it was committed`,
    );
    others.resolve();
    await late;
    await settled(database);
    assert.equal(handled.size, EVENTS);
    assert.deepEqual(new Set(handled.values()), new Set([1]));
    await relay.stop();
    await own.close();
  }).timeout(60_000);
});
