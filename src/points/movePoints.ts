import { recordAction } from '../admin/adminLog.ts';
import type { Actor } from '../platform/caller.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { postEarnings, type GrantPolicy } from './earning.ts';
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

/** Staff gives a user points; nobody gives any to themself (P-3). The balance is that after what a new level has brought. */
export async function earn(tx: Tx, policy: GrantPolicy, grant: Grant, nowMs: number): Promise<PostedEntry> {
  const { granter, userId, amountHundredths, reason, source, expiresAtMs } = grant;
  if (granter.userId === userId) throw new AppError('FORBIDDEN');
  const about = { granted_by: granter.userId };
  const earning = { type: 'earn', amountHundredths, source, reason, relatedId: null, expiresAtMs, about };
  const earned = await postEarnings(tx, policy, { userId, earnings: [earning] }, nowMs);
  const posted = { ...earned, transactionId: earned.transactionIds[0]!, userId };
  await recordMovement(
    tx,
    { actor: granter, action: 'points.grant', posted, about: { reason, source } },
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

export interface Adjustment {
  actor: Actor;
  userId: number;
  /** Signed. */
  amountHundredths: number;
  reason: string;
}

/** The administration gives points, or takes them away, where nothing else says why; nobody does to themself (P-3). */
export async function adjust(
  tx: Tx,
  { actor, userId, amountHundredths, reason }: Adjustment,
  nowMs: number,
): Promise<PostedEntry> {
  if (userId === actor.userId) throw new AppError('FORBIDDEN');
  const entry = { userId, type: 'adjust', amountHundredths, source: 'admin', reason, relatedId: null };
  const posted = await postOne(tx, entry, nowMs);
  const balanceBeforeHundredths = posted.balanceAfterHundredths - amountHundredths;
  await recordMovement(
    tx,
    { actor, action: 'points.adjust', posted: { ...posted, balanceBeforeHundredths }, about: { reason } },
    nowMs,
  );
  return posted;
}

interface RecordedMovement {
  actor: Actor;
  action: string;
  posted: PostedEntry & { balanceBeforeHundredths: number };
  about: object;
}

async function recordMovement(
  tx: Tx,
  { actor, action, posted, about }: RecordedMovement,
  nowMs: number,
): Promise<void> {
  const { userId, transactionId, balanceBeforeHundredths, balanceAfterHundredths } = posted;
  const before = { available_points: balanceBeforeHundredths / 100 };
  const after = { available_points: balanceAfterHundredths / 100, transaction_id: transactionId, ...about };
  await recordAction(tx, { actor, action, target: { type: 'user', id: userId }, before, after }, nowMs);
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
