/** Calls of points and what gives them. */
import assert from 'node:assert/strict';
import type { Administration } from '../administration.ts';
import type { GoodCall, GoodCalls } from './goodCall.ts';

export const POINTS: GoodCalls = {
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
  'PUT /admin/holidays/:year': () => ({
    path: '/admin/holidays/2027',
    body: { days: [{ date: '2027-10-01', kind: 'holiday', name: '国庆' }] },
  }),
};

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
