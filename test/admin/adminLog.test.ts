import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { NotificationBroadcast } from '../../entities/notifications/NotificationBroadcast.ts';
import { WebhookDelivery } from '../../entities/webhooks/WebhookDelivery.ts';
import { insertOne } from '../../src/platform/database/bulk.ts';
import { campaignBody } from '../lottery/manage/operators.ts';
import { giveUp } from '../events/deadLetters.ts';
import { forEachDatabase } from '../support/databases.ts';
import { COUPONS, createCampaign } from '../support/factories.ts';
import { openAdministration, type Administration } from './administration.ts';

interface GoodCall {
  path: string;
  body?: unknown;
  csv?: string;
}

/** Restricted, no GET, and changing nothing. */
const ASKING = ['POST /admin/rules/preview'];

/** One call that succeeds per route that only some may call and that is no GET; made in this order. */
const GOOD_CALLS: Record<string, (here: Administration) => Promise<GoodCall> | GoodCall> = {
  'POST /points/earn': ({ diner }) => ({
    path: '/points/earn',
    body: { user_id: diner.userId, amount: 5, reason: 'birthday', source: 'pos' },
  }),
  'POST /points/freeze': pointsOfDiner('/points/freeze', 5),
  'POST /points/unfreeze': pointsOfDiner('/points/unfreeze', 2),
  'POST /points/consume-frozen': pointsOfDiner('/points/consume-frozen', 2),
  'POST /admin/points/adjust': pointsOfDiner('/admin/points/adjust', -1),
  'POST /points/transactions/:id/rollback': async ({ venue, diner }) => {
    const [row] = await venue.context.database.read<{ transaction_id: number }>(
      `SELECT transaction_id FROM points_transactions WHERE user_id = ? AND transaction_type = 'adjust'`,
      [diner.userId],
    );
    return { path: `/points/transactions/${row!.transaction_id}/rollback`, body: { reason: 'a test' } };
  },
  'POST /admin/points/transfers/:id/reject': async (here) => ({
    path: `/admin/points/transfers/${await transferInReview(here, 'reject')}/reject`,
    body: { reason: 'a test' },
  }),
  'POST /admin/points/transfers/:id/approve': async (here) => ({
    path: `/admin/points/transfers/${await transferInReview(here, 'approve')}/approve`,
    body: {},
  }),
  'POST /points/pay': ({ diner }) => ({
    path: '/points/pay',
    body: { user_id: diner.userId, bill_no: 'T01-0001', bill_amount: 20 },
  }),
  'POST /points/pay/:bill_no/refund': () => ({ path: '/points/pay/T01-0001/refund', body: {} }),
  'PUT /admin/reports/subscription': () => ({
    path: '/admin/reports/subscription',
    body: { daily: 8, weekly: 9 },
  }),
  // Rule 1 is one of the demo.
  'PUT /admin/rules/:id': () => ({
    path: '/admin/rules/1',
    body: { version: 1, definition: { amount: '100' } },
  }),
  'POST /admin/rules/:id/publish': () => ({ path: '/admin/rules/1/publish', body: { version: 2 } }),
  'POST /admin/rules/:id/return': () => ({ path: '/admin/rules/1/return', body: { version: 1 } }),
  'POST /admin/rules/:id/withdraw': () => ({ path: '/admin/rules/1/withdraw', body: { version: 3 } }),
  'POST /admin/rules': () => ({
    path: '/admin/rules',
    body: { type: 'rebate', name: '午市', definition: { amount: 'bill_amount / 100' } },
  }),
  'POST /admin/campaigns': () => ({ path: '/admin/campaigns', body: campaignBody() }),
  'PUT /admin/campaigns/:id': async (here) => ({
    path: `/admin/campaigns/${await draft(here)}`,
    body: { version: 1, name: 'Another' },
  }),
  'POST /admin/campaigns/:id/clone': async (here) => ({
    path: `/admin/campaigns/${await draft(here)}/clone`,
  }),
  'DELETE /admin/campaigns/:id': async (here) => ({ path: `/admin/campaigns/${await draft(here)}` }),
  'POST /admin/approvals/:id': async (here) => {
    const id = await draft(here);
    const { data } = await here.call(
      'POST',
      `/admin/campaigns/${id}/status`,
      { status: 'active' },
      here.admin,
    );
    return { path: `/admin/approvals/${data.approval_id}`, body: { decision: 'approve' } };
  },
  'POST /admin/campaigns/:id/status': () => ({
    path: '/admin/campaigns/1/status',
    body: { status: 'paused' },
  }),
  'POST /admin/campaigns/:id/fairness/rotate': () => ({ path: '/admin/campaigns/1/fairness/rotate' }),
  'POST /admin/prizes/:id/stock': () => ({ path: '/admin/prizes/1/stock', body: { delta: 1 } }),
  'POST /admin/prizes/:id/coupons': async ({ venue }) => {
    const { prizeIds } = await createCampaign(venue.context.database, COUPONS);
    return { path: `/admin/prizes/${prizeIds[0]}/coupons`, body: { codes: ['A-1', 'A-2'] } };
  },
  'POST /admin/redemptions': async (here) => ({
    path: '/admin/redemptions',
    body: { code: (await claimed(here, 'scan')).code },
  }),
  'POST /admin/prizes/won/:item_id/void': async (here) => ({
    path: `/admin/prizes/won/${(await claimed(here, 'void')).itemId}/void`,
    body: { reason: 'a test' },
  }),
  'PUT /admin/deliveries/:item_id': async (here) => ({
    path: `/admin/deliveries/${(await claimed(here, 'send')).itemId}`,
    body: { status: 'shipped', carrier: 'SF' },
  }),
  'PUT /admin/users/:id/restaurants': ({ staff }) => ({
    path: `/admin/users/${staff.userId}/restaurants`,
    body: { restaurant_ids: [7] },
  }),
  'POST /admin/products': () => ({ path: '/admin/products', body: PRODUCT }),
  'PUT /admin/products/:id': async (here) => ({
    path: await product(here),
    body: { version: 1, price: 2 },
  }),
  'POST /admin/products/:id/stock': async (here) => ({
    path: `${await product(here)}/stock`,
    body: { delta: 1 },
  }),
  'POST /admin/trades/:id/decide': async (here) => ({
    path: `/admin/trades/${await disputed(here)}/decide`,
    body: { decision: 'cancel', reason: 'a test' },
  }),
  'POST /admin/users/:id/merges': async ({ recruit }) => ({
    path: `/admin/users/${(await recruit()).userId}/merges`,
    body: { into_user_id: (await recruit()).userId, reason: 'a test' },
  }),
  'POST /admin/merges/:id/cancel': async ({ recruit, call }) => {
    const body = { into_user_id: (await recruit()).userId, reason: 'a test' };
    const { data } = await call('POST', `/admin/users/${(await recruit()).userId}/merges`, body);
    return { path: `/admin/merges/${data.merge_id}/cancel`, body: { reason: 'a test' } };
  },
  'POST /admin/restaurants': () => ({
    path: '/admin/restaurants',
    body: { name: 'A restaurant', address: 'A street' },
  }),
  'PUT /admin/restaurants/:id': () => ({
    path: '/admin/restaurants/1',
    body: { version: 1, phone: '021-5555 0100' },
  }),
  'PUT /admin/chat/words': () => ({
    path: '/admin/chat/words',
    body: { version: 0, mask: ['a word'], refuse: [], allow: [] },
  }),
  'DELETE /admin/chat/messages/:id': async (here) => ({
    path: `/admin/chat/messages/${(await said(here)).messageId}`,
    body: { reason: 'a test' },
  }),
  'POST /admin/chat/reports/:id': async (here) => {
    const { messageId } = await said(here);
    const reported = { reason: 'spam' };
    const { data } = await here.call('POST', `/chat/messages/${messageId}/report`, reported, here.admin);
    return {
      path: `/admin/chat/reports/${data.report_id}`,
      body: { decision: 'delete', reason: 'a test' },
    };
  },
  'PUT /admin/chat/conversations/:id': async (here) => ({
    path: `/admin/chat/conversations/${(await said(here)).conversationId}`,
    body: { slow_mode_s: 5, reason: 'a test' },
  }),
  'PUT /admin/chat/conversations/:id/members/:user_id': async (here) => ({
    path: `/admin/chat/conversations/${(await said(here)).conversationId}/members/${here.diner.userId}`,
    body: { silenced_until: new Date(Date.now() + 60_000).toISOString(), reason: 'a test' },
  }),
  'PUT /admin/chat/members/:user_id': ({ diner }) => ({
    path: `/admin/chat/members/${diner.userId}`,
    body: { silenced_until: new Date(Date.now() + 60_000).toISOString(), reason: 'a test' },
  }),
  'PUT /admin/blacklist/:user_id': ({ diner }) => ({
    path: `/admin/blacklist/${diner.userId}`,
    body: { reason: 'a test' },
  }),
  'DELETE /admin/blacklist/:user_id': ({ diner }) => ({ path: `/admin/blacklist/${diner.userId}` }),
  'PUT /admin/segments/:segment/members': ({ diner }) => ({
    path: '/admin/segments/gold/members',
    body: { add: [diner.userId] },
  }),
  'POST /admin/campaigns/simulate': () => ({
    path: '/admin/campaigns/simulate',
    body: { campaign_id: 1, draws: 1000 },
  }),
  'DELETE /admin/simulations/:id': async ({ call }) => {
    // Behind others it is not over before it is cancelled.
    const simulate = async () =>
      (await call('POST', '/admin/campaigns/simulate', { campaign_id: 1, draws: 10_000_000 })).data;
    await simulate();
    await simulate();
    return { path: `/admin/simulations/${(await simulate()).simulation_id}` };
  },
  'POST /events/publish': () => ({
    path: '/events/publish',
    body: { type: 'user:action', data: { action: 'a test' } },
  }),
  'POST /events/:id/retry': async (here) => ({ path: `/events/${await deadLetter(here)}/retry` }),
  'POST /events/retry': async (here) => {
    await deadLetter(here);
    return { path: '/events/retry', body: { type: 'user:action', limit: 10 } };
  },
  'POST /admin/users/:id/status': ({ diner }) => ({
    path: `/admin/users/${diner.userId}/status`,
    body: { status: 'disabled', reason: 'a test' },
  }),
  'POST /admin/users/:id/role': ({ diner }) => ({
    path: `/admin/users/${diner.userId}/role`,
    body: { role: 'staff', reason: 'a test' },
  }),
  'PUT /admin/users/:id/permissions': ({ diner }) => ({
    path: `/admin/users/${diner.userId}/permissions`,
    body: { permission: 'users:read', is_granted: true },
  }),
  'PUT /admin/users/:id/birthday': ({ diner }) => ({
    path: `/admin/users/${diner.userId}/birthday`,
    body: { birthday: '1990-02-28' },
  }),
  'POST /admin/users/:id/unlock': ({ diner }) => ({ path: `/admin/users/${diner.userId}/unlock` }),
  'DELETE /admin/users/:id/sessions': ({ diner }) => ({ path: `/admin/users/${diner.userId}/sessions` }),
  'PUT /admin/roles/:role/permissions': () => ({
    path: '/admin/roles/staff/permissions',
    body: { permission: 'users:read', is_granted: true },
  }),
  // Dry: what is imported has rows of its own, test/identity/imports.
  'POST /admin/import/members': () => ({
    path: '/admin/import/members?dry_run=true',
    csv: 'external_id,mobile,nickname,points\nM-1,13600000001,小林,12.5\n',
  }),
  'POST /admin/ip-allow-list': () => ({
    path: '/admin/ip-allow-list',
    body: { cidr: '127.0.0.0/8', note: '' },
  }),
  'DELETE /admin/ip-allow-list/:id': async ({ call }) => {
    const { data } = await call('GET', '/admin/ip-allow-list');
    return { path: `/admin/ip-allow-list/${data.items[0].entry_id}` };
  },
  'POST /admin/api-keys': () => ({
    path: '/admin/api-keys',
    body: { name: 'till', permissions: ['users:read'] },
  }),
  'POST /admin/api-keys/:id/rotate': async ({ call }) => {
    const { data } = await call('GET', '/admin/api-keys');
    return { path: `/admin/api-keys/${data.items[0].api_key_id}/rotate`, body: {} };
  },
  'DELETE /admin/api-keys/:id': async ({ call }) => {
    const { data } = await call('GET', '/admin/api-keys');
    return { path: `/admin/api-keys/${data.items[0].api_key_id}` };
  },
  'POST /admin/webhooks': () => ({
    path: '/admin/webhooks',
    body: { url: 'https://endpoint.invalid/events', events: ['points:*'] },
  }),
  'PUT /admin/webhooks/:id': async (here) => ({
    path: await webhook(here),
    body: { version: 1, description: 'another' },
  }),
  'POST /admin/webhooks/deliveries/:id/replay': async (here) => ({
    path: `/admin/webhooks/deliveries/${await delivery(here)}/replay`,
  }),
  'POST /admin/webhooks/:id/rotate': async (here) => ({ path: `${await webhook(here)}/rotate` }),
  'DELETE /admin/webhooks/:id': async (here) => ({ path: await webhook(here) }),
  'PUT /admin/holidays/:year': () => ({
    path: '/admin/holidays/2027',
    body: { days: [{ date: '2027-10-01', kind: 'holiday', name: '国庆' }] },
  }),
  'PUT /admin/chat/agent': () => ({ path: '/admin/chat/agent', body: { online: false, limit: 7 } }),
  'POST /admin/chat/sessions/:id/take': async (here) => ({
    path: `/admin/chat/sessions/${await waiting(here)}/take`,
  }),
  'POST /admin/chat/sessions/:id/transfer': async (here) => ({
    path: `/admin/chat/sessions/${await waiting(here)}/transfer`,
    body: {},
  }),
  'POST /admin/chat/sessions/:id/resolve': async (here) => {
    const id = await waiting(here);
    await here.call('POST', `/admin/chat/sessions/${id}/take`);
    return { path: `/admin/chat/sessions/${id}/resolve` };
  },
  'POST /admin/chat/sessions/:id/close': async (here) => ({
    path: `/admin/chat/sessions/${await waiting(here)}/close`,
  }),
  'POST /admin/notifications': ({ diner }) => ({
    path: '/admin/notifications',
    body: broadcastTo(diner.userId),
  }),
  'POST /admin/notifications/:id/cancel': async (here) => ({
    path: `/admin/notifications/${await broadcast(here)}/cancel`,
  }),
  'POST /admin/notifications/:id/retry': async (here) => {
    const broadcast_id = await broadcast(here);
    await here.venue.context.database.transaction((tx) =>
      tx.manager.update(NotificationBroadcast, { broadcast_id }, { status: 'failed', failed: 1 }),
    );
    return { path: `/admin/notifications/${broadcast_id}/retry` };
  },
  'POST /admin/reviews/:id': async (here) => ({
    path: `/admin/reviews/${await claim(here, 'A-1')}`,
    body: { decision: 'approve' },
  }),
  'POST /admin/reviews/decide': async (here) => ({
    path: '/admin/reviews/decide',
    body: { ids: [await claim(here, 'A-2')], decision: 'reject', reason: 'a test' },
  }),
  'PUT /admin/config': async ({ call }) => {
    const { version, config } = (await call('GET', '/admin/config')).data;
    return { path: '/admin/config', body: { version, config: { ...config, chat: { slow_mode_s: 9 } } } };
  },
  'POST /admin/config/return': () => ({
    path: '/admin/config/return',
    body: { version: 1, to_version: 0 },
  }),
  'POST /admin/monitor/session': () => ({ path: '/admin/monitor/session' }),
};

