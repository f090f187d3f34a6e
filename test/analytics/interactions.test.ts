import assert from 'node:assert/strict';
import { AnalyticsInteraction } from '../../entities/analytics/AnalyticsInteraction.ts';
import { User } from '../../entities/identity/User.ts';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import { countInteractions } from '../../src/analytics/interactions/countInteractions.ts';
import {
  carryInteractions,
  forgetInteractions,
} from '../../src/analytics/interactions/personalInteractions.ts';
import {
  readInteractionPage,
  readOwnInteractions,
} from '../../src/analytics/interactions/readInteractions.ts';
import { rebuildInteractions } from '../../src/books/rebuildInteractions.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { EventBus } from '../../src/platform/events/bus.ts';
import { emitEvents, emitSimulated, type NewEvent } from '../../src/platform/events/outbox.ts';
import { FAST, relayOf, relayStarter, settled } from '../platform/events/relays.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUsers } from '../support/factories.ts';
import { failCommits, type CommitFault } from '../support/faults.ts';

const AT_MS = Date.UTC(2026, 4, 1);

forEachDatabase('what diners have had to do with', (open) => {
  let database: Database;
  let people: number[];
  const begin = relayStarter();

  beforeEach('nobody has done anything', async () => {
    database = await open();
    people = await createUsers(database, 4);
  });

  const start = () => {
    const bus = new EventBus();
    countInteractions(bus);
    return begin(relayOf(database, bus, { nodeId: 'node', settings: { ...FAST, leaseMs: 60_000 } }));
  };
  const write = (events: readonly NewEvent[], atMs = AT_MS) =>
    database.transaction((tx) => emitEvents(tx, events, atMs));
  const earned = (userId: number, rule?: number): NewEvent => ({
    type: 'points:earned',
    userId,
    data: { ...(rule && { rule_id: rule }) },
  });
  const bought = (buyerId: number, sellerId: number): NewEvent[] =>
    [buyerId, sellerId].map((userId) => ({
      type: 'trade:bought',
      userId,
      data: { buyer_id: buyerId, seller_id: sellerId, product_id: 5 },
    }));
  const exchanged = (userId: number, productId = 5): NewEvent => ({
    type: 'product:exchanged',
    userId,
    data: { product_id: productId },
  });
  const rows = async () =>
    (
      await database.currentReader.find(AnalyticsInteraction, {
        order: { user_id: 'ASC', item_type: 'ASC', item_id: 'ASC' },
      })
    ).map((row) => `${people.indexOf(row.user_id)} ${row.item_type} ${row.item_id} ${row.entries}`);

  it('B-4 exchanges, rules and offers count once each, over failed commits and events that come again', async () => {
    const [a, b] = people as [number, number];
    await write([exchanged(a, 7), exchanged(a, 7), earned(a, 2), earned(a), exchanged(b), ...bought(b, a)]);
    await database.transaction((tx) => emitSimulated(tx, exchanged(b, 9), AT_MS));
    const faults: CommitFault[] = ['answer is lost', 'commit fails', 'answer is lost', 'commit fails'];
    const { remaining } = failCommits(database, faults);
    const relay = start();
    await settled(database);
    assert.equal(remaining(), 0);
    const expected = ['0 product 7 2', '0 way 2 1', '1 offer 5 1', '1 product 5 1'];
    assert.deepEqual(await rows(), expected);
    await database.retryingTransaction((tx) => tx.execute(`UPDATE business_events SET status = 'pending'`));
    relay.notify();
    await settled(database);
    assert.deepEqual(await rows(), expected);
  });

  it('B-4 first and last are when it was, in whichever order batches come', async () => {
    const [a] = people as [number];
    const relay = start();
    for (const atMs of [AT_MS, AT_MS + 9000, AT_MS - 5000]) {
      await write([exchanged(a, 7)], atMs);
      relay.notify();
      await settled(database);
    }
    const [own] = await readOwnInteractions(database, a, 10);
    assert.deepEqual([own!.entries, own!.firstAtMs, own!.lastAtMs], [3, AT_MS - 5000, AT_MS + 9000]);
  });

  it('RS-14 R-2 what comes late for whoever has left is not written, and of merged accounts is of who stays', async () => {
    const [a, b, c] = people as [number, number, number];
    start();
    await write([exchanged(a, 7), exchanged(a, 7), exchanged(b, 7), exchanged(c, 8)]);
    await settled(database);
    await database.retryingTransaction(async (tx) => {
      await tx.manager.update(User, { user_id: a }, { status: 'closed' });
      await tx.manager.update(UserPointsAccount, { user_id: a }, { merged_into: b });
      await carryInteractions(tx, { fromUserId: a, intoUserId: b });
      await forgetInteractions(tx, a);
      await tx.manager.update(User, { user_id: c }, { status: 'closed' });
      await forgetInteractions(tx, c);
    });
    assert.deepEqual(await rows(), ['1 product 7 3']);
    await write([exchanged(a, 7), exchanged(c, 8), exchanged(c, 9)]);
    await settled(database);
    assert.deepEqual(await rows(), ['1 product 7 4']);
  });

  it('RS-3 RS-14 pages have everybody once whom reports are about, and nobody else', async () => {
    const [a, b, c, d] = people as [number, number, number, number];
    start();
    await write([...people.map((userId) => exchanged(userId, 7)), exchanged(d, 8)]);
    await settled(database);
    await database.retryingTransaction(async (tx) => {
      await tx.manager.update(User, { user_id: a }, { is_test: true });
      await tx.manager.update(User, { user_id: b }, { role: 'staff' });
    });
    const read: number[] = [];
    for (let after: number | undefined = 0; after !== undefined;) {
      const page = await readInteractionPage(database, { after, people: 1 });
      read.push(...page.interactions.map(({ userId }) => userId));
      after = page.after;
    }
    assert.deepEqual(read, [c, d, d]);
  });

  it('B-4 they are made anew from the books, of merged accounts too, and of nobody who has left', async () => {
    const [a, b, c] = people as [number, number, number];
    const at = `'2026-05-01 00:00:00.000'`;
    await database.retryingTransaction(async (tx) => {
      for (const [userId, productId] of [
        [a, 5],
        [a, 5],
        [b, 5],
        [c, 6],
      ])
        await tx.execute(
          `INSERT INTO product_exchanges (user_id, product_id, product_version, quantity, price, created_at) VALUES (?, ?, 1, 1, 1, ${at})`,
          [userId, productId],
        );
      await tx.manager.update(User, { user_id: a }, { status: 'closed' });
      await tx.manager.update(UserPointsAccount, { user_id: a }, { merged_into: b });
      await tx.manager.update(User, { user_id: c }, { status: 'closed' });
      await tx.manager.insert(AnalyticsInteraction, {
        user_id: b,
        item_type: 'product',
        item_id: 99,
        entries: 1,
        first_at: new Date(AT_MS),
        last_at: new Date(AT_MS),
      });
    });
    await rebuildInteractions(database);
    assert.deepEqual(await rows(), ['1 product 5 3']);
    await rebuildInteractions(database);
    assert.deepEqual(await rows(), ['1 product 5 3']);
  });
});
