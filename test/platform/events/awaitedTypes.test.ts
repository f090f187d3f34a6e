import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDataSources } from '../../../src/platform/database/dataSource.ts';
import { localWake } from '../../../src/platform/cluster/wake.ts';
import { fromSqlTime } from '../../../src/platform/database/sqlValues.ts';
import { Database } from '../../../src/platform/database/transaction.ts';
import { EventBus } from '../../../src/platform/events/bus.ts';
import { emitEvents, EVENTS_TOPIC, type NewEvent } from '../../../src/platform/events/outbox.ts';
import { RELAY_SETTINGS } from '../../../src/platform/events/relaySettings.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase, urlOf } from '../../support/databases.ts';
import { countStatements } from '../../support/statements.ts';
import {
  TEST_TYPES,
  countOf,
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

interface Born {
  event_id: number;
  status: string;
  processed_at: unknown;
  created_at: unknown;
}

const nothing = async () => undefined;
/** Whatever the machine is busy with. */
const PATIENT = { ...FAST, believedMs: 600_000 };

forEachDatabase('events that nobody awaits', (open) => {
  let database: Database;
  let told: boolean[];
  const others: Database[] = [];
  const begin = relayStarter();

  beforeEach('a fresh outbox', async () => {
    database = await open();
    told = [];
    database.onCommit((topics) => told.push(topics.has(EVENTS_TOPIC)));
  });
  // After the relays, which the starter has registered before.
  afterEach('nodes end', async () => {
    for (const other of others.splice(0)) await other.close();
  });

  const start = (bus: EventBus, { settings, ...given }: Given = {}, node = database) =>
    begin(relayOf(node, bus, { ...given, settings: { ...PATIENT, ...settings } }));
  /** No commit wakes it here, and it does not poll: it looks once. */
  const startUnwoken = (bus: EventBus, given: Given = {}) =>
    start(bus, { ...given, settings: { ...NO_POLLING, ...given.settings } });
  const openNode = async () => {
    const sources = await openDataSources({ url: urlOf(database), replicaUrls: [], poolSize: 4 });
    const node = new Database(sources);
    others.push(node);
    return node;
  };
  /** As they are written, before any relay sees them. */
  const bornAs = (...types: string[]) =>
    database.transaction(async (tx) => {
      const events = types.map((type) => ({ type, userId: null, data: {} }));
      await emitEvents(tx, events as unknown as NewEvent[], Date.now());
      const rows = await tx.query<Born>(
        `SELECT event_id, status, processed_at, created_at FROM business_events
         ORDER BY event_id DESC LIMIT ${types.length}`,
      );
      return rows.reverse();
    });
  const statusAtBirth = async (type = 'test:done') => (await bornAs(type))[0]!.status;
  const isBorn = (status: string) => until(async () => (await statusAtBirth()) === status);

  it('E-2 are written as completed once the node knows that nobody in the cluster handles them', async () => {
    assert.equal(await statusAtBirth(), 'pending', 'before there is a relay');
    startUnwoken(new EventBus(TEST_TYPES));
    await isBorn('completed');
    const [row] = await bornAs('test:done');
    assert.deepEqual(row!.processed_at, row!.created_at);
  });

  it('E-2 wake no relay, unless one of the same commit is awaited', async () => {
    const bus = new EventBus(TEST_TYPES);
    bus.on('test:other', 'work', nothing);
    startUnwoken(bus);
    await isBorn('completed');
    told = [];
    await bornAs('test:done', 'test:done');
    assert.deepEqual(told, []);
    const mixed = await bornAs('test:done', 'test:other', 'test:done');
    assert.deepEqual(told, [true]);
    assert.deepEqual(
      mixed.map(({ status }) => status),
      ['completed', 'pending', 'completed'],
    );
  });

  it('E-2 are those that this node does not handle, from the moment on in which a handler comes or goes', async () => {
    const bus = new EventBus(TEST_TYPES);
    const seen: number[] = [];
    const relay = start(bus);
    await isBorn('completed');
    bus.on('test:done', 'see', async ({ eventId }) => void seen.push(eventId));
    const [born] = await bornAs('test:done');
    relay.notify();
    await settled(database);
    assert.deepEqual(seen, [born!.event_id]);
    bus.off('test:done', 'see');
    await isBorn('completed');
    assert.equal(await countOf(database, 'awaited_types'), 0);
  });

  it('E-2 a handler for one event only is waited for while it runs, and after it has failed', async () => {
    const bus = new EventBus(TEST_TYPES);
    const entered = Promise.withResolvers<void>();
    const proceed = Promise.withResolvers<void>();
    let runs = 0;
    bus.once('test:done', 'once', async () => {
      if (++runs > 1) return;
      entered.resolve();
      await proceed.promise;
      throw new Error('the first does not count');
    });
    await emit(database, [{}]);
    start(bus);
    await entered.promise;
    assert.deepEqual(bus.types(), []);
    const born = statusAtBirth();
    // On SQLite it waits for the handler's transaction.
    if (database.dialect === 'mysql') await born;
    proceed.resolve();
    assert.equal(await born, 'pending');
    await settled(database);
    assert.equal(runs, 2);
    await isBorn('completed');
  });

  it('E-5 are pending for a handler of another node from when that has written it down, and reach it', async () => {
    const handlersWake = localWake();
    startUnwoken(new EventBus(TEST_TYPES), { handlersWake });
    await isBorn('completed');
    const bus = new EventBus(TEST_TYPES);
    const seen: number[] = [];
    bus.on('test:done', 'see', async ({ eventId }) => void seen.push(eventId));
    start(bus, { handlersWake }, await openNode());
    await isBorn('pending');
    const [born] = await bornAs('test:done');
    await until(() => seen.includes(born!.event_id));
  });

  it('E-5 a node that does not handle a type leaves its events to the one that does', async () => {
    const node = await openNode();
    const bus = new EventBus(TEST_TYPES);
    const seen: number[] = [];
    bus.on('test:done', 'see', async ({ eventId }) => void seen.push(eventId));
    const relay = start(bus, {}, node);
    await until(async () => (await countOf(database, 'awaited_types')) === 1);
    await relay.stop();
    start(new EventBus(TEST_TYPES));
    await emit(database, [{}, { type: 'test:other' }]);
    await until(async () => !(await statusesOf(database)).includes('pending'));
    assert.deepEqual(await statusesOf(database), ['unknown', 'completed']);
    start(bus, {}, node);
    await settled(database);
    assert.deepEqual(seen, [1]);
  });

  it('E-5 one that has failed for another node is left for it to try again', async () => {
    const node = await openNode();
    const bus = new EventBus(TEST_TYPES);
    let tries = 0;
    bus.on('test:done', 'work', async () => {
      if (++tries < 3) throw new Error('not yet');
    });
    const slow = { backoffMs: 150 };
    start(bus, { settings: slow }, node);
    await emit(node, [{}]);
    await until(() => tries > 0);
    start(new EventBus(TEST_TYPES));
    await settled(database);
    assert.equal(tries, 3);
  });

  it('RE-7 one of a type that this build does not know is never written as completed', async () => {
    startUnwoken(new EventBus(['test:done']));
    await isBorn('completed');
    assert.equal(await statusAtBirth('test:other'), 'pending');
  });

  it('E-5 are pending again while it is not known for sure what the other nodes handle', async () => {
    const clock = new TestClock();
    startUnwoken(new EventBus(TEST_TYPES), { clock, settings: { believedMs: 10_000 } });
    await isBorn('completed');
    clock.advance(10_000);
    assert.equal(await statusAtBirth(), 'completed');
    clock.advance(1);
    assert.equal(await statusAtBirth(), 'pending');
  });

  it('E-5 are those of a handler whose nodes were never seen again, once it is forgotten', async () => {
    const clock = new TestClock();
    const gone = new EventBus(TEST_TYPES);
    gone.on('test:done', 'see', nothing);
    await start(gone, { clock, nodeId: 'gone' }).stop();
    const bus = new EventBus(TEST_TYPES);
    bus.on('test:other', 'work', nothing);
    start(bus, { clock, nodeId: 'here' });
    await until(async () => (await countOf(database, 'awaited_types')) === 2);
    await emit(database, [{}]);
    await until(async () => (await statusesOf(database))[0] === 'unknown');
    await database.transaction((tx) => tx.execute(`DELETE FROM awaited_types WHERE node_id = 'gone'`));
    await settled(database);
  });

  it('DB-10 a node says once an hour what it handles, and takes over the rows of the dead that did as well', async () => {
    const clock = new TestClock();
    const rows = () =>
      database.read<{ node_id: string; seen_at: Date | string }>(
        'SELECT node_id, seen_at FROM awaited_types ORDER BY node_id',
      );
    const nodes = async () => (await rows()).map(({ node_id: nodeId }) => nodeId).join();
    const handling = () => {
      const bus = new EventBus(TEST_TYPES);
      bus.on('test:done', 'work', nothing);
      return bus;
    };
    const dead = start(handling(), { clock, nodeId: 'dead' });
    await until(async () => (await nodes()) === 'dead');
    await dead.stop();
    start(handling(), { clock, nodeId: 'here' });
    await until(async () => (await nodes()) === 'dead,here');
    for (let hour = 0; hour < 3; hour++) {
      clock.advance(3_600_000);
      await until(async () => fromSqlTime((await rows()).at(-1)!.seen_at) === clock.nowMs());
    }
    assert.equal(await nodes(), 'dead,here');
    clock.advance(3_600_000);
    await until(async () => (await nodes()) === 'here');
  });

  it('RE-2 an idle relay asks the database no more than twice a second', async () => {
    const bus = new EventBus(TEST_TYPES);
    bus.on('test:done', 'work', nothing);
    start(bus, { settings: RELAY_SETTINGS });
    await sleep(8000);
    const counted = countStatements(database);
    await sleep(10_000);
    const count = counted.take();
    assert.ok(count > 0 && count <= 20, `${count} statements in 10 s`);
  }).timeout(30_000);
});