const PRODUCT = { name: 'Tea', price: 1, stock: 3 };

async function product({ call, admin }: Administration): Promise<string> {
  const { data } = await call('POST', '/admin/products', PRODUCT, admin);
  return `/admin/products/${data.product_id}`;
}

async function disputed(here: Administration): Promise<number> {
  const { call, diner, venue } = here;
  const buyer = await venue.login('13900000009');
  const price = { expected_price: 1, version: 1 };
  const once = (key: string) => ({ headers: { 'Idempotency-Key': key } });
  const path = (await product(here)).replace('/admin', '');
  const { data } = await call('POST', `${path}/exchange`, { quantity: 1, ...price }, diner, once('d-1'));
  const offer = { item_id: data.item_ids[0], price: 1 };
  const { trade_id: id } = (await call('POST', '/trades', offer, diner)).data;
  await call('POST', `/trades/${id}/buy`, price, buyer, once('d-2'));
  assert.equal((await call('POST', `/trades/${id}/dispute`, { reason: 'a test' }, buyer)).code, 'OK');
  return id as number;
}

/** The session of a diner, who has one. */
async function waiting({ call, venue }: Administration): Promise<number> {
  const diner = await venue.login('13900000010');
  const { data } = await call('POST', '/chat/conversations', { type: 'service' }, diner);
  return data.conversation_id as number;
}

