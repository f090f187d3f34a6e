/** What the staff at a till and one diner ask for. */
import { dataOf } from '../identity/serveRoutes.ts';
import type { ServedPoints } from './servedPoints.ts';

export const STAFF = 1_000_000;
export const ADMIN = 1_000_001;

/** @param dinerId of whom it is now */
export function tillOf(served: ServedPoints, dinerId: () => number) {
  let keys = 0;
  let bills = 0;
  const { tokenOf } = served;
  const asAdmin = (method: 'POST' | 'PUT' | 'GET', path: string, body?: object) =>
    served.call(method, path, { token: tokenOf(ADMIN, 'admin'), ...(body && { body }) });
  /** A rule of its own, which holds at once. */
  const publish = async (type: string, definition: object) => {
    const { rule_id } = (await asAdmin('POST', '/admin/rules', { type, name: '另加', definition })).data;
    return dataOf(await asAdmin('POST', `/admin/rules/${rule_id}/publish`, { version: 1 }));
  };
  const nextBill = () => `T01-${process.pid}-${++bills}`;
  const pay = (bill_no: string, bill_amount: number, key = `k${++keys}`) =>
    served.call('POST', '/points/pay', {
      token: tokenOf(STAFF, 'staff'),
      body: { user_id: dinerId(), bill_no, bill_amount },
      key,
    });
  const refund = (billNo: string, body: object = {}, key?: string) =>
    served.call('POST', `/points/pay/${billNo}/refund`, {
      token: tokenOf(STAFF, 'staff'),
      body,
      ...(key !== undefined && { key }),
    });
  const account = async () =>
    dataOf(await served.call('GET', '/points/account', { token: tokenOf(dinerId()) }));
  const rows = async () =>
    dataOf(await served.call('GET', '/points/transactions?limit=100', { token: tokenOf(dinerId()) }))
      .items as Record<string, unknown>[];
  const give = async (amount: number, body: object = {}) =>
    dataOf(
      await served.call('POST', '/points/earn', {
        token: tokenOf(STAFF, 'staff'),
        body: { user_id: dinerId(), amount, reason: 'r', source: 'test', ...body },
        key: `k${++keys}`,
      }),
    );
  const spend = async (amount: number) =>
    dataOf(
      await served.call('POST', '/points/consume', {
        token: tokenOf(dinerId()),
        body: { amount, reason: 'tea' },
        key: `k${++keys}`,
      }),
    );
  return { asAdmin, nextBill, nextKey: () => `k${++keys}`, publish, pay, refund, account, rows, give, spend };
}
