import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { EventBus } from '../../../src/platform/events/bus.ts';
import { forEachDatabase } from '../../support/databases.ts';
import {
  TEST_TYPES,
  emit,
  FAST,
  NO_POLLING,
  relayOf,
  relayStarter,
  settled,
  statusesOf,
  until,
  type Given,
} from './relays.ts';

forEachDatabase('the life of an events relay', (open) => {
  let database: Database;
  let bus: EventBus;
  const begin = relayStarter();

  beforeEach('a fresh outbox', async () => {
    database = await open();
    bus = new EventBus(TEST_TYPES);
  });

  const start = (given: Given = {}) => begin(relayOf(database, bus, given));
  it('RE-2 a commit wakes the relay at once, without waiting for its poll', async () => {
    const seenAt: number[] = [];
    bus.on('test:done', 'see', async () => void seenAt.push(performance.now()));
    const relay = start({ settings: NO_POLLING });
    await sleep(100);
    const latenciesMs: number[] = [];
    for (let i = 0; i < 5; i++) {
      await emit(database, [{}]);
      const committedAt = performance.now();
      relay.notify();
      await until(() => seenAt.length === i + 1, 2000);
      latenciesMs.push(seenAt[i]! - committedAt);
      await sleep(60);
    }
    assert.ok(Math.min(...latenciesMs) < 50, latenciesMs.join());
  });

  it('stop lets the running handler finish, gives back what is not started, and nothing runs after it', async () => {
    const entered = Promise.withResolvers<void>();
    let runs = 0;
    bus.on('test:done', 'slow', async () => {
      runs++;
      entered.resolve();
      await sleep(50);
    });
    await emit(database, [{}, {}, {}]);
    const relay = start({ settings: { ...FAST, concurrency: 1 } });
    await entered.promise;
    await relay.stop();
    assert.equal(runs, 1);
    assert.deepEqual(await statusesOf(database), ['completed', 'pending', 'pending']);
    const timersBefore = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    relay.notify();
    await sleep(60);
    assert.equal(runs, 1);
    assert.ok(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length <= timersBefore);
    start();
    await settled(database);
    assert.equal(runs, 3);
  });

  it('stop ends a relay that rests at once', async () => {
    const relay = start({ settings: NO_POLLING });
    await sleep(100);
    const startedAt = performance.now();
    await relay.stop();
    assert.ok(performance.now() - startedAt < 200);
  });

  it('RE-2 what was written by a node that called nobody is found between two polls', async () => {
    let runs = 0;
    bus.on('test:done', 'work', async () => void runs++);
    start({ settings: { ...NO_POLLING, peekMs: 50 } });
    await sleep(200);
    await emit(database, [{}]);
    await settled(database, 5000);
    assert.equal(runs, 1);
  });

  it('names of handlers are checked', () => {
    const nothing = async () => undefined;
    bus.on('test:done', 'work', nothing);
    assert.throws(() => bus.on('test:done', 'work', nothing), /already/);
    assert.throws(() => bus.on('test:done', 'Work', nothing), RangeError);
    bus.off('test:done', 'work');
    bus.off('test:done', 'work');
    assert.deepEqual(bus.take('test:done'), []);
  });
});
