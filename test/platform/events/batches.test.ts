import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { EventBus, type BatchHandler, type DomainEvent } from '../../../src/platform/events/bus.ts';
import { retryDeadLetter } from '../../../src/platform/events/retryDeadLetter.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { createUser } from '../../support/factories.ts';
import { failCommits, type CommitFault } from '../../support/faults.ts';
import {
  TEST_TYPES,
  countOf,
  emit,
  FAST,
  NO_POLLING,
  relayOf,
  relayStarter,
  rowsOf,
  settled,
  statusesOf,
  type EventRow,
  type Given,
} from './relays.ts';

const atOf = ({ data }: DomainEvent) => (data as { at: number }).at;
const numbered = (count: number) => Array.from({ length: count }, (_, at) => ({ data: { at } }));

forEachDatabase('handlers of many events at once', (open) => {
  let database: Database;
  let bus: EventBus;
  let userId: number;
  const begin = relayStarter();

  beforeEach('a fresh outbox', async () => {
    database = await open();
    bus = new EventBus(TEST_TYPES);
    userId = await createUser(database);
  });

  const start = (given: Given = {}, handlers = bus) => begin(relayOf(database, handlers, given));
  /** Work that shows in the database for how many events it was done. */
  const count: BatchHandler = async (events, tx) => {
    const sql = 'UPDATE users SET login_count = login_count + ? WHERE user_id = ?';
    await tx.execute(sql, [events.length, userId]);
  };
  const counted = async () => {
    const sql = 'SELECT login_count FROM users WHERE user_id = ?';
    return (await database.read<{ login_count: number }>(sql, [userId]))[0]!.login_count;
  };

  it('RE-13 events of one claim come in one transaction, in the order of their ids, with a mark for each', async () => {
    const seen: number[][] = [];
    bus.onBatch('test:done', 'work', async (events, tx) => {
      seen.push(events.map(atOf));
      await count(events, tx);
    });
    const urgent = { priority: 'critical' as const, data: { at: 300 } };
    await emit(database, [...numbered(300), { type: 'test:other' }, urgent]);
    start();
    await settled(database);
    assert.deepEqual(seen, [Array.from({ length: 301 }, (_, at) => at)]);
    assert.equal(await counted(), 301);
    assert.equal(await countOf(database, 'event_handlings'), 301);
  });

  it('RE-13 new events are done in the transaction of their claim, without a lease', async () => {
    const seen = new Set<string>();
    const look: BatchHandler = async (events, tx) => {
      await count(events, tx);
      for (const row of await tx.query<EventRow>('SELECT status, claimed_by FROM business_events'))
        seen.add(`${row.status} ${row.claimed_by}`);
    };
    bus.onBatch('test:done', 'work', look);
    bus.onOrdered(['test:done', 'test:other'], 'ordered', look);
    await emit(database, [...numbered(20), { type: 'test:other' }]);
    start();
    await settled(database);
    assert.deepEqual(seen, new Set(['pending null']));
    assert.equal(await counted(), 41);
    const ends = (await rowsOf(database)).map((row) => `${row.status} ${row.claimed_by}`);
    assert.deepEqual(new Set(ends), new Set(['completed null']));
  });

  it('RE-13 the number of statements of a claim does not grow with its events', async () => {
    const statements: number[] = [];
    for (const size of [10, 700]) {
      let asked = 0;
      const handlers = new EventBus(TEST_TYPES);
      handlers.onBatch('test:done', `count-${size}`, count);
      await emit(database, numbered(size));
      const transaction = database.retryingTransaction.bind(database);
      database.retryingTransaction = (work, ...rest) =>
        transaction(
          async (tx) => {
            const runner = tx.manager.queryRunner!;
            const query = runner.query.bind(runner);
            runner.query = (async (...given: Parameters<typeof query>) => {
              asked++;
              return query(...given);
            }) as typeof runner.query;
            try {
              return await work(tx);
            } finally {
              runner.query = query;
            }
          },
          ...rest,
        );
      const relay = start({ settings: { ...FAST, ...NO_POLLING } }, handlers);
      await settled(database);
      await relay.stop();
      database.retryingTransaction = transaction;
      statements.push(asked);
    }
    assert.ok(statements[0]! > 4 && statements[1]! <= statements[0]!, statements.join());
  });

  it('RE-13 the one event that fails is found by halving: it alone is tried again, the others are done once', async () => {
    let calls = 0;
    const tries: number[] = [];
    bus.onBatch('test:done', 'work', async (events, tx) => {
      calls++;
      await count(events, tx);
      if (events.length === 1) tries.push(atOf(events[0]!));
      if (events.some((event) => atOf(event) === 77)) throw new Error('it is poison');
    });
    await emit(database, numbered(200));
    start();
    await settled(database);
    const rows = await rowsOf(database);
    const dead = rows.filter(({ status }) => status === 'dead_letter');
    assert.deepEqual(
      dead.map(({ attempts, last_error: error }) => [attempts, error]),
      [[3, 'Error: it is poison']],
    );
    assert.equal(tries.filter((at) => at === 77).length, 3);
    // All at once with their claim, halving, and two more tries of the one.
    assert.ok(calls <= 1 + 2 * 8 + 3, String(calls));
    assert.equal(await counted(), 199);
    assert.equal(await countOf(database, 'event_handlings'), 199);
  });

  it('RE-13 where all events fail each is tried three times, and all are dead letters', async () => {
    bus.onBatch('test:done', 'work', () => Promise.reject(new Error('broken')));
    await emit(database, numbered(60));
    start();
    await settled(database);
    assert.deepEqual(
      new Set((await rowsOf(database)).map((row) => `${row.status} ${row.attempts}`)),
      new Set(['dead_letter 3']),
    );
    assert.equal(await countOf(database, 'event_handlings'), 0);
  });

  it('RE-5 RE-13 of three handlers the one that fails is tried again alone', async () => {
    const calls = { first: 0, second: 0, third: 0 };
    const handlerOf =
      (name: keyof typeof calls): BatchHandler =>
      async (events, tx) => {
        await count(events, tx);
        calls[name] += events.length;
        if (name === 'second' && calls[name] < 7 * 10) throw new Error('not yet');
      };
    for (const name of ['first', 'second', 'third'] as const) bus.onBatch('test:done', name, handlerOf(name));
    await emit(database, numbered(7));
    start({ settings: { ...FAST, maxAttempts: 20 } });
    await settled(database);
    // The first one's work with the claim is taken back with it.
    assert.deepEqual([calls.first, calls.third], [14, 7]);
    assert.equal(await counted(), 21);
    assert.equal(await countOf(database, 'event_handlings'), 21);
  });

  it('RE-13 events that were handled before are left out of their batch', async () => {
    const seen: number[] = [];
    bus.onBatch('test:done', 'work', async (events, tx) => {
      seen.push(...events.map(atOf));
      await count(events, tx);
    });
    await emit(database, numbered(3));
    const relay = start();
    await settled(database);
    await emit(database, [{ data: { at: 3 } }]);
    await database.transaction((tx) => tx.execute(`UPDATE business_events SET status = 'pending'`));
    relay.notify();
    await settled(database);
    assert.deepEqual(seen, [0, 1, 2, 3]);
    assert.equal(await counted(), 4);
  });

  it('RE-4 RE-13 two nodes that are given the same events do the work of each once', async () => {
    const both = ['a', 'b'].map((nodeId) => {
      const handlers = new EventBus(TEST_TYPES);
      handlers.onBatch('test:done', 'work', async (events, tx) => {
        await count(events, tx);
        await sleep(database.dialect === 'mysql' ? 50 : 0);
      });
      return relayOf(database, handlers, { nodeId, settings: { ...FAST, leaseMs: 60_000 } });
    });
    await emit(database, numbered(40));
    const [row] = await database.read<{ event_id: number }>(
      'SELECT MIN(event_id) AS event_id FROM business_events',
    );
    both.forEach((relay) => begin(relay));
    // What is claimed by one becomes due again under its hands.
    for (let round = 0; round < 20; round++) {
      await database.retryingTransaction((tx) =>
        tx.execute(`UPDATE business_events SET status = 'pending' WHERE event_id >= ?`, [row!.event_id]),
      );
      await sleep(10);
    }
    both.forEach((relay) => relay.notify());
    await settled(database);
    assert.equal(await counted(), 40);
  });

  for (const fault of ['answer is lost', 'commit fails'] as const) {
    it(`RE-4 RE-13 a batch is done once when its commit goes wrong: ${fault}`, async () => {
      const faults: CommitFault[] = [];
      failCommits(database, faults);
      let runs = 0;
      bus.onBatch('test:done', 'work', async (events, tx) => {
        await count(events, tx);
        if (runs++ === 0) faults.push(fault);
      });
      await emit(database, numbered(30));
      start();
      await settled(database);
      assert.equal(await counted(), 30);
    });
  }

  it('RE-12 RE-13 a relay that stops begins with no further part of a batch, and gives back what is not done', async () => {
    const entered = Promise.withResolvers<void>();
    let calls = 0;
    bus.onBatch('test:done', 'work', async (events, tx) => {
      calls++;
      await count(events, tx);
      entered.resolve();
      await sleep(50);
      throw new Error('so that it is halved');
    });
    await emit(database, numbered(8));
    const relay = start();
    await entered.promise;
    await relay.stop();
    assert.equal(calls, 1);
    assert.deepEqual(new Set(await statusesOf(database)), new Set(['pending']));
    assert.equal(await counted(), 0);
  });

  it('RE-8 RE-13 a dead letter of a batch is done when it is retried, the others not again', async () => {
    let isBroken = true;
    bus.onBatch('test:done', 'work', async (events, tx) => {
      await count(events, tx);
      if (isBroken && events.some((event) => atOf(event) === 2)) throw new Error('broken');
    });
    await emit(database, numbered(5));
    const relay = start();
    await settled(database);
    const dead = (await rowsOf(database)).find(({ status }) => status === 'dead_letter')!;
    isBroken = false;
    await database.transaction((tx) => retryDeadLetter(tx, dead.event_id));
    relay.notify();
    await settled(database);
    assert.equal(await counted(), 5);
  });
});
