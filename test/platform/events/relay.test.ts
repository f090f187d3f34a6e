import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { EventBus, type EventHandler } from '../../../src/platform/events/bus.ts';
import { retryDeadLetter } from '../../../src/platform/events/retryDeadLetter.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { createUser } from '../../support/factories.ts';
import { failCommits, type CommitFault } from '../../support/faults.ts';
import {
  TEST_TYPES,
  countOf,
  emit,
  FAST,
  relayOf,
  relayStarter,
  rowsOf,
  settled,
  statusesOf,
  until,
  type Given,
} from './relays.ts';

/** Work that shows in the database how often it was done. */
const countLogin = (userId: number): EventHandler => {
  return async (_event, tx) => {
    await tx.execute('UPDATE users SET login_count = login_count + 1 WHERE user_id = ?', [userId]);
  };
};

async function timesDone(database: Database, userId: number): Promise<number> {
  const [row] = await database.read<{ login_count: number }>(
    'SELECT login_count FROM users WHERE user_id = ?',
    [userId],
  );
  return row!.login_count;
}

forEachDatabase('the events relay', (open) => {
  let database: Database;
  let bus: EventBus;
  const begin = relayStarter();

  beforeEach('a fresh outbox', async () => {
    database = await open();
    bus = new EventBus(TEST_TYPES);
  });

  const start = (given: Given = {}, handlers = bus) => begin(relayOf(database, handlers, given));
  /** A relay whose node stopped dead while it handled its claim: nothing of it is ever written again. */
  const die = async (given: Given = {}) => {
    const nodeId = 'dead';
    const stuck = Promise.withResolvers<never>();
    const handlers = new EventBus(TEST_TYPES);
    const isStuck = new Promise<void>((resolve) => {
      // Rolls back its transaction, as the database does for a connection that is gone, and settles nothing.
      handlers.on('test:done', 'work', async () => {
        resolve();
        throw new Error('gone');
      });
    });
    const relay = relayOf(database, handlers, { ...given, nodeId });
    relay['settle'] = () => stuck.promise;
    relay.start();
    await isStuck;
  };

  it('E-2 a handler gets the event as it was emitted, once, and the row tells who handled it', async () => {
    const seen: unknown[] = [];
    const userId = await createUser(database);
    bus.on('test:done', 'see', async ({ createdAtMs, ...event }) => {
      assert.ok(Math.abs(Date.now() - createdAtMs) < 60_000);
      seen.push(event);
    });
    await emit(database, [{ userId, data: { campaign_id: 7, name: '开奖' } }]);
    start({ nodeId: 'n1' });
    await settled(database);
    const [row] = await rowsOf(database);
    const event = { eventId: row!.event_id, type: 'test:done', userId, isSimulated: false };
    assert.deepEqual(seen, [{ ...event, data: { campaign_id: 7, name: '开奖' } }]);
    assert.equal(row!.status, 'completed');
    assert.equal(row!.claimed_by, 'n1');
  });

  it('E-2 an event that nobody handles is completed, without a mark', async () => {
    await emit(
      database,
      Array.from({ length: 1200 }, () => ({})),
    );
    start();
    await settled(database);
    assert.deepEqual(new Set(await statusesOf(database)), new Set(['completed']));
    assert.equal(await countOf(database, 'event_handlings'), 0);
  });

  it('E-1 an event of a transaction that is rolled back reaches nobody', async () => {
    let runs = 0;
    bus.on('test:done', 'count', async () => void runs++);
    await emit(database, [{ data: 'x'.repeat(10) as never }, { type: null as never }]).catch(() => undefined);
    await emit(database, [{}]);
    start();
    await settled(database);
    assert.equal(runs, 1);
  });

  it('E-2 the most urgent first, then in the order of their writing', async () => {
    const order: unknown[] = [];
    bus.on('test:done', 'order', async ({ data }) => void order.push((data as { at: number }).at));
    const priorities = ['normal', 'high', 'critical', 'normal', 'critical', 'high'] as const;
    await emit(
      database,
      priorities.map((priority, at) => ({ priority, data: { at } })),
    );
    start({ settings: { ...FAST, concurrency: 1, maxEvents: 4 } });
    await settled(database);
    assert.deepEqual(order, [2, 4, 1, 5, 0, 3]);
  });

  it('E-2 a handler that fails leaves neither its work nor its mark, and succeeds at the third try', async () => {
    const userId = await createUser(database);
    const work = countLogin(userId);
    let tries = 0;
    bus.on('test:done', 'work', async (event, tx) => {
      await work(event, tx);
      if (++tries < 3) {
        assert.equal(await timesDone(database, userId), 0);
        throw new Error('not yet');
      }
    });
    await emit(database, [{}]);
    start();
    await settled(database);
    const [row] = await rowsOf(database);
    assert.equal(row!.status, 'completed');
    assert.equal(row!.attempts, 2);
    assert.equal(await timesDone(database, userId), 1);
    assert.equal(await countOf(database, 'event_handlings'), 1);
  });

  it('E-2 after three tries it is a dead letter, with an error that names nobody; the others are done', async () => {
    const userId = await createUser(database);
    let tries = 0;
    bus.on('test:done', 'broken', async () => {
      tries++;
      throw new TypeError(`"张三" a@b.cn 13900000001 ${'x'.repeat(1000)}`);
    });
    bus.on('test:done', 'work', countLogin(userId));
    await emit(database, [{}, { type: 'test:other' }]);
    start();
    await settled(database);
    const [dead, other] = await rowsOf(database);
    assert.equal(dead!.status, 'dead_letter');
    assert.equal(other!.status, 'completed');
    assert.equal(tries, 3);
    assert.equal(dead!.attempts, 3);
    assert.equal(dead!.last_error!.length, 255);
    assert.match(dead!.last_error!, /^TypeError: \[…\] \[…\] \[…\] xxx/);
    assert.equal(await timesDone(database, userId), 1);
  });

  it('E-2 a dead letter that is retried has all its tries again; what was done is not done again', async () => {
    const userId = await createUser(database);
    let isBroken = true;
    bus.on('test:done', 'broken', async () => {
      if (isBroken) throw new Error('broken');
    });
    bus.on('test:done', 'work', countLogin(userId));
    await emit(database, [{}]);
    const relay = start();
    await settled(database);
    const [dead] = await rowsOf(database);
    assert.equal(dead!.status, 'dead_letter');
    const eventId = dead!.event_id;
    isBroken = false;
    const retry = () => database.transaction((tx) => retryDeadLetter(tx, eventId));
    assert.equal(await retry(), true);
    relay.notify();
    await settled(database);
    assert.deepEqual(await statusesOf(database), ['completed']);
    assert.equal(await timesDone(database, userId), 1);
    assert.equal(await retry(), false);
    assert.deepEqual(await statusesOf(database), ['completed']);
  });

  it('E-2 data that is no JSON becomes a dead letter and stops nobody', async () => {
    bus.on('test:done', 'see', async () => undefined);
    await emit(database, [{}, {}]);
    await database.transaction((tx) =>
      tx.execute(`UPDATE business_events SET event_data = '张三' WHERE event_id = 1`),
    );
    start();
    await settled(database);
    assert.deepEqual(await statusesOf(database), ['dead_letter', 'completed']);
    assert.doesNotMatch((await rowsOf(database))[0]!.last_error!, /张/);
  });

  it('E-2 an event that is delivered twice is handled once', async () => {
    const userId = await createUser(database);
    bus.on('test:done', 'work', countLogin(userId));
    await emit(database, [{}]);
    const relay = start();
    await settled(database);
    await database.transaction((tx) => tx.execute(`UPDATE business_events SET status = 'pending'`));
    relay.notify();
    await settled(database);
    assert.equal(await timesDone(database, userId), 1);
  });

  it('E-2 once: for one event only, and not for one that failed', async () => {
    let runs = 0;
    bus.once('test:done', 'once', async () => {
      if (++runs === 1) throw new Error('the first does not count');
    });
    await emit(database, [{}]);
    start({ settings: { ...FAST, concurrency: 1 } });
    await settled(database);
    await emit(database, [{}, {}]);
    await settled(database);
    assert.equal(runs, 2);
    assert.deepEqual(bus.types(), []);
  });

  it('TIME-1 a claim that was written by a clock which has stepped back an hour since is taken over', async () => {
    const clock = new TestClock();
    await emit(database, [{}]);
    await die({ clock });
    clock.step(-3_600_000);
    let runs = 0;
    bus.on('test:done', 'work', async () => void runs++);
    start({ clock });
    await settled(database);
    assert.equal(runs, 1);
  });

  it('E-5 RE-3 the claims of a dead node are taken over after their lease, not before', async () => {
    const clock = new TestClock();
    await emit(database, [{}, {}, {}]);
    await die({ clock });
    let runs = 0;
    bus.on('test:done', 'work', async () => void runs++);
    start({ clock });
    await sleep(100);
    assert.equal(runs, 0);
    assert.deepEqual(await statusesOf(database), ['processing', 'processing', 'processing']);
    clock.advance(30_000);
    await settled(database);
    assert.equal(runs, 3);
    assert.deepEqual(
      (await rowsOf(database)).map(({ takeovers, attempts }) => [takeovers, attempts]),
      [
        [1, 0],
        [1, 0],
        [1, 0],
      ],
    );
  });

  it('E-5 an event that its nodes die of is given up', async () => {
    await emit(database, [{}]);
    bus.on('test:done', 'work', async () => assert.fail('it must not run again'));
    await database.transaction((tx) =>
      tx.execute(
        `UPDATE business_events SET status = 'processing', takeovers = 10, available_at = '2026-01-01 00:00:00.000'`,
      ),
    );
    start();
    await settled(database);
    assert.deepEqual(await statusesOf(database), ['dead_letter']);
  });

  it('E-5 RE-3 a living node keeps its claim however long its handler takes', async () => {
    let runs = 0;
    bus.on('test:done', 'slow', async () => {
      runs++;
      // On SQLite a transaction holds up the renewals too, and everything else with them.
      await sleep(database.dialect === 'mysql' ? 1500 : 10);
    });
    await emit(database, [{}]);
    start({ settings: { ...FAST, leaseMs: 400 } });
    await until(() => runs === 1);
    start({ settings: { ...FAST, leaseMs: 400 } });
    await settled(database);
    assert.equal(runs, 1);
    assert.equal((await rowsOf(database))[0]!.takeovers, 0);
  });

  for (const fault of ['answer is lost', 'commit fails'] as const) {
    it(`E-2 a handler is done once when its commit goes wrong: ${fault}`, async () => {
      const userId = await createUser(database);
      const work = countLogin(userId);
      const faults: CommitFault[] = [];
      failCommits(database, faults);
      let runs = 0;
      bus.on('test:done', 'work', async (event, tx) => {
        await work(event, tx);
        if (runs++ === 0) faults.push(fault);
      });
      await emit(database, [{}]);
      start();
      await settled(database);
      assert.equal(runs, fault === 'answer is lost' ? 1 : 2);
      assert.equal(await timesDone(database, userId), 1);
      assert.equal((await rowsOf(database))[0]!.attempts, 1);
    });

    it(`E-5 a relay goes on when the commit of its claim goes wrong: ${fault}`, async () => {
      let runs = 0;
      bus.on('test:done', 'work', async () => void runs++);
      await emit(database, [{}]);
      const faults: CommitFault[] = [fault];
      failCommits(database, faults);
      start({ settings: { ...FAST, leaseMs: 100 } });
      await settled(database);
      assert.equal(runs, 1);
      assert.deepEqual(faults, []);
    });
  }

  it('E-5 RE-3 whoever lost a claim can neither complete nor fail it', async () => {
    const entered = Promise.withResolvers<void>();
    const proceed = Promise.withResolvers<void>();
    await emit(database, [{}]);
    const slow = new EventBus(TEST_TYPES);
    const relay = relayOf(database, slow, { nodeId: 'slow' });
    slow.on('test:done', 'work', async () => {
      entered.resolve();
      await proceed.promise;
      throw new Error('too late');
    });
    relay.start();
    await entered.promise;
    const claims = database.transaction((tx) =>
      tx.execute(`UPDATE business_events SET claimed_by = 'other'`),
    );
    // On SQLite it waits for the handler's transaction, and comes before what settles the claim.
    if (database.dialect === 'mysql') await claims;
    proceed.resolve();
    await claims;
    await relay.stop();
    const [row] = await rowsOf(database);
    assert.deepEqual([row!.status, row!.claimed_by, row!.attempts], ['processing', 'other', 0]);
  });
});