/** By the diner, in a group of theirs and the administrator's. */
async function said({ venue, call, diner, admin }: Administration) {
  const group = { type: 'group', name: 'A dinner', member_ids: [admin.userId] };
  const { data } = await call('POST', '/chat/conversations', group, diner);
  const conversationId = data.conversation_id as number;
  const message = { client_msg_id: 'said', type: 'text', content: 'x' } as const;
  const { userId } = diner;
  const sent = await venue.context.conversations.send(conversationId, { userId, message });
  return { conversationId, messageId: sent.message_id };
}

/** Of a diner, who is there still. */
async function claim({ venue, call }: Administration, bill_no: string): Promise<number> {
  const diner = await venue.login('13900000011');
  const paid_at = new Date(venue.context.clock.nowMs()).toISOString();
  const body = { restaurant_id: 1, bill_no, amount: 20, paid_at };
  return (await call('POST', '/spend-claims', body, diner)).data.review_id as number;
}

async function draft({ call, admin }: Administration): Promise<number> {
  const { data } = await call('POST', '/admin/campaigns', campaignBody(), admin);
  return data.campaign_id as number;
}

async function webhook({ call }: Administration): Promise<string> {
  const { data } = await call('GET', '/admin/webhooks');
  return `/admin/webhooks/${data.items[0].webhook_id}`;
}

