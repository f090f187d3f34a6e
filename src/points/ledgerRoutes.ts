/** The ledger of others, as the administration reads it. */
import { longPageToWire } from '../admin/longPage.ts';
import { route, type Route } from '../platform/http/route.ts';
import { readLedger } from './account.ts';
import { ledgerShape, transactionsQuery, userPath } from './messages.ts';
import type { PointsServices } from './moneyRoutes.ts';
import { movementToWire } from './wire.ts';

export function ledgerRoutes({ database }: PointsServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/users/:id/transactions',
      access: 'users:read',
      list: { name: 'transactions' },
      summary: "A user's points transactions, newest first",
      refusals: ['NOT_FOUND'],
      params: userPath,
      query: transactionsQuery,
      data: ledgerShape,
      handle: async ({ params, query }) => {
        const { start_time: startMs, end_time: endMs, ...filter } = query;
        const page = await readLedger(database, params.id, { ...filter, startMs, endMs });
        return { data: longPageToWire(page, movementToWire) };
      },
    }),
  ];
}
