import { recordAction } from '../admin/adminLog.ts';
import type { Actor } from '../platform/caller.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { type PostedEntry, postOne } from './ledger.ts';

export interface Grant {
  granter: Actor;
  userId: number;
  amountHundredths: number;
  reason: string;
  source: string;
  /** The first moment at which they cannot be spent any more; null: never. */
  expiresAtMs: number | null;
}

export interface Spending {
  userId: number;
  amountHundredths: number;
  reason: string;
  relatedId: string | null;
}

/** Staff gives a user points; nobody gives any to themself (P-3). */
export async function earn(tx: Tx, grant: Grant, nowMs: number): Promise<PostedEntry> {
  const { granter, userId, amountHundredths, reason, source, expiresAtMs } = grant;
  if (granter.userId === userId) throw new AppError('FORBIDDEN');
  const posted = await postOne(
    tx,
    { userId, type: 'earn', amountHundredths, source, reason, relatedId: null, expiresAtMs },
    nowMs,
  );
  const data = { ...eventData(posted, amountHundredths, reason), source, granted_by: granter.userId };
  await emitEvents(tx, [{ type: 'points:earned', userId, data }], nowMs);
  await recordAction(
    tx,
    {
      actor: granter,
      action: 'points.grant',
      target: { type: 'user', id: userId },
      before: { available_points: (posted.balanceAfterHundredths - amountHundredths) / 100 },
      after: {
        available_points: posted.balanceAfterHundredths / 100,
        transaction_id: posted.transactionId,
        reason,
        source,
      },
    },
    nowMs,
  );
  return posted;
}

/** A user spends available points of their own. */
export async function consume(tx: Tx, spending: Spending, nowMs: number): Promise<PostedEntry> {
  const { userId, amountHundredths, reason, relatedId } = spending;
  const entry = {
    userId,
    type: 'consume',
    amountHundredths: -amountHundredths,
    source: 'customer',
    reason,
    relatedId,
  };
  const posted = await postOne(tx, entry, nowMs);
  const data = { ...eventData(posted, amountHundredths, reason), related_id: relatedId };
  await emitEvents(tx, [{ type: 'points:consumed', userId, data }], nowMs);
  return posted;
}

function eventData(posted: PostedEntry, amountHundredths: number, reason: string) {
  return {
    user_id: posted.userId,
    transaction_id: posted.transactionId,
    amount: amountHundredths / 100,
    balance: posted.balanceAfterHundredths / 100,
    reason,
  };
}
