/** Calls of what people own, buy and claim. */
import assert from 'node:assert/strict';
import type { Administration } from '../administration.ts';
import type { GoodCalls } from './goodCall.ts';

export const GOODS: GoodCalls = {
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
  'POST /admin/reviews/:id': async (here) => ({
    path: `/admin/reviews/${await claim(here, 'A-1')}`,
    body: { decision: 'approve' },
  }),
  'POST /admin/reviews/decide': async (here) => ({
    path: '/admin/reviews/decide',
    body: { ids: [await claim(here, 'A-2')], decision: 'reject', reason: 'a test' },
  }),
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

/** Of a diner, who is there still. */
async function claim({ venue, call }: Administration, bill_no: string): Promise<number> {
  const diner = await venue.login('13900000011');
  const paid_at = new Date(venue.context.clock.nowMs()).toISOString();
  const body = { restaurant_id: 1, bill_no, amount: 20, paid_at };
  return (await call('POST', '/spend-claims', body, diner)).data.review_id as number;
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