function broadcastTo(userId: number) {
  const words = { 'zh-CN': '停机', en: 'No service' };
  return { user_ids: [userId], kind: 'system', type: 'maintenance', title: words, body: words };
}

/** One that is still to come. */
async function broadcast({ call, diner }: Administration): Promise<number> {
  const body = { ...broadcastTo(diner.userId), send_at: new Date(Date.now() + 3_600_000).toISOString() };
  return (await call('POST', '/admin/notifications', body)).data.broadcast_id as number;
}

async function deadLetter({ call, venue }: Administration): Promise<number> {
  const { data } = await call('POST', '/events/publish', { type: 'user:action', data: {} });
  await giveUp(venue.context.database, [data.event_id as number]);
  return data.event_id as number;
}

async function delivery(here: Administration): Promise<number> {
  const { database, clock } = here.venue.context;
  const webhook_id = Number((await webhook(here)).split('/').at(-1));
  const row = { webhook_id, event_id: 1, event_type: 'user:login', created_at: new Date(clock.nowMs()) };
  return database.transaction((tx) => insertOne(tx, WebhookDelivery, { ...row, status: 'failed' }));
}

/** Something that somebody has won, to be sent. */
async function claimed({ venue, call }: Administration, name: string) {
  const winner = await venue.login('13900000009');
  const prize = { prize_type: 'physical', win_probability: 100_000_000, total_quantity: 1 } as const;
  const campaign = { guarantee_threshold: null };
  const { campaignId } = await venue.addCampaign({ campaign, prizes: [prize] });
  const drawn = await call('POST', '/lottery/draw', { campaign_id: campaignId, request_id: name }, winner);
  const delivery_info = { name: 'Wang', phone: '021-5555 0100', address: '1 Nanjing Road' };
  const { data } = await call(
    'POST',
    '/lottery/claim',
    { draw_id: drawn.data.draws[0].draw_id, delivery_info },
    winner,
  );
  return { itemId: data.item_id as number, code: data.code as string };
}

