/** Taking a ledger row back, whole or in parts, by rows of its own (P-5). */
import { PointsReversal } from '../../entities/points/PointsReversal.ts';
import { PointsTransaction } from '../../entities/points/PointsTransaction.ts';
import { insertOne } from '../platform/database/bulk.ts';
import { fromSqlPoints } from '../platform/database/sqlValues.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { lockAccounts, Postings } from './ledger.ts';
import type { Lot } from './lotBook.ts';

export interface ReversalPolicy {
  /** What was taken of points that are spent already is owed; else it is refused. */
  allowsDebt: boolean;
  /** When what comes back to a lot that has ended meanwhile ends anew; undefined: at once. */
  graceEndMs: ((nowMs: number) => number) | undefined;
}

export interface Reversing {
  transactionId: number;
  /** Undefined: what is left of it. */
  amountHundredths: number | undefined;
  reason: string;
  /** Of the new row: who or what takes it back. */
  type: 'rollback' | 'refund';
  source: string;
}

export interface RestoredPart {
  amountHundredths: number;
  expiresAtMs: number | null;
  outcome: 'restored' | 'expired' | 'grace';
}

export interface Reversed {
  transactionId: number;
  userId: number;
  amountHundredths: number;
  balanceAfterHundredths: number;
  debtHundredths: number;
  /** Of a loss that was taken back. */
  restored: RestoredPart[];
}

/** Rows that are a part of something, or take back themselves. */
const FINAL_TYPES: ReadonlySet<string> = new Set([
  'freeze',
  'refund',
  'rollback',
  'transfer_in',
  'transfer_out',
  'unfreeze',
]);

/** @throws AppError NOT_FOUND, CONFLICT when so much is not left of it, POINTS_INSUFFICIENT */
export async function reverse(
  tx: Tx,
  reversing: Reversing,
  policy: ReversalPolicy,
  nowMs: number,
): Promise<Reversed> {
  const { transactionId: originalId } = reversing;
  const original = await tx.manager.findOneBy(PointsTransaction, { transaction_id: originalId });
  if (original === null) throw new AppError('NOT_FOUND');
  if (FINAL_TYPES.has(original.transaction_type))
    throw new AppError('CONFLICT', {
      details: { reason: 'a row of this type is not rolled back', type: original.transaction_type },
    });
  const { user_id: userId } = original;
  const accounts = await lockAccounts(tx, [userId]);
  const before = await tx.manager.sum(PointsReversal, 'amount', { original_id: originalId });
  const reversed = fromSqlPoints(before ?? 0);
  const left = Math.abs(original.amount) - reversed;
  const amount = reversing.amountHundredths ?? left;
  if (left === 0 || amount > left)
    throw new AppError('CONFLICT', { details: { reason: 'so much is not left of it', left: left / 100 } });
  const change = { original, reversed, amount, reversing, policy, nowMs };
  const { postings, at, restored } =
    original.amount < 0 ? await giveBack(tx, accounts, change) : await takeBack(tx, accounts, change);
  const transactionId = await postings.storeOne(tx, at);
  await insertOne(tx, PointsReversal, { transaction_id: transactionId, original_id: originalId, amount });
  if (amount === left)
    await tx.manager.update(PointsTransaction, { transaction_id: originalId }, { status: 'rolled_back' });
  const { availableHundredths, debtHundredths } = postings.accountOf(userId)!;
  const data = {
    user_id: userId,
    transaction_id: transactionId,
    original_id: originalId,
    amount: amount / 100,
    balance: availableHundredths / 100,
  };
  await emitEvents(tx, [{ type: 'points:rolled_back', userId, data }], nowMs);
  return {
    transactionId,
    userId,
    amountHundredths: amount,
    balanceAfterHundredths: availableHundredths,
    debtHundredths,
    restored,
  };
}

interface Change {
  original: PointsTransaction;
  /** Of it, so far. */
  reversed: number;
  amount: number;
  reversing: Reversing;
  policy: ReversalPolicy;
  nowMs: number;
}

interface Posted {
  postings: Postings;
  /** Which of the entries it is. */
  at: number;
  restored: RestoredPart[];
}

type Accounts = Awaited<ReturnType<typeof lockAccounts>>;

/** What was lost comes back to the very lots that it was taken of, what was taken last at first (RP-2). */
async function giveBack(tx: Tx, accounts: Accounts, change: Change): Promise<Posted> {
  const { original, reversed, amount, nowMs } = change;
  const { user_id: userId, spent_from: spentFrom } = original;
  if (spentFrom === null) {
    // It was not taken by spending, or before there were lots.
    const postings = await Postings.open(tx, accounts, nowMs);
    const at = postings.add({ ...entryOf(change, amount), expiresAtMs: null });
    return { postings, at, restored: [{ amountHundredths: amount, expiresAtMs: null, outcome: 'restored' }] };
  }
  const to = spentFrom - original.amount - reversed;
  const piece = { userId, from: to - amount, to };
  const postings = await Postings.open(tx, accounts, nowMs, { lotsOf: [userId], pieces: [piece] });
  const parts = postings.books.get(userId)!.giveBack(piece.from, piece.to);
  const isOver = ({ expiresAtMs }: Lot) => expiresAtMs !== null && expiresAtMs <= nowMs;
  const over = parts.filter(({ lot }) => isOver(lot)).reduce((sum, part) => sum + part.amount, 0);
  const graceEndMs = change.policy.graceEndMs?.(nowMs);
  const inGrace = graceEndMs === undefined ? 0 : over;
  const returned = amount - inGrace;
  let at = returned === 0 ? 0 : postings.add({ ...entryOf(change, returned), isOffLots: true });
  if (inGrace === 0) postings.expire(userId);
  else {
    // It does not come back to a lot that has ended: it makes another one.
    postings.books.get(userId)!.expire(nowMs);
    const graced = postings.add({ ...entryOf(change, inGrace), expiresAtMs: graceEndMs! });
    if (returned === 0) at = graced;
  }
  const restored = parts.map(({ lot, amount: amountHundredths }): RestoredPart => {
    if (!isOver(lot)) return { amountHundredths, expiresAtMs: lot.expiresAtMs, outcome: 'restored' };
    return graceEndMs === undefined
      ? { amountHundredths, expiresAtMs: lot.expiresAtMs, outcome: 'expired' }
      : { amountHundredths, expiresAtMs: graceEndMs, outcome: 'grace' };
  });
  return { postings, at, restored };
}

/** What was gained is taken of the lots that it made, then of what ends first; what is not there is owed (RP-3). */
async function takeBack(tx: Tx, accounts: Accounts, change: Change): Promise<Posted> {
  const { original, amount, policy, nowMs } = change;
  const { user_id: userId, transaction_id: id, transaction_type: type, related_id: relatedId } = original;
  const postings = await Postings.open(tx, accounts, nowMs, { lotsOf: [userId] });
  const isOfIt = (lot: Lot) =>
    lot.transactionId === id ||
    (relatedId !== null && lot.originType === type && lot.relatedId === relatedId);
  const taken = postings.books.get(userId)!.takeBack(amount, isOfIt);
  if (taken < amount && !policy.allowsDebt) throw new AppError('POINTS_INSUFFICIENT');
  const at = postings.add({ ...entryOf(change, -taken), isOffLots: true });
  postings.setDebt(userId, postings.accountOf(userId)!.debtHundredths + amount - taken);
  return { postings, at, restored: [] };
}

function entryOf({ original, reversing: { type, source, reason } }: Change, amountHundredths: number) {
  const relatedId = String(original.transaction_id);
  return { userId: original.user_id, type, amountHundredths, source, reason, relatedId };
}
