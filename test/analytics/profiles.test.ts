import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { AnalyticsUserDay } from '../../entities/analytics/AnalyticsUserDay.ts';
import { AnalyticsUserProfile } from '../../entities/analytics/AnalyticsUserProfile.ts';
import { User } from '../../entities/identity/User.ts';
import { countIntoProfiles, forgetProfile } from '../../src/analytics/profiles.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { EventBus } from '../../src/platform/events/bus.ts';
import { emitEvents, emitSimulated, type NewEvent } from '../../src/platform/events/outbox.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUsers } from '../support/factories.ts';
import { failCommits, type CommitFault } from '../support/faults.ts';
import { countOf, FAST, relayOf, relayStarter, settled, statusesOf } from '../platform/events/relays.ts';

const PEOPLE = 40;
const DAY_MS = Date.UTC(2026, 4, 1);

forEachDatabase('what is counted of people', (open) => {
  let database: Database;
  let people: number[];
  const begin = relayStarter();

  beforeEach('nobody is counted yet', async () => {
    database = await open();
    people = await createUsers(database, PEOPLE);
  });

  const start = (nodeId = 'node') => {
    const bus = new EventBus();
    countIntoProfiles({ bus, clock: systemClock, businessTimezone: 'Asia/Shanghai' });
    return begin(relayOf(database, bus, { nodeId, settings: { ...FAST, leaseMs: 60_000 } }));
  };
  const event = (type: NewEvent['type'], userId: number | null): NewEvent => ({ type, userId, data: {} });
  const write = (events: readonly NewEvent[], atMs = DAY_MS) =>
    database.transaction((tx) => emitEvents(tx, events, atMs));
  const again = () =>
    database.retryingTransaction((tx) => tx.execute(`UPDATE business_events SET status = 'pending'`));
  const profiles = () => database.currentReader.find(AnalyticsUserProfile, { order: { user_id: 'ASC' } });
  const figures = async () =>
    (await profiles()).map((row) => [row.user_id, row.logins, row.actions, row.prizes_received]);

  /** Of the person at each place: so many logins, actions and prizes. */
  const eventsOf = (each: (place: number) => [number, number, number]) =>
    people.flatMap((userId, place) => {
      const [logins, actions, prizes] = each(place);
      return [
        ...Array<NewEvent>(logins).fill(event('user:login', userId)),
        ...Array<NewEvent>(actions).fill(event('user:action', userId)),
        ...Array<NewEvent>(prizes).fill(event('lottery:prize_distributed', userId)),
      ];
    });
  const some = (place: number): [number, number, number] => [1 + (place % 3), place % 4, place % 2];
  const expected = () => people.map((userId, place) => [userId, ...some(place)]);

  it('E-3 RE-13 logins, actions and prizes are counted to the one, when they were, of each person alone', async () => {
    await write([...eventsOf(some).reverse(), event('user:action', null)]);
    start();
    await settled(database);
    assert.deepEqual(await figures(), expected());
    const first = await profiles();
    assert.ok(first.every((row) => row.last_login_at!.getTime() === DAY_MS));
    assert.deepEqual(
      first.map((row) => row.last_action_at?.getTime()),
      people.map((_, place) => (place % 4 === 0 ? undefined : DAY_MS)),
    );
    assert.ok(new Set(await statusesOf(database)).size === 1);
  });

  it('B-2 RE-4 of deeds that are told again, in parts and by several nodes, each counts once', async () => {
    const [userId, other] = people as [number, number];
    const deeds: NewEvent[] = [userId, other].flatMap((id) => [
      { type: 'product:exchanged', userId: id, data: {} },
      { type: 'points:checked_in', userId: id, data: {} },
      { type: 'points:bill_paid', userId: id, data: { bill_amount: 10.1 } },
      { type: 'points:bill_refunded', userId: id, data: { refunded: 0.05 } },
      { type: 'trade:settled', userId: id, data: {} },
    ]);
    const both = ['a', 'b'].map((nodeId) => start(nodeId));
    for (const atMs of [DAY_MS, DAY_MS + 3_600_000, DAY_MS + 30 * 3_600_000]) await write(deeds, atMs);
    for (let round = 0; round < 10; round++) {
      await again();
      both.forEach((relay) => relay.notify());
      await sleep(5);
    }
    await settled(database);
    const rows = await profiles();
    assert.deepEqual(
      rows.map((row) => [row.user_id, row.exchanges, row.check_ins, row.bills, row.spent, row.trades]),
      [userId, other].map((id) => [id, 3, 3, 3, 3015, 3]),
    );
    const times = [DAY_MS, DAY_MS + 30 * 3_600_000].map((atMs) => new Date(atMs));
    assert.deepEqual([rows[0]!.first_active_at, rows[0]!.last_active_at], times);
    assert.deepEqual([rows[0]!.last_bill, rows[0]!.last_bill_at], [1010, times[1]]);
    const days = await database.currentReader.find(AnalyticsUserDay, {
      where: { user_id: userId },
      order: { day: 'ASC' },
    });
    assert.deepEqual(
      days.map((row) => [row.day, row.hours, row.exchanges, row.bills, row.spent, row.trades]),
      [
        ['2026-05-01', (1 << 8) | (1 << 9), 2, 2, 2010, 2],
        ['2026-05-02', 1 << 14, 1, 1, 1005, 1],
      ],
    );
  });

  it('E-3 what comes late is counted, and moves no time back', async () => {
    const relay = start();
    const [userId] = people as [number];
    for (const atMs of [DAY_MS, DAY_MS + 9, DAY_MS + 5]) {
      await write([event('user:login', userId), event('user:action', userId)], atMs);
      relay.notify();
      await settled(database);
    }
    const [row] = await profiles();
    assert.deepEqual([row!.logins, row!.actions], [3, 3]);
    assert.deepEqual(
      [row!.last_login_at!.getTime(), row!.last_action_at!.getTime()],
      [DAY_MS + 9, DAY_MS + 9],
    );
  });

  it('E-3 RE-11 what an administrator has published counts nothing', async () => {
    const [userId] = people as [number];
    const relay = start();
    for (const type of ['user:login', 'user:action'] as const)
      await database.transaction((tx) => emitSimulated(tx, { type, userId, data: {} }, DAY_MS));
    relay.notify();
    await settled(database);
    assert.deepEqual(await figures(), []);
    assert.equal(await countOf(database, 'event_handlings'), 2);
  });

  it('E-3 RE-4 events that are delivered again count nothing more', async () => {
    await write(eventsOf(some));
    const relay = start();
    await settled(database);
    for (const _ of [1, 2]) {
      await again();
      relay.notify();
      await settled(database);
    }
    assert.deepEqual(await figures(), expected());
  });

  for (const fault of ['answer is lost', 'commit fails'] as const) {
    it(`E-3 RE-4 a batch counts once when its commit goes wrong: ${fault}`, async () => {
      const faults: CommitFault[] = [];
      const { remaining } = failCommits(database, faults);
      await write(eventsOf(some));
      // Commits of claims, of the three batches and of their ends.
      for (let at = 0; at < 4; at++) faults.push(fault);
      start();
      await settled(database);
      assert.equal(remaining(), 0);
      assert.deepEqual(await figures(), expected());
    });
  }

  it('E-3 RE-4 two nodes that are given the same events count each once', async () => {
    await write(eventsOf(some));
    const both = ['a', 'b'].map((nodeId) => start(nodeId));
    // What is claimed by one becomes due again under its hands.
    for (let round = 0; round < 20; round++) {
      await again();
      both.forEach((relay) => relay.notify());
      await sleep(5);
    }
    await settled(database);
    assert.deepEqual(await figures(), expected());
  });

  const close = (userId: number, wait = () => Promise.resolve()) =>
    database.retryingTransaction(async (tx) => {
      await tx.manager.update(User, { user_id: userId }, { status: 'closed' });
      await forgetProfile(tx, userId, DAY_MS);
      await wait();
    });

  it('A-11 E-3 of somebody who has left nothing is kept, and nothing counted anew', async () => {
    await write(eventsOf(some));
    const relay = start();
    await settled(database);
    const [gone, newcomer] = people as [number, number];
    await close(gone);
    await write([event('user:login', gone), event('user:login', newcomer)]);
    relay.notify();
    await settled(database);
    const [first, ...others] = await profiles();
    assert.deepEqual([first!.user_id, first!.logins], [newcomer, 3]);
    assert.equal(others.length, PEOPLE - 2);
  });

  it('A-11 E-3 whoever leaves at the moment in which they are counted first leaves nothing behind', async () => {
    const [gone, other] = people as [number, number];
    const relay = start();
    await close(gone, async () => {
      if (database.dialect === 'sqlite') return;
      // The batch comes while the account is not closed yet for anybody else, and waits for it.
      await write([event('user:login', gone), event('user:login', other)]);
      relay.notify();
      await sleep(300);
      assert.deepEqual(await figures(), []);
    });
    if (database.dialect === 'sqlite') await write([event('user:login', gone), event('user:login', other)]);
    relay.notify();
    await settled(database);
    assert.deepEqual(await figures(), [[other, 1, 0, 0]]);
  });
});
