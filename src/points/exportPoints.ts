import { z } from 'zod';
import type { Database } from '../platform/database/transaction.ts';
import { newestOf } from '../platform/shapes.ts';
import { readAccount, readTransactions } from './account.ts';
import { accountShape, transactionShape } from './messages.ts';
import { accountToWire, movementToWire } from './wire.ts';

export const exportedPointsShape = z.object({
  account: accountShape,
  transactions: newestOf(transactionShape),
});

/** The points of a user, for themself: the account and its newest ledger rows. */
export async function exportPoints(
  database: Database,
  userId: number,
  limit: number,
): Promise<z.output<typeof exportedPointsShape>> {
  const [account, { items, total }] = await Promise.all([
    readAccount(database, userId),
    readTransactions(database, userId, { page: 1, limit }),
  ]);
  return {
    account: accountToWire(account),
    transactions: { items: items.map(movementToWire), truncated: total > items.length },
  };
}