async function transferInReview({ call, diner, staff }: Administration, key: string): Promise<number> {
  const body = { to_user_id: staff.userId, amount: 10_000 };
  const headers = { 'Idempotency-Key': key };
  assert.equal((await call('POST', '/points/transfer', body, diner, { headers })).code, 'OK');
  const { data } = await call('GET', '/admin/points/transfers?status=review');
  return data.items[0].transfer_id;
}

function pointsOfDiner(path: string, amount: number) {
  return ({ diner }: Administration): GoodCall => ({
    path,
    body: { user_id: diner.userId, amount, reason: 'a test' },
  });
}

forEachDatabase('the audit log', (_open, openUrl) => {
  let here: Administration;
  before(async () => {
    here = await openAdministration(await openUrl());
  });
  after(() => here?.venue.close());

  const rows = async () => {
    const [row] = await here.venue.context.database.read<{ total: number | string }>(
      'SELECT COUNT(*) AS total FROM admin_audit_logs',
    );
    return Number(row?.total);
  };

  it('A-10 every change that not everybody may make leaves a row, whatever routes there are', async () => {
    const changing = here.venue.context.routes
      .filter(({ method, path, access }) => {
        const isRestricted = path.startsWith('/admin/') || (access !== 'public' && access !== 'user');
        return method !== 'get' && isRestricted;
      })
      .map(({ method, path }) => `${method.toUpperCase()} ${path}`)
      .filter((name) => !ASKING.includes(name));
    assert.deepEqual(
      changing.toSorted(),
      Object.keys(GOOD_CALLS).toSorted(),
      'each route has one good call here',
    );
    for (const [name, make] of Object.entries(GOOD_CALLS)) {
      const { path, body, csv } = await make(here);
      const before = await rows();
      const requestId = name.replace(/\W/g, '-');
      const headers = {
        ...{ 'Idempotency-Key': requestId, 'X-Request-Id': requestId },
        ...(csv !== undefined && { 'content-type': 'text/csv' }),
      };
      const sent = csv === undefined ? { headers } : { headers, rawBody: csv };
      const { code } = await here.call(name.split(' ')[0]!, path, body, here.superAdmin, sent);
      assert.equal(code, 'OK', name);
      assert.equal(await rows(), before + 1, `${name} leaves one row`);
      const [row] = await here.audits();
      assert.deepEqual(
        [row?.actor_id, row?.request_id, row?.ip],
        [here.superAdmin.userId, requestId, '127.0.0.1'],
        name,
      );
      assert.notDeepEqual([row?.before, row?.after], [null, null], name);
    }
  });

  it('A-10 what is refused, or answered a second time, leaves none', async () => {
    const grant = { user_id: here.admin.userId, amount: 5, reason: 'birthday', source: 'pos' };
    const earn = () =>
      here.call('POST', '/points/earn', grant, here.staff, { headers: { 'Idempotency-Key': 'twice' } });
    assert.equal((await earn()).code, 'OK');
    const before = await rows();
    assert.equal((await earn()).headers.get('Idempotency-Replayed'), 'true');
    await here.call('POST', `/admin/users/${here.superAdmin.userId}/role`, {
      role: 'user',
      reason: 'a test',
    });
    await here.call('POST', '/points/earn', { ...grant, user_id: 2_000_000_000 }, here.staff, {
      headers: { 'Idempotency-Key': 'nobody' },
    });
    assert.equal(await rows(), before);
  });

  it('A-10 the log is read newest first, in pages, by who did what to what', async () => {
    const list = async (query: string) => (await here.call('GET', `/admin/audit-logs?${query}`)).data;
    const all = await list('limit=100');
    assert.ok(all.total >= Object.keys(GOOD_CALLS).length);
    const ids = all.items.map((item: any) => item.audit_id as number);
    assert.deepEqual(
      ids,
      ids.toSorted((a: number, b: number) => b - a),
    );
    assert.equal((await list('page=2&limit=3')).items[0].audit_id, ids[3]);
    const byStaff = await list(`actor_id=${here.staff.userId}`);
    assert.deepEqual([byStaff.total, byStaff.items[0].action], [1, 'points.grant']);
    const { before, after } = byStaff.items[0];
    assert.equal(after.available_points - before.available_points, 5);
    const ofUser = await list(`target_type=user&target_id=${here.diner.userId}&action=user.role`);
    assert.deepEqual([ofUser.total, ofUser.items[0].after.role], [1, 'staff']);
    assert.equal((await list('action=user')).total, 0);
    const refused = await here.call('GET', "/admin/audit-logs?action=user'--");
    assert.equal(refused.code, 'VALIDATION_FAILED');
    assert.doesNotMatch(JSON.stringify(all), /"1[3-9]\d{9}"/, 'A-11 no mobile is in the log');
  });
});

