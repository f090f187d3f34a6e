import assert from 'node:assert/strict';
import { it } from 'mocha';
import { tellOfEvents } from '../../src/notifications/handlers.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { EventBus } from '../../src/platform/events/bus.ts';
import { emitEvents } from '../../src/platform/events/outbox.ts';
import { FAST, relayOf, relayStarter, settled } from '../platform/events/relays.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { failCommits, type CommitFault } from '../support/faults.ts';
import { numbersOf, rowsOf } from './inboxes.ts';

forEachDatabase('notifications of events', (open) => {
  let database: Database;
  let userId: number;
  const begin = relayStarter();
  beforeEach('somebody who has earned points three times', async () => {
    database = await open();
    userId = await createUser(database);
    const event = {
      type: 'points:earned' as const,
      userId,
      data: { user_id: userId, amount: 1, balance: 1 },
    };
    await database.transaction((tx) => emitEvents(tx, [event, event, event], Date.now()));
  });

  const start = (nodeId: string) => {
    const bus = new EventBus();
    tellOfEvents({ bus, clock: systemClock });
    return begin(relayOf(database, bus, { nodeId, settings: FAST }));
  };

  for (const fault of ['answer is lost', 'commit fails'] as const) {
    it(`RC-10 each is told once when the handler's commit goes wrong: ${fault}`, async () => {
      const faults: CommitFault[] = [];
      failCommits(database, faults);
      const bus = new EventBus();
      tellOfEvents({ bus, clock: systemClock });
      const [registration] = bus.take('points:earned');
      const { handle } = registration!;
      let runs = 0;
      registration!.handle = async (events, tx) => {
        await handle(events, tx);
        if (runs++ === 0) faults.push(fault);
      };
      begin(relayOf(database, bus, { settings: FAST }));
      await settled(database);
      assert.deepEqual(faults, []);
      assert.deepEqual(await numbersOf(database, userId), [1, 2, 3]);
    });
  }

  it('RC-10 each is told once by two nodes, and when the events are delivered again without their marks', async () => {
    const relays = [start('a'), start('b')];
    await settled(database);
    await database.transaction(async (tx) => {
      await tx.execute(`DELETE FROM event_handlings`);
      await tx.execute(`UPDATE business_events SET status = 'pending'`);
    });
    for (const relay of relays) relay.notify();
    await settled(database);
    const rows = await rowsOf(database, userId);
    assert.equal(new Set(rows.map(({ event_id: id }) => id)).size, 3);
    assert.equal(rows.length, 3);
  });
});
