import assert from 'node:assert/strict';
import { BusinessEvent } from '../../../entities/platform/BusinessEvent.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { EventBus } from '../../../src/platform/events/bus.ts';
import { createContext } from '../../../src/context.ts';
import { loadConfig } from '../../../src/settings.ts';
import { insertAll } from '../../../src/platform/database/bulk.ts';
import { sqlTime } from '../../../src/platform/database/sqlValues.ts';
import { forEachDatabase, urlOf } from '../../support/databases.ts';
import { countOf, emit, logger, relayOf, relayStarter, settled, statusesOf, until } from './relays.ts';

/** What the build of before knows, and what the one after it has added. */
const OLD = ['test:done'];
const NEW = [...OLD, 'test:added'];

forEachDatabase('events while two builds run', (open) => {
  let database: Database;
  const begin = relayStarter();
  beforeEach('opens a database', async function () {
    this.timeout(60_000);
    database = await open();
  });

  const start = (bus: EventBus) => begin(relayOf(database, bus));
  const counting = () => {
    const bus = new EventBus(NEW);
    const seen: number[] = [];
    bus.on('test:added', 'count', async ({ eventId }) => void seen.push(eventId));
    return { bus, seen };
  };

  it('RE-7 an event that a build does not know is left to the one that does', async () => {
    start(new EventBus(OLD));
    await emit(
      database,
      Array.from({ length: 200 }, (_, at) => ({ type: NEW[at % 2]! })),
    );
    await until(async () => (await statusesOf(database)).every((status) => status !== 'pending'));
    const statuses = await statusesOf(database);
    assert.equal(statuses.filter((status) => status === 'completed').length, 100);
    assert.equal(statuses.filter((status) => status === 'unknown').length, 100);
    const { bus, seen } = counting();
    start(bus);
    await settled(database);
    assert.equal(new Set(seen).size, 100);
    assert.equal(seen.length, 100);
  });

  it('RE-7 both builds at once: every event is handled once, by the one that knows it', async () => {
    const { bus, seen } = counting();
    start(new EventBus(OLD));
    start(bus);
    for (let round = 0; round < 10; round++) {
      await emit(
        database,
        Array.from({ length: 20 }, (_, at) => ({ type: NEW[at % 2]! })),
      );
    }
    await settled(database);
    assert.equal(seen.length, 100);
    assert.equal(await countOf(database, 'event_handlings'), 100);
  });

  it('RE-7 one that has failed for the build that knows it is not touched by the other', async () => {
    await emit(database, [{ type: 'test:added' }]);
    await database.transaction((tx) =>
      tx.execute(`UPDATE business_events SET status = 'failed', attempts = 1, available_at = ?`, [
        sqlTime(0),
      ]),
    );
    start(new EventBus(OLD));
    await emit(database, [{}]);
    await until(async () => (await statusesOf(database))[1] === 'completed');
    assert.equal((await statusesOf(database))[0], 'failed');
  });

  it('RE-7 a hundred thousand that nobody knows are looked at once, and hold up no claim', async () => {
    const event = {
      event_type: 'test:never',
      event_data: '{}',
      priority: 'high',
      status: 'pending',
    } as const;
    const row = { ...event, created_at: new Date() };
    await database.transaction(async (tx) => {
      for (let part = 0; part < 10; part++) {
        await insertAll(tx, BusinessEvent, Array<typeof row>(10_000).fill(row));
      }
    });
    const { bus, seen } = counting();
    start(bus);
    await until(
      async () => (await countOf(database, `business_events WHERE status = 'pending'`)) === 0,
      120_000,
    );
    // Of lower priority than all of those.
    await emit(database, [{ type: 'test:added' }]);
    await until(() => seen.length === 1);
    assert.equal(await countOf(database, `business_events WHERE status = 'unknown'`), 100_000);
  }).timeout(180_000);

  it('RE-7 nothing is brought to a node before its handlers are registered', async () => {
    await emit(database, [{ type: 'points:earned' }]);
    const config = loadConfig({
      DATABASE_URL: urlOf(database),
      JWT_SECRET: 'test-secret-of-more-than-thirty-two-bytes',
      SEED_ENCRYPTION_KEY: '07'.repeat(32),
      SEED_DEMO: 'false',
    });
    let seen = 0;
    const context = await createContext(config, {
      logger,
      handle: (handlers) => handlers.on('points:earned', 'see', async () => void seen++),
    });
    try {
      await settled(database);
      assert.equal(seen, 1);
    } finally {
      await context.close();
    }
  });
});
