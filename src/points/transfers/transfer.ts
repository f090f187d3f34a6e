/** Points from one user to another (P-3). */
import { In, Not, type EntityManager } from 'typeorm';
import { PointsTransfer } from '../../../entities/points/PointsTransfer.ts';
import { isActive } from '../../identity/people/isActive.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import { fromSqlPoints } from '../../platform/database/sqlValues.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { emitEvents } from '../../platform/events/outbox.ts';
import { openReview } from '../../reviews/queue.ts';
import { freeze } from '../holds.ts';
import { lockAccounts, Postings, type LockedAccount, type PostedEntry } from '../ledger.ts';
import type { LotPart } from '../lotBook.ts';
import { findPredecessors } from '../mergeAccounts.ts';

/** The kind of reviews that wait for somebody to let a transfer go. */
export const TRANSFER = 'points_transfer';

export interface Transfer {
  fromUserId: number;
  toUserId: number;
  amountHundredths: number;
  message: string | null;
}

export interface TransferPolicy {
  /** What one user may give away on one business day. */
  perDayHundredths: number;
  /** So much or more waits for a review. */
  reviewHundredths: number;
}

/** A transfer that is stored. */
export interface StoredTransfer extends Transfer {
  transferId: number;
}

export interface Transferred extends PostedEntry {
  status: 'completed' | 'review';
}

/**
 * Both rows, or none; or what is to be reviewed frozen. The points keep the ends they had: a point that goes to somebody and comes
 * back lives no longer (RP-9).
 * @throws AppError NOT_FOUND for who is not there any more, CONFLICT beyond the limit of the day, POINTS_INSUFFICIENT
 */
export async function transfer(
  tx: Tx,
  asked: Transfer,
  { perDayHundredths, reviewHundredths }: TransferPolicy,
  nowMs: number,
): Promise<Transferred> {
  const { fromUserId, toUserId, amountHundredths } = asked;
  const accounts = await lockAccounts(tx, [fromUserId, toUserId]);
  if (accounts.size < 2 || !(await isActive(tx, toUserId))) throw new AppError('NOT_FOUND');
  const sender = accounts.get(fromUserId)!;
  await keepToLimit(tx, { asked, sender, perDayHundredths }, nowMs);
  const status = amountHundredths < reviewHundredths ? 'completed' : 'review';
  const transferId = await insertOne(tx, PointsTransfer, {
    from_user_id: fromUserId,
    to_user_id: toUserId,
    amount: amountHundredths,
    message: asked.message,
    business_day: tx.dayOf(nowMs),
    status,
    created_at: new Date(nowMs),
  });
  const stored = { ...asked, transferId };
  const posted = await (status === 'review'
    ? hold(tx, stored, nowMs)
    : giveAtOnce(tx, stored, accounts, nowMs));
  return { ...posted, status };
}

interface Limited {
  asked: Transfer;
  sender: LockedAccount;
  perDayHundredths: number;
}

/**
 * What waits for a review counts on the day on which it was asked for; what was rejected does not. An account that was merged into
 * the sender's has given for the same person.
 */
async function keepToLimit(
  tx: Tx,
  { asked: { fromUserId, amountHundredths }, sender, perDayHundredths }: Limited,
  nowMs: number,
): Promise<void> {
  const earlier = sender.hasMerged ? await findPredecessors(tx.manager, [fromUserId]) : [];
  const given = await tx.manager.sum(PointsTransfer, 'amount', {
    from_user_id: In([fromUserId, ...earlier.map(({ userId }) => userId)]),
    business_day: tx.dayOf(nowMs),
    status: Not('rejected' as const),
  });
  const left = perDayHundredths - fromSqlPoints(given ?? 0);
  if (amountHundredths > left)
    throw new AppError('CONFLICT', { details: { reason: 'the limit of the day', left: left / 100 } });
}

async function giveAtOnce(
  tx: Tx,
  given: StoredTransfer,
  accounts: ReadonlyMap<number, LockedAccount>,
  nowMs: number,
): Promise<PostedEntry> {
  const { fromUserId, amountHundredths } = given;
  const postings = await Postings.open(tx, accounts, nowMs, { lotsOf: [fromUserId] });
  const at = postings.add({ ...outEntryOf(given), amountHundredths: -amountHundredths });
  const taken = postings.books.get(fromUserId)!.settle(postings.accountOf(fromUserId)!.spentTotal);
  return storeGiven(tx, postings, { given, at, taken }, nowMs);
}

/** The row of who gives, but for what it takes. */
export function outEntryOf({ fromUserId, transferId, message }: StoredTransfer) {
  return { ...sharedOf({ transferId, message }), userId: fromUserId, type: 'transfer_out' };
}

function sharedOf({ transferId, message }: Pick<StoredTransfer, 'transferId' | 'message'>) {
  return { source: 'transfer', reason: message ?? 'transfer', relatedId: String(transferId) };
}

export interface Given {
  given: StoredTransfer;
  /** The posted row of who gives. */
  at: number;
  /** Which of their lots it took. */
  taken: readonly LotPart[];
}

/** The other row as well, with the ends that the points had, and everything stored. @returns the row of who gives */
export async function storeGiven(
  tx: Tx,
  postings: Postings,
  { given, at, taken }: Given,
  nowMs: number,
): Promise<PostedEntry> {
  const { fromUserId, toUserId, amountHundredths } = given;
  const inAt = postings.addInLots(
    { ...sharedOf(given), userId: toUserId, type: 'transfer_in', amountHundredths },
    taken.map(({ lot: { expiresAtMs }, amount }) => ({ expiresAtMs, amountHundredths: amount })),
  );
  const [transactionId] = await postings.storeNamed(tx, [at, inAt]);
  const [type, data] = ['points:transferred' as const, eventDataOf(given)];
  const events = [fromUserId, toUserId].map((userId) => ({ type, userId, data }));
  await emitEvents(tx, events, nowMs);
  const { availableHundredths } = postings.accountOf(fromUserId)!;
  return { transactionId: transactionId!, userId: fromUserId, balanceAfterHundredths: availableHundredths };
}

/** Until somebody has looked at it. */
async function hold(tx: Tx, asked: StoredTransfer, nowMs: number): Promise<PostedEntry> {
  const { fromUserId: userId, amountHundredths, transferId, message } = asked;
  const reason = message ?? 'transfer';
  const people = { applicant_id: userId, beneficiary_id: asked.toUserId, editor_id: userId };
  await openReview(tx, { kind: TRANSFER, subject_id: transferId, restaurant_id: null, ...people }, nowMs);
  const frozen = await freeze(tx, { userId, amountHundredths, reason, expiresAtMs: null, transferId }, nowMs);
  await emitEvents(tx, [{ type: 'points:transfer_review', userId, data: eventDataOf(asked) }], nowMs);
  return { ...frozen, userId };
}

/** Whether one to or from somebody waits for a review. */
export function isInReview(manager: EntityManager, userId: number): Promise<boolean> {
  const status = 'review' as const;
  return manager.existsBy(PointsTransfer, [
    { from_user_id: userId, status },
    { to_user_id: userId, status },
  ]);
}

export function eventDataOf(transfer: StoredTransfer) {
  return {
    transfer_id: transfer.transferId,
    from_user_id: transfer.fromUserId,
    to_user_id: transfer.toUserId,
    amount: transfer.amountHundredths / 100,
    message: transfer.message,
  };
}
