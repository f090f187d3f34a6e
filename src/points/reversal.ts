/** Taking a ledger row back, whole or in parts, by rows of its own (P-5). */
import { In } from 'typeorm';
import { PointsReversal } from '../../entities/points/PointsReversal.ts';
import { PointsTransaction } from '../../entities/points/PointsTransaction.ts';
import { insertAll } from '../platform/database/bulk.ts';
import { fromSqlPoints } from '../platform/database/sqlValues.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { takeExperienceBack } from './earning.ts';
import { lockAccounts, Postings, type LedgerEntry, type LockedAccount } from './ledger.ts';
import type { Levels } from './levels.ts';
import type { Lot } from './lotBook.ts';
import { otherRowOf } from './transfers/otherRow.ts';

export interface ReversalPolicy {
  levels: Levels;
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

/** What one account has become. */
export interface ReversedSide {
  userId: number;
  transactionId: number;
  balanceAfterHundredths: number;
  debtHundredths: number;
}

export interface Reversed extends ReversedSide {
  amountHundredths: number;
  /** Of a loss that was taken back. */
  restored: RestoredPart[];
  /** Of a transfer: who had received it. */
  receiver: ReversedSide | undefined;
}

/** Rows that are a part of something, or take back themselves. */
const FINAL_TYPES: ReadonlySet<string> = new Set([
  'exchange',
  'freeze',
  'merge_in',
  'merge_out',
  'refund',
  'rollback',
  'trade_in',
  'trade_out',
  'transfer_in',
  'unfreeze',
]);

/**
 * A transfer is taken back by the row of who gave, of both in one.
 * @throws AppError NOT_FOUND, CONFLICT when so much is not left of it, POINTS_INSUFFICIENT
 */
export async function reverse(
  tx: Tx,
  reversing: Reversing,
  policy: ReversalPolicy,
  nowMs: number,
): Promise<Reversed> {
  const { transactionId: originalId } = reversing;
  const original = await tx.manager.findOneBy(PointsTransaction, { transaction_id: originalId });
  if (original === null) throw new AppError('NOT_FOUND');
  if (FINAL_TYPES.has(original.transaction_type)) throw await refusalOf(tx, original);
  const received = original.transaction_type === 'transfer_out' ? await otherRowOf(tx, original) : undefined;
  const originals = received === undefined ? [original] : [original, received];
  const accounts = await lockAccounts(
    tx,
    originals.map(({ user_id: userId }) => userId),
  );
  const before = await tx.manager.sum(PointsReversal, 'amount', { original_id: originalId });
  const reversed = fromSqlPoints(before ?? 0);
  const left = Math.abs(original.amount) - reversed;
  const amount = reversing.amountHundredths ?? left;
  if (left === 0 || amount > left)
    throw new AppError('CONFLICT', { details: { reason: 'so much is not left of it', left: left / 100 } });
  const change = { original, reversed, amount, reversing, policy, nowMs };
  const postings = await open(tx, accounts, change, received);
  const posted = original.amount < 0 ? giveBack(postings, change) : takeBack(postings, change);
  const ats = [posted.at];
  // The sender gets what was taken last at first: so does the receiver lose it, or a point would live longer (RP-9).
  if (received !== undefined) ats.push(takeBack(postings, { ...change, original: received }, true).at);
  const storeExperience = await takeExperience(tx, postings, change);
  const ids = await postings.storeNamed(tx, ats, storeExperience);
  const sides = originals.map(({ user_id: userId }, at) => sideOf(postings, userId, ids[at]!));
  await storeSides(tx, { originals, sides, amount, isWhole: amount === left }, nowMs);
  return { ...sides[0]!, amountHundredths: amount, restored: posted.restored, receiver: sides[1] };
}

/** What a gain gave of experience goes with it. */
async function takeExperience(tx: Tx, postings: Postings, { original, reversed, amount, policy }: Change) {
  const { transaction_id: originalId, user_id: userId, amount: gained } = original;
  if (gained <= 0) return undefined;
  const part = { originalId, gained, before: reversed, amount };
  return takeExperienceBack(tx, postings, policy.levels, { userId, parts: [part] });
}

async function refusalOf(tx: Tx, original: PointsTransaction): Promise<AppError> {
  const { transaction_type: type } = original;
  if (type !== 'transfer_in')
    return new AppError('CONFLICT', { details: { reason: 'a row of this type is not rolled back', type } });
  const { transaction_id: givenId } = await otherRowOf(tx, original);
  const reason = 'a transfer is rolled back by the row of who gave';
  return new AppError('CONFLICT', { details: { reason, type, transaction_id: givenId } });
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
  /** Which of the entries it is. */
  at: number;
  restored: RestoredPart[];
}

/** With the lots that something is taken of, and those that it comes back to. */
async function open(
  tx: Tx,
  accounts: ReadonlyMap<number, LockedAccount>,
  change: Change,
  received: PointsTransaction | undefined,
): Promise<Postings> {
  const { original, nowMs } = change;
  const piece = pieceOf(change);
  const isInLots = original.amount > 0 || piece !== undefined;
  const lotsOf = [...(isInLots ? [original] : []), ...(received === undefined ? [] : [received])];
  return Postings.open(tx, accounts, nowMs, {
    lotsOf: lotsOf.map(({ user_id: userId }) => userId),
    pieces: piece === undefined ? [] : [piece],
  });
}

/** Of a loss, what of the line of spending is given back; undefined: it was not taken by spending, or before there were lots. */
function pieceOf({ original, reversed, amount }: Change) {
  const { user_id: userId, spent_from: spentFrom } = original;
  if (spentFrom === null) return undefined;
  const to = spentFrom - original.amount - reversed;
  return { userId, from: to - amount, to };
}

/** What was lost comes back to the very lots that it was taken of, what was taken last at first (RP-2). */
function giveBack(postings: Postings, change: Change): Posted {
  const { amount, nowMs } = change;
  const piece = pieceOf(change);
  if (piece === undefined) {
    const at = postings.add({ ...entryOf(change, amount), expiresAtMs: null });
    return { at, restored: [{ amountHundredths: amount, expiresAtMs: null, outcome: 'restored' }] };
  }
  const { userId } = piece;
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
  return { at, restored };
}

/** What was gained is taken of the lots that it made, then of what ends first; what is not there is owed (RP-3). */
function takeBack(postings: Postings, change: Change, latestFirst = false): Posted {
  const { original, amount, policy } = change;
  const { transaction_id: id, transaction_type: type, related_id: relatedId } = original;
  const isOfIt = (lot: Lot) =>
    lot.transactionId === null
      ? relatedId !== null && lot.originType === type && lot.relatedId === relatedId
      : lot.transactionId === id;
  const taking = { entry: entryOf(change, 0), amount, isOfIt, latestFirst };
  return { at: takeGain(postings, taking, policy), restored: [] };
}

export interface TakenGain {
  /** But for what it moves. */
  entry: Omit<LedgerEntry, 'amountHundredths'>;
  amount: number;
  /** Lots that are taken of before others. */
  isOfIt: (lot: Lot) => boolean;
  /** Of those, what ends last at first. */
  latestFirst?: boolean;
}

/** @returns which of the rows it has become @throws AppError POINTS_INSUFFICIENT where nothing may be owed */
export function takeGain(
  postings: Postings,
  { entry, amount, isOfIt, latestFirst }: TakenGain,
  { allowsDebt }: Pick<ReversalPolicy, 'allowsDebt'>,
): number {
  const { userId } = entry;
  const taken = postings.books.get(userId)!.takeBack(amount, isOfIt, latestFirst);
  if (taken < amount && !allowsDebt) throw new AppError('POINTS_INSUFFICIENT');
  const at = postings.add({ ...entry, amountHundredths: -taken, isOffLots: true });
  postings.setDebt(userId, postings.accountOf(userId)!.debtHundredths + amount - taken);
  return at;
}

function entryOf({ original, reversing: { type, source, reason } }: Change, amountHundredths: number) {
  const relatedId = String(original.transaction_id);
  return { userId: original.user_id, type, amountHundredths, source, reason, relatedId };
}

function sideOf(postings: Postings, userId: number, transactionId: number): ReversedSide {
  const { availableHundredths, debtHundredths } = postings.accountOf(userId)!;
  return { userId, transactionId, balanceAfterHundredths: availableHundredths, debtHundredths };
}

interface Stored {
  originals: readonly PointsTransaction[];
  /** In the same order. */
  sides: readonly ReversedSide[];
  amount: number;
  /** Nothing is left of it. */
  isWhole: boolean;
}

async function storeSides(
  tx: Tx,
  { originals, sides, amount, isWhole }: Stored,
  nowMs: number,
): Promise<void> {
  const originalIds = originals.map(({ transaction_id: id }) => id);
  await storeReversals(
    tx,
    sides.map(({ transactionId }, at) => ({ transactionId, originalId: originalIds[at]!, amount, isWhole })),
  );
  const events = sides.map(({ userId, transactionId, balanceAfterHundredths }, at) => ({
    type: 'points:rolled_back' as const,
    userId,
    data: {
      user_id: userId,
      transaction_id: transactionId,
      original_id: originalIds[at],
      amount: amount / 100,
      balance: balanceAfterHundredths / 100,
    },
  }));
  await emitEvents(tx, events, nowMs);
}

export interface Reversal {
  transactionId: number;
  /** The row that it takes back. */
  originalId: number;
  amount: number;
  /** Nothing is left of it. */
  isWhole: boolean;
}

/** Which rows take back how much of which others. */
export async function storeReversals(tx: Tx, reversals: readonly Reversal[]): Promise<void> {
  const whole = reversals.flatMap(({ originalId, isWhole }) => (isWhole ? [originalId] : []));
  await Promise.all([
    insertAll(
      tx,
      PointsReversal,
      reversals.map(({ transactionId, originalId, amount }) => ({
        transaction_id: transactionId,
        original_id: originalId,
        amount,
      })),
    ),
    whole.length === 0
      ? undefined
      : tx.manager.update(PointsTransaction, { transaction_id: In(whole) }, { status: 'rolled_back' }),
  ]);
}
