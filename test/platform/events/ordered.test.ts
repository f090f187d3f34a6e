import assert from 'node:assert/strict';
import { notify } from '../../../src/notifications/notify.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { EventBus } from '../../../src/platform/events/bus.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { createUsers } from '../../support/factories.ts';
import { rowsOf as notificationsOf } from '../../notifications/inboxes.ts';
import { emit, FAST, relayOf, relayStarter, rowsOf, settled, TEST_TYPES, until } from './relays.ts';

const PEOPLE = 12;
const ROUNDS = 25;

forEachDatabase('events in order', (open) => {
  let database: Database;
  let people: number[];
  const begin = relayStarter();
  beforeEach(async () => {
    database = await open();
    people = await createUsers(database, PEOPLE);
  });

  /** Each event of a user becomes a notification, whose number says when it was handled. */
  const busOf = (mayFail: (eventIds: readonly number[]) => boolean) => {
    const bus = new EventBus(TEST_TYPES);
    bus.onOrdered(TEST_TYPES, 'test.ordered', async (events, tx) => {
      const told = events.filter(({ userId }) => userId !== null);
      const notices = told.map(({ eventId, userId }) => ({
        ...{ userId: userId!, eventId, type: 'earned' as const },
        data: {},
      }));
      await notify(tx, notices, Date.now());
      if (mayFail(events.map(({ eventId }) => eventId))) throw new Error('by chance');
    });
    return bus;
  };
  const emitRounds = async (rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      const events = people.map((userId) => ({ userId, type: TEST_TYPES[Math.random() < 0.5 ? 0 : 1]! }));
      await emit(database, [...events, { userId: null }]);
    }
  };
  const orderOf = async (userId: number) =>
    (await notificationsOf(database, userId)).map(({ event_id: eventId }) => eventId);

  it('RE-6 RE-5 on two nodes, with failures at random, each user’s events are handled in order; others wait for nobody', async function () {
    this.timeout(60_000);
    const settings = { ...FAST, maxHandled: 17, concurrency: 3, maxAttempts: 4 };
    // Every fifth event fails now and then, in whatever company: it is tried again after others of its user have come.
    const mayFail = (ids: readonly number[]) => Math.random() < 0.5 && ids.some((id) => id % 5 === 0);
    for (const nodeId of ['a', 'b']) begin(relayOf(database, busOf(mayFail), { nodeId, settings }));
    await emitRounds(ROUNDS);
    await settled(database, 50_000);
    const rows = await database.read<{ event_id: number; user_id: number | null; status: string }>(
      'SELECT event_id, user_id, status FROM business_events ORDER BY event_id',
    );
    for (const userId of people) {
      const own = rows.filter((row) => row.user_id === userId && row.status === 'completed');
      assert.ok(own.length > ROUNDS / 2);
      assert.deepEqual(
        await orderOf(userId),
        own.map(({ event_id: id }) => Number(id)),
      );
    }
  });

  it('RE-6 what follows one that fails waits for it, and goes on once it is given up; of others nothing waits', async () => {
    const [unlucky, lucky] = people as [number, number];
    await emit(
      database,
      [unlucky, lucky, unlucky, lucky].map((userId) => ({ userId })),
    );
    const [first] = (await rowsOf(database)).map(({ event_id: id }) => Number(id));
    const settings = { ...FAST, backoffMs: 300, maxBackoffMs: 300 };
    begin(
      relayOf(
        database,
        busOf((ids) => ids.includes(first!)),
        { settings },
      ),
    );
    await until(async () => (await orderOf(lucky)).length === 2);
    assert.deepEqual(await orderOf(unlucky), []);
    await settled(database);
    const rows = await rowsOf(database);
    assert.deepEqual(
      rows.map(({ status }) => status),
      ['dead_letter', 'completed', 'completed', 'completed'],
    );
    // Waiting counts as no try.
    assert.deepEqual(
      rows.map(({ attempts }) => attempts),
      [3, 0, 0, 0],
    );
    assert.deepEqual(await orderOf(unlucky), [Number(rows[2]!.event_id)]);
  });

  it('RE-6 a claim of later ones waits for what another node has and does not finish', async () => {
    const [one] = people as [number];
    const gate = Promise.withResolvers<void>();
    const slow = new EventBus(TEST_TYPES);
    let isHeld = false;
    slow.onOrdered(TEST_TYPES, 'test.ordered', async (events, tx) => {
      isHeld = true;
      await gate.promise;
      const notices = events.map(({ eventId, userId }) => ({
        ...{ userId: userId!, eventId, type: 'earned' as const },
        data: {},
      }));
      await notify(tx, notices, Date.now());
    });
    if (database.dialect === 'sqlite') {
      // One transaction at a time: there is no other that could overtake.
      gate.resolve();
    }
    begin(relayOf(database, slow, { nodeId: 'slow', settings: FAST }));
    await emit(database, [{ userId: one }]);
    await until(() => isHeld);
    begin(
      relayOf(
        database,
        busOf(() => false),
        { nodeId: 'fast', settings: FAST },
      ),
    );
    await emit(database, [{ userId: one }]);
    if (database.dialect === 'mysql') {
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.deepEqual(await orderOf(one), []);
    }
    gate.resolve();
    await settled(database);
    const ids = (await rowsOf(database)).map(({ event_id: id }) => Number(id));
    assert.deepEqual(await orderOf(one), ids);
  });
});
