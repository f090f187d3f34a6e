import { z } from 'zod';
import type { Database } from '../platform/database/transaction.ts';
import { newest, newestOf } from '../platform/shapes.ts';
import { readAccount, readTransactions } from './account.ts';
import { billShape } from './bills/billMessages.ts';
import { readBills, readPending } from './bills/bills.ts';
import { readNewestCheckIns } from './checkIn/checkIn.ts';
import { checkInShape, ownAccountShape, transactionShape } from './messages.ts';
import { billToWire, checkInToWire, movementToWire, ownAccountToWire } from './wire.ts';

export const exportedPointsShape = z.object({
  account: ownAccountShape,
  transactions: newestOf(transactionShape),
  bills: newestOf(billShape),
  check_ins: newestOf(checkInShape),
});

/** The points of a user, for themself: the account, and what moved and brought them, newest first. */
export async function exportPoints(
  database: Database,
  userId: number,
  limit: number,
): Promise<z.output<typeof exportedPointsShape>> {
  const reader = database.currentReader;
  const [account, pending, movements, bills, checkIns] = await Promise.all([
    readAccount(database, userId),
    readPending(reader, userId),
    readTransactions(database, userId, { page: 1, limit }),
    readBills(reader, userId, { page: 1, limit }),
    readNewestCheckIns(reader, userId, limit + 1),
  ]);
  const isCut = (page: { items: unknown[]; total: number }) => page.total > page.items.length;
  return {
    account: ownAccountToWire(account, pending),
    transactions: { items: movements.items.map(movementToWire), truncated: isCut(movements) },
    bills: { items: bills.items.map(billToWire), truncated: isCut(bills) },
    check_ins: newest(checkIns.map(checkInToWire), limit),
  };
}
