/** What becomes of a transfer that waits for a review: it is given, or it comes back. Once, however many decide it. */
import { PointsHold } from '../../../entities/points/PointsHold.ts';
import { PointsTransfer } from '../../../entities/points/PointsTransfer.ts';
import { recordAction } from '../../admin/adminLog.ts';
import { isActive } from '../../identity/people/isActive.ts';
import { apiKeyIdOf, type Actor } from '../../platform/caller.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { emitEvents } from '../../platform/events/outbox.ts';
import { closeReviews } from '../../reviews/queue.ts';
import { commitHold, releaseHold } from '../holds.ts';
import { lockAccounts, Postings } from '../ledger.ts';
import { eventDataOf, outEntryOf, storeGiven, TRANSFER, type StoredTransfer } from './transfer.ts';

export interface Decision {
  actor: Actor;
  transferId: number;
}

export interface Decided {
  transfer: PointsTransfer;
  /** The row of who gave. */
  transactionId: number;
}

/**
 * Gives what is held, with the ends that it had when it was frozen (RP-9).
 * @throws AppError as `lockInReview`, CONFLICT when the receiver is not there any more
 */
export async function approve(tx: Tx, decision: Decision, nowMs: number): Promise<Decided> {
  const { transfer, hold, accounts } = await lockInReview(tx, decision);
  if (!(await isActive(tx, transfer.to_user_id)))
    throw new AppError('CONFLICT', { details: { reason: 'the receiver is not there any more' } });
  const given = storedOf(transfer);
  const { fromUserId } = given;
  const piece = { userId: fromUserId, from: hold.spent_from, to: hold.spent_from + hold.held };
  const postings = await Postings.open(tx, accounts, nowMs, { lotsOf: [fromUserId], pieces: [piece] });
  const taken = postings.books.get(fromUserId)!.takenBy(piece.from, piece.to);
  const at = await commitHold(tx, postings, { ...outEntryOf(given), hold }, nowMs);
  const { transactionId } = await storeGiven(tx, postings, { given, at, taken }, nowMs);
  return decide(tx, { ...decision, transfer, transactionId, status: 'approved', reason: null }, nowMs);
}

/**
 * Gives what is held back to the sender, to the lots it came from.
 * @throws AppError as `lockInReview`
 */
export async function reject(
  tx: Tx,
  { reason, ...decision }: Decision & { reason: string },
  nowMs: number,
): Promise<Decided> {
  const { transfer, hold, accounts } = await lockInReview(tx, decision);
  const { transactionId } = await releaseHold(tx, { hold, accounts, reason }, nowMs);
  const { from_user_id: userId } = transfer;
  const data = { ...eventDataOf(storedOf(transfer)), reason };
  await emitEvents(tx, [{ type: 'points:transfer_rejected', userId, data }], nowMs);
  return decide(tx, { ...decision, transfer, transactionId, status: 'rejected', reason }, nowMs);
}

/**
 * The transfer as it is while both accounts are held: nobody else decides it meanwhile.
 * @throws AppError NOT_FOUND, CONFLICT when it is decided, FORBIDDEN for the two whom it is about, and for machines
 */
async function lockInReview(tx: Tx, { actor, transferId }: Decision) {
  const which = { transfer_id: transferId };
  const asked = await tx.manager.findOneBy(PointsTransfer, which);
  if (asked === null) throw new AppError('NOT_FOUND');
  const people = [asked.from_user_id, asked.to_user_id];
  // A key may be of one of the two.
  const isMachine = apiKeyIdOf(actor.userId) !== undefined;
  if (isMachine || people.includes(actor.userId)) throw new AppError('FORBIDDEN');
  const accounts = await lockAccounts(tx, people);
  const transfer = await tx.manager.findOneByOrFail(PointsTransfer, which);
  if (transfer.status !== 'review')
    throw new AppError('CONFLICT', {
      details: { reason: 'it does not wait for a review', ...statusOf(transfer) },
    });
  const held = { user_id: transfer.from_user_id, status: 'held' as const, ...which };
  return { transfer, accounts, hold: await tx.manager.findOneByOrFail(PointsHold, held) };
}

interface Settled extends Decision, Decided {
  status: 'approved' | 'rejected';
  reason: string | null;
}

async function decide(
  tx: Tx,
  { actor, transfer, transactionId, status, reason }: Settled,
  nowMs: number,
): Promise<Decided> {
  const { transfer_id, from_user_id, to_user_id } = transfer;
  const decision = {
    status,
    decided_by: actor.userId,
    decided_at: new Date(nowMs),
    decision_reason: reason,
  };
  await tx.manager.update(PointsTransfer, { transfer_id }, decision);
  const closed = { subjectIds: [transfer_id], status, decidedBy: actor.userId, reason };
  await closeReviews(tx, { kinds: [TRANSFER], ...closed }, nowMs);
  const after = {
    status,
    transaction_id: transactionId,
    from_user_id,
    to_user_id,
    amount: transfer.amount / 100,
    ...(reason !== null && { reason }),
  };
  const action = status === 'approved' ? 'points.transfer-approve' : 'points.transfer-reject';
  const target = { type: 'transfer', id: transfer_id };
  await recordAction(tx, { actor, action, target, before: statusOf(transfer), after }, nowMs);
  return { transfer: { ...transfer, ...decision }, transactionId };
}

function statusOf({ status }: PointsTransfer) {
  return { status };
}

function storedOf(row: PointsTransfer): StoredTransfer {
  return {
    transferId: row.transfer_id,
    fromUserId: row.from_user_id,
    toUserId: row.to_user_id,
    amountHundredths: row.amount,
    message: row.message,
  };
}