describe('the audit log in the source', () => {
  const files = ['src', 'rooms', 'entities'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );

  it('A-10 nothing in the product changes or removes a row of the log', () => {
    assert.ok(files.includes('src/admin/adminLog.ts'));
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      assert.doesNotMatch(
        text,
        /(UPDATE|FROM|INTO|TRUNCATE|TABLE)\s+admin_audit_logs\s+(SET|RENAME|DROP)/i,
        file,
      );
      assert.doesNotMatch(
        text,
        /(UPDATE|DELETE\s+FROM|REPLACE\s+INTO|TRUNCATE(\s+TABLE)?)\s+[`"]?admin_audit_logs/i,
        file,
      );
      assert.doesNotMatch(
        text,
        /(update|upsert|delete|remove|save|clear|restore|softDelete|getRepository)\w*\(\s*AdminAuditLog/i,
        file,
      );
      assert.doesNotMatch(text, /upsertAll\([^)]*AdminAuditLog/, file);
    }
  });

  it('A-10 only its own folder, its entity and the migrations know the table', () => {
    const knowing = files.filter((file) => /admin_audit_logs|AdminAuditLog/.test(readFileSync(file, 'utf8')));
    const others = knowing.filter(
      (file) =>
        !/^(src\/admin\/\w*[aA]dminLog|src\/platform\/database\/migrations\/|entities\/(admin|index)\b)/.test(
          file,
        ),
    );
    assert.deepEqual(others, []);
  });
});
