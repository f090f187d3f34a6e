import assert from 'node:assert/strict';
import { it } from 'mocha';
import { LotteryCampaignVisitor } from '../../entities/lottery/LotteryCampaignVisitor.ts';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { NotificationBroadcast } from '../../entities/notifications/NotificationBroadcast.ts';
import { NotificationPreference } from '../../entities/notifications/NotificationPreference.ts';
import { stepBroadcast } from '../../src/notifications/broadcasts/steps.ts';
import { tellOfEvents } from '../../src/notifications/handlers.ts';
import { remindAll } from '../../src/notifications/reminders/remind.ts';
import { textOf } from '../../src/notifications/texts.ts';
import { insertAll } from '../../src/platform/database/bulk.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { EventBus } from '../../src/platform/events/bus.ts';
import { emitEvents } from '../../src/platform/events/outbox.ts';
import { FAST, relayOf, relayStarter, settled } from '../platform/events/relays.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createCampaign, createUser, createUsers } from '../support/factories.ts';
import { join, toldOf } from './audiences.ts';
import { rowsOf } from './inboxes.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

forEachDatabase('reminders', (open) => {
  let database: Database;
  let clock: TestClock;
  let guests: number[];
  const begin = relayStarter();
  beforeEach(async () => {
    database = await open();
    clock = new TestClock(Date.now());
    guests = await createUsers(database, 3);
  });

  const start = (nodeId: string) => {
    const bus = new EventBus();
    tellOfEvents({ bus, clock });
    return begin(relayOf(database, bus, { nodeId, settings: FAST, clock }));
  };
  const remind = () => Promise.all([remindAll({ database, clock }), remindAll({ database, clock })]);
  const broadcasts = () =>
    database.currentReader.find(NotificationBroadcast, { order: { broadcast_id: 'ASC' } });
  /** @returns who was told by the one broadcast that there is */
  const send = async () => {
    const [broadcast, ...others] = await broadcasts();
    assert.deepEqual(others, []);
    const { broadcast_id: broadcastId } = broadcast!;
    const step = { broadcastId, nodeId: 'a', leaseMs: 1000, recipients: 100 };
    while ((await database.transaction((tx) => stepBroadcast(tx, step, clock.nowMs()))) === 'more');
    return [...(await toldOf(database, broadcastId)).keys()].sort((a, b) => a - b);
  };
  const visit = (campaignId: number, userIds: readonly number[], firstDay: string | null = null) =>
    database.transaction((tx) =>
      insertAll(
        tx,
        LotteryCampaignVisitor,
        userIds.map((user_id) => ({
          ...{ campaign_id: campaignId, user_id, first_seen_at: new Date(), first_day: firstDay },
          has_won: false,
        })),
      ),
    );
  const campaignFor = (startMs: number, endMs: number, more: object = {}) =>
    createCampaign(database, {
      campaign: {
        ...{ start_time: new Date(clock.nowMs() + startMs), end_time: new Date(clock.nowMs() + endMs) },
        ...more,
      },
    });

  it('C-7 a campaign that ends within a day is told of once, to guests who have not drawn', async () => {
    const [looked, drew] = guests as [number, number];
    const { campaignId } = await campaignFor(-7 * DAY_MS, 2 * DAY_MS);
    await visit(campaignId, [looked]);
    await visit(campaignId, [drew], '2026-01-01');
    await remind();
    assert.deepEqual(await broadcasts(), []);
    clock.advance(DAY_MS + HOUR_MS);
    await remind();
    await remind();
    assert.deepEqual(await send(), [looked]);
    assert.deepEqual(
      (await rowsOf(database, looked)).map(({ type }) => type),
      ['campaign_ending'],
    );
  });

  it('C-7 where there are free draws each day all guests are told; one that has just begun is not told of', async () => {
    const { campaignId } = await campaignFor(-7 * DAY_MS, HOUR_MS, { free_draws_per_day: 1 });
    await campaignFor(-HOUR_MS, 20 * HOUR_MS);
    await visit(campaignId, guests, '2026-01-01');
    await remind();
    assert.deepEqual(await send(), guests);
  });

  it('C-7 one that begins soon, and its launch, are told to those whom it may please, each once', async () => {
    const [member] = guests as [number];
    await join(database, 'gold', [member]);
    const conditions = { segments: ['gold'] };
    const { campaignId } = await campaignFor(HOUR_MS, 9 * DAY_MS, { status: 'scheduled', conditions });
    await remind();
    await remind();
    assert.deepEqual(await send(), [member]);
    await database.transaction((tx) =>
      tx.manager.delete(NotificationBroadcast, { type: 'campaign_starting' }),
    );
    for (const nodeId of ['a', 'b']) start(nodeId);
    for (const status of ['active', 'paused', 'active']) {
      const data = { campaign_id: campaignId, status };
      await database.transaction((tx) =>
        emitEvents(tx, [{ type: 'lottery:campaign_status', userId: null, data }], clock.nowMs()),
      );
    }
    await settled(database);
    assert.deepEqual(await send(), [member]);
    assert.deepEqual(
      (await rowsOf(database, member)).map(({ type }) => type),
      ['campaign_starting', 'campaign_launched'],
    );
  });

  it('C-7 when a campaign ends its guests are told once of the next one that is open to them, if there is one', async () => {
    const [first, second, unwilling] = guests as [number, number, number];
    const { campaignId } = await campaignFor(-9 * DAY_MS, -HOUR_MS, {
      status: 'ended',
      restaurant_ids: [1],
      campaign_name: 'Soup week',
    });
    await visit(campaignId, [first, unwilling]);
    await visit(campaignId, [second], '2026-01-01');
    await database.transaction((tx) =>
      tx.manager.insert(NotificationPreference, { user_id: unwilling, wants_lottery: false }),
    );
    for (const nodeId of ['a', 'b']) start(nodeId);
    const end = async () => {
      const data = { campaign_id: campaignId, status: 'ended' };
      await database.transaction((tx) =>
        emitEvents(tx, [{ type: 'lottery:campaign_status', userId: null, data }], clock.nowMs()),
      );
      await settled(database);
    };
    // Elsewhere, over, for some only, not public.
    await campaignFor(-HOUR_MS, DAY_MS, { restaurant_ids: [2] });
    await campaignFor(-9 * DAY_MS, -DAY_MS, { status: 'active' });
    await campaignFor(-HOUR_MS, DAY_MS, { conditions: { segments: ['gold'] } });
    await campaignFor(-HOUR_MS, DAY_MS, { status: 'draft' });
    await end();
    assert.deepEqual(await broadcasts(), []);
    await campaignFor(3 * DAY_MS, 9 * DAY_MS, { status: 'scheduled' });
    const next = await campaignFor(2 * DAY_MS, 9 * DAY_MS, {
      status: 'scheduled',
      campaign_name: 'Tea week',
    });
    await end();
    await end();
    assert.deepEqual(await send(), [first, second]);
    assert.deepEqual(
      (await rowsOf(database, second)).map(({ type }) => type),
      ['next'],
    );
    const [{ kind, data }] = (await broadcasts()) as [NotificationBroadcast];
    assert.equal(kind, 'lottery');
    assert.deepEqual(
      [data['campaign_id'], data['name'], data['ended_name']],
      [next.campaignId, 'Tea week', 'Soup week'],
    );
    const english = textOf({ type: 'next', data }, 'en');
    assert.equal(english.body, '“Soup week” is over, the next one is “Tea week”');
    assert.match(textOf({ type: 'next', data }, 'zh-CN').body, /Soup week.*Tea week/);
  });

  it('C-7 one that is open to all is told to guests of others', async () => {
    const { campaignId: earlier } = await campaignFor(-9 * DAY_MS, -DAY_MS, { status: 'ended' });
    await visit(earlier, guests.slice(1));
    await campaignFor(HOUR_MS, 9 * DAY_MS, { status: 'scheduled' });
    await remind();
    assert.deepEqual(await send(), guests.slice(1));
  });

  it('C-7 what is won and ends within a day is reminded of once, whatever nodes and times', async () => {
    const userId = await createUser(database);
    const item = (endMs: number, status = 'unclaimed') => ({
      ...{
        user_id: userId,
        source: 'draw',
        item_type: 'coupon',
        item_name: 'Soup',
        item_value: 1_00,
        status,
      },
      ...{ expires_at: new Date(clock.nowMs() + endMs), created_at: new Date(clock.nowMs()) },
    });
    const add = (rows: ReturnType<typeof item>[]) =>
      database.transaction((tx) => insertAll(tx, UserInventory, rows));
    const many = Array.from({ length: 250 }, () => item(30 * HOUR_MS));
    await add([item(40 * HOUR_MS), ...many, item(30 * HOUR_MS, 'claimed'), item(-HOUR_MS)]);
    start('a');
    await remind();
    assert.deepEqual(await rowsOf(database, userId), []);
    clock.advance(7 * HOUR_MS);
    await remind();
    await remind();
    await add([item(23 * HOUR_MS)]);
    await remind();
    await settled(database);
    assert.equal((await rowsOf(database, userId)).length, 251);
    clock.advance(10 * HOUR_MS);
    await remind();
    await settled(database);
    const rows = await rowsOf(database, userId);
    assert.equal(rows.length, 252);
    assert.ok(rows.every(({ type }) => type === 'claim_ending'));
  });

  it('C-7 staff are told of what they may do something about, and nobody else', async () => {
    const admin = await createUser(database, { role: 'admin' });
    const waiter = await createUser(database, { role: 'staff' });
    const { campaignId, prizeIds } = await createCampaign(database);
    start('a');
    const low = { campaign_id: campaignId, prize_id: prizeIds[0], remaining: 1, total: 10 };
    const events = [
      { type: 'lottery:stock_low', data: low },
      { type: 'webhook:disabled', data: { webhook_id: 1, reason: 'gone', failing_since: 'x' } },
      { type: 'sms:cap_reached', data: { codes_per_hour: 5 } },
      { type: 'calendar:holidays_missing', data: { year: 2030 } },
      { type: 'approval:requested', data: { approval_id: 1, kind: 'k', subject_id: 1, change_hash: 'x' } },
    ] as const;
    await database.transaction((tx) =>
      emitEvents(
        tx,
        events.map((event) => ({ ...event, userId: null })),
        clock.nowMs(),
      ),
    );
    await settled(database);
    assert.deepEqual(
      (await rowsOf(database, admin)).map(({ type }) => type),
      ['stock_low', 'webhook_disabled', 'sms_cap_reached', 'holidays_missing', 'approval_requested'],
    );
    for (const userId of [waiter, ...guests]) assert.deepEqual(await rowsOf(database, userId), []);
  });
});
