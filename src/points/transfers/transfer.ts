/** Points from one user to another (P-3). */
import { PointsTransfer } from '../../entities/points/PointsTransfer.ts';
import { isActive } from '../identity/people/isActive.ts';
import { insertOne } from '../platform/database/bulk.ts';
import { fromSqlPoints } from '../platform/database/sqlValues.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { lockAccounts, Postings, type PostedEntry } from './ledger.ts';

export interface Transfer {
  fromUserId: number;
  toUserId: number;
  amountHundredths: number;
  message: string | null;
}

export interface TransferPolicy {
  /** What one user may give away on one business day. */
  perDayHundredths: number;
}

/**
 * Both rows, or none. The points keep the ends they had: a point that goes to somebody and comes back lives no longer (RP-9).
 * @throws AppError NOT_FOUND for who is not there any more, CONFLICT beyond the limit of the day, POINTS_INSUFFICIENT
 */
export async function transfer(
  tx: Tx,
  { fromUserId, toUserId, amountHundredths, message }: Transfer,
  { perDayHundredths }: TransferPolicy,
  nowMs: number,
): Promise<PostedEntry> {
  const accounts = await lockAccounts(tx, [fromUserId, toUserId]);
  if (accounts.size < 2 || !(await isActive(tx, toUserId))) throw new AppError('NOT_FOUND');
  const day = tx.dayOf(nowMs);
  const given = await tx.manager.sum(PointsTransfer, 'amount', {
    from_user_id: fromUserId,
    business_day: day,
  });
  const left = perDayHundredths - fromSqlPoints(given ?? 0);
  if (amountHundredths > left)
    throw new AppError('CONFLICT', { details: { reason: 'the limit of the day', left: left / 100 } });
  const postings = await Postings.open(tx, accounts, nowMs, { lotsOf: [fromUserId] });
  const transferId = await insertOne(tx, PointsTransfer, {
    from_user_id: fromUserId,
    to_user_id: toUserId,
    amount: amountHundredths,
    message,
    business_day: day,
    created_at: new Date(nowMs),
  });
  const shared = { source: 'transfer', reason: message ?? 'transfer', relatedId: String(transferId) };
  const at = postings.add({
    ...shared,
    userId: fromUserId,
    type: 'transfer_out',
    amountHundredths: -amountHundredths,
  });
  const taken = postings.books.get(fromUserId)!.settle(postings.accountOf(fromUserId)!.spentTotal);
  const inAt = postings.addInLots(
    { ...shared, userId: toUserId, type: 'transfer_in', amountHundredths },
    taken.map(({ lot: { expiresAtMs }, amount }) => ({ expiresAtMs, amountHundredths: amount })),
  );
  const [transactionId] = await postings.storeNamed(tx, [at, inAt]);
  const balanceAfterHundredths = postings.accountOf(fromUserId)!.availableHundredths;
  const data = {
    transfer_id: transferId,
    from_user_id: fromUserId,
    to_user_id: toUserId,
    amount: amountHundredths / 100,
    message,
  };
  const type = 'points:transferred' as const;
  await emitEvents(
    tx,
    [
      { type, userId: fromUserId, data },
      { type, userId: toUserId, data },
    ],
    nowMs,
  );
  return { transactionId: transactionId!, userId: fromUserId, balanceAfterHundredths };
}
