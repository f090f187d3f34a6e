import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { campaignBody } from '../lottery/manage/operators.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import { emitEvents, type NewEvent } from '../../src/platform/events/outbox.ts';
import { completed } from '../platform/events/relays.ts';
import { ADDRESS, openWinning, type Winning } from '../inventory/won.ts';

/** By type, who handles it in the product, and what it does. */
const BUILT_IN = {
  'points:earned': 'notifications.tell', // tells its person of the points
  'points:consumed': 'notifications.tell', // tells its person of what it has cost
  'points:expired': 'notifications.tell', // tells its person of what has ended
  'lottery:draw_completed': 'notifications.tell', // tells its person of the cost and of what is won
  'lottery:campaign_created': 'notifications.tell', // tells the screens of those who edit campaigns
  'lottery:prize_distributed': 'analytics.profile', // counts a prize that its person has
  'user:login': 'analytics.profile', // counts a login
  'user:action': 'analytics.profile', // counts an action
} as const;
type BuiltIn = keyof typeof BUILT_IN;

forEachDatabase('the eight built-in handlers', (_open, openUrl) => {
  let here: Winning;
  before(async () => {
    here = await openWinning(await openUrl());
  });
  after(() => here?.venue.close());

  const told = async (type: string): Promise<any[]> => {
    const { data } = await here.call('GET', '/notifications?limit=100', undefined, here.diner);
    return data.items.filter((one: { type: string }) => one.type === type);
  };
  const activity = async () => (await here.call('GET', '/auth/export', undefined, here.diner)).data.activity;
  const write = (event: NewEvent) =>
    here.venue.context.database.transaction((tx) => emitEvents(tx, [event], here.clock.nowMs()));
  /** Of each event of the type, by whose hands it has gone, once there is one. */
  const isHandled = (type: BuiltIn) =>
    eventually(async () => {
      const rows = await here.venue.context.database.readCurrent<{ handler: string | null }>(
        `SELECT h.handler FROM business_events e LEFT JOIN event_handlings h ON h.event_id = e.event_id
         WHERE e.event_type = ? AND e.status = 'completed'`,
        [type],
      );
      assert.ok(
        rows.some(({ handler }) => handler === BUILT_IN[type]),
        type,
      );
    });

  for (const [type, handler] of Object.entries(BUILT_IN))
    it(`E-3 ${type} is handled by ${handler}`, () => {
      assert.ok(here.venue.context.bus.handlersOf(type).includes(handler));
    });

  it('E-3 points:earned, points:consumed and points:expired tell their person of it', async () => {
    const { userId } = here.diner;
    const granted = { user_id: userId, amount: 12, reason: '补偿', source: 'staff' };
    const keyed = (key: string) => ({ headers: { 'Idempotency-Key': key } });
    assert.equal((await here.call('POST', '/points/earn', granted, here.admin, keyed('e'))).code, 'OK');
    const spent = { amount: 5, reason: '茶' };
    assert.equal((await here.call('POST', '/points/consume', spent, here.diner, keyed('c'))).code, 'OK');
    await write({ type: 'points:expired', userId, data: { user_id: userId, amount: 3 } });
    await eventually(async () => {
      assert.ok((await told('earned')).some(({ data }) => data.amount === 12));
      assert.deepEqual(
        (await told('consumed')).map(({ data }) => data.amount),
        [5],
      );
      assert.deepEqual(
        (await told('expired')).map(({ data }) => data.amount),
        [3],
      );
    });
  });

  it('E-3 lottery:draw_completed tells of what was won, lottery:campaign_created is handled once', async () => {
    const draws = await here.win(await here.campaignOf('coupon'), 2);
    assert.equal((await here.call('POST', '/admin/campaigns', campaignBody(), here.admin)).code, 'OK');
    await eventually(async () =>
      assert.deepEqual(
        (await told('draw_won')).map(({ data }) => data.draw_ids),
        [draws],
      ),
    );
    await isHandled('lottery:campaign_created');
  });

  it('E-3 lottery:prize_distributed comes once of each item, is counted, and told of once', async () => {
    const before = (await activity()).prizes_received;
    const [fetched, sent] = (await here.win(await here.campaignOf('physical'), 2)) as [number, number];
    const one = (await here.claim(fetched)).data.item_id;
    assert.equal((await here.redeem((await here.codeOf(one)).data.code)).code, 'OK');
    const other = (await here.claim(sent, { delivery_info: ADDRESS })).data.item_id;
    for (const status of ['shipped', 'delivered'])
      assert.equal((await here.call('PUT', `/admin/deliveries/${other}`, { status })).code, 'OK');
    await completed(here.venue.context.database);
    assert.equal((await activity()).prizes_received, before + 2);
    const rows = await here.venue.context.database.readCurrent<{ user_id: number; event_data: string }>(
      `SELECT user_id, event_data FROM business_events WHERE event_type = 'lottery:prize_distributed'
       ORDER BY event_id`,
    );
    assert.deepEqual(
      rows.map(({ user_id, event_data }) => {
        const { item_id, how } = JSON.parse(event_data) as Record<string, unknown>;
        return [user_id, item_id, how];
      }),
      [
        [here.diner.userId, one, 'redeemed'],
        [here.diner.userId, other, 'delivered'],
      ],
    );
    await eventually(async () => assert.equal((await told('prize_redeemed')).length, 2));
    assert.equal((await told('prize_shipped')).length, 1);
    assert.deepEqual(
      (await told('prize_redeemed')).map(({ data }) => data.item_id).sort((a, b) => a - b),
      [one, other],
    );
  });

  it('E-3 user:login and user:action are counted of their person; what is published is not', async () => {
    const before = await activity();
    const atMs = here.clock.nowMs();
    await here.venue.login('13900000001');
    const { userId } = here.diner;
    await write({ type: 'user:action', userId, data: { user_id: userId, action: 'looked' } });
    const data = { user_id: userId, action: 'never' };
    for (const type of ['user:action', 'user:login'])
      assert.equal((await here.call('POST', '/events/publish', { type, data }, here.admin)).code, 'OK');
    await completed(here.venue.context.database);
    assert.deepEqual(await activity(), {
      ...before,
      logins: before.logins + 1,
      last_login_at: new Date(atMs).toISOString(),
      actions: before.actions + 1,
      last_action_at: new Date(atMs).toISOString(),
    });
  });
});
