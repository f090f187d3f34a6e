/**
 * Points that are frozen for something: released, or consumed, in any parts (P-4). What is held for a transfer is moved by its
 * review alone (transfers/review.ts), what is held for a trade by that (trades.ts).
 */
import { IsNull } from 'typeorm';
import { PointsHold } from '../../entities/points/PointsHold.ts';
import { insertOne, upsertAll } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { lockAccounts, Postings, type LedgerEntry } from './ledger.ts';

/** What a hold is for, where nothing else may move it. */
export interface HeldFor {
  /** The transfer that waits for a review. */
  transferId?: number | undefined;
  /** The trade that is not over. */
  tradeId?: number | undefined;
}

export interface Freezing extends HeldFor {
  userId: number;
  amountHundredths: number;
  reason: string;
  /** When it is released by itself; null: never. */
  expiresAtMs: number | null;
}

type Part = Omit<Freezing, 'expiresAtMs' | keyof HeldFor>;

export interface Moved {
  transactionId: number;
  balanceAfterHundredths: number;
  frozenAfterHundredths: number;
}

/** What of a hold is meant, and where it lies on the line of spending. */
interface HeldPart {
  hold: PointsHold;
  from: number;
  amount: number;
}

/** @throws AppError NOT_FOUND, POINTS_INSUFFICIENT */
export async function freeze(
  tx: Tx,
  { userId, amountHundredths, reason, expiresAtMs, ...heldFor }: Freezing,
  nowMs: number,
): Promise<Moved & { holdId: number }> {
  const postings = await Postings.open(tx, await lockAccounts(tx, [userId]), nowMs);
  const spentFrom = postings.accountOf(userId)?.spentTotal ?? 0;
  const at = postings.add({
    userId,
    type: 'freeze',
    amountHundredths: -amountHundredths,
    frozenHundredths: amountHundredths,
    reason,
    ...originOf(heldFor),
  });
  const moment = new Date(nowMs);
  const holdId = await insertOne(tx, PointsHold, {
    user_id: userId,
    status: 'held',
    amount: amountHundredths,
    held: amountHundredths,
    committed: 0,
    spent_from: spentFrom,
    reason,
    transfer_id: heldFor.transferId ?? null,
    trade_id: heldFor.tradeId ?? null,
    expires_at: expiresAtMs === null ? null : new Date(expiresAtMs),
    created_at: moment,
    updated_at: moment,
  });
  return { ...(await storeMoved(tx, postings, { userId, at })), holdId };
}

/**
 * Gives frozen points back to the lots they came from, those frozen last at first. What has ended meanwhile expires now (RP-6).
 * @throws AppError NOT_FOUND, POINTS_INSUFFICIENT when less is frozen
 */
export async function unfreeze(
  tx: Tx,
  { userId, amountHundredths, reason }: Part,
  nowMs: number,
): Promise<Moved> {
  const { accounts, holds } = await lockHeld(tx, userId);
  const parts = partsOf(holds.reverse(), amountHundredths, tailOf);
  return release(tx, { userId, accounts, parts, reason }, nowMs);
}

/**
 * Consumes frozen points, those frozen first at first.
 * @throws AppError NOT_FOUND, POINTS_INSUFFICIENT when less is frozen
 */
export async function consumeFrozen(
  tx: Tx,
  { userId, amountHundredths, reason }: Part,
  nowMs: number,
): Promise<Moved> {
  const { accounts, holds } = await lockHeld(tx, userId);
  const parts = partsOf(holds, amountHundredths, headOf);
  const postings = await Postings.open(tx, accounts, nowMs);
  let at = 0;
  for (const part of parts) {
    const entry = { userId, type: 'consume', source: 'hold', reason, relatedId: String(part.hold.hold_id) };
    at = commitPart(postings, part, entry);
  }
  await storeHolds(tx, parts, nowMs);
  return storeMoved(tx, postings, { userId, at });
}

/** Spends what was held, which lies on the line of spending already. @returns which of the rows it has become */
function commitPart(
  postings: Postings,
  { hold, from, amount }: HeldPart,
  entry: Omit<LedgerEntry, 'amountHundredths'>,
): number {
  const shared = { ...entry, isOffLots: true };
  postings.add({ ...shared, type: 'unfreeze', amountHundredths: amount, frozenHundredths: -amount });
  hold.held -= amount;
  hold.committed += amount;
  return postings.add({ ...shared, amountHundredths: -amount, spentFrom: from });
}

/** Spends all that is held for a transfer or a trade. The caller stores the postings. @returns which of the rows it has become */
export async function commitHold(
  tx: Tx,
  postings: Postings,
  { hold, ...entry }: Omit<LedgerEntry, 'amountHundredths'> & { hold: PointsHold },
  nowMs: number,
): Promise<number> {
  const part = { hold, ...headOf(hold, hold.held) };
  const at = commitPart(postings, part, entry);
  await storeHolds(tx, [part], nowMs);
  return at;
}

/** Gives all that is held for a transfer or a trade back to the lots it came from. */
export async function releaseHold(
  tx: Tx,
  { hold, ...held }: Omit<Release, 'userId' | 'parts'> & { hold: PointsHold },
  nowMs: number,
): Promise<Moved> {
  const parts = [{ hold, ...tailOf(hold, hold.held) }];
  const heldFor = { transferId: hold.transfer_id ?? undefined, tradeId: hold.trade_id ?? undefined };
  return release(tx, { ...held, ...heldFor, userId: hold.user_id, parts }, nowMs);
}

/** Releases what is held longer than it may be. Once, however many nodes do it at a time. */
export async function releaseDue(tx: Tx, userId: number, nowMs: number): Promise<void> {
  const { accounts, holds } = await lockHeld(tx, userId);
  const parts = holds
    .filter(({ expires_at: end }) => end !== null && end.getTime() <= nowMs)
    .map((hold) => ({ hold, ...tailOf(hold, hold.held) }));
  if (parts.length > 0) await release(tx, { userId, accounts, parts, reason: 'the hold has ended' }, nowMs);
}

interface Release extends HeldFor {
  userId: number;
  accounts: Awaited<ReturnType<typeof lockAccounts>>;
  parts: readonly HeldPart[];
  reason: string;
}

async function release(
  tx: Tx,
  { userId, accounts, parts, reason, ...heldFor }: Release,
  nowMs: number,
): Promise<Moved> {
  const pieces = parts.map(({ from, amount }) => ({ userId, from, to: from + amount }));
  const postings = await Postings.open(tx, accounts, nowMs, { lotsOf: [userId], pieces });
  for (const { from, to } of pieces) postings.books.get(userId)!.giveBack(from, to);
  const amount = parts.reduce((sum, part) => sum + part.amount, 0);
  const at = postings.add({
    userId,
    type: 'unfreeze',
    amountHundredths: amount,
    frozenHundredths: -amount,
    reason,
    ...originOf(heldFor),
    isOffLots: true,
  });
  postings.expire(userId);
  for (const part of parts) part.hold.held -= part.amount;
  await storeHolds(tx, parts, nowMs);
  return storeMoved(tx, postings, { userId, at });
}

async function storeMoved(
  tx: Tx,
  postings: Postings,
  { userId, at }: { userId: number; at: number },
): Promise<Moved> {
  const transactionId = await postings.storeOne(tx, at);
  const { availableHundredths, frozenHundredths } = postings.accountOf(userId)!;
  return {
    transactionId,
    balanceAfterHundredths: availableHundredths,
    frozenAfterHundredths: frozenHundredths,
  };
}

/** A user's account, and what is held of it for no transfer or trade, what was frozen first at first. @throws AppError NOT_FOUND */
async function lockHeld(tx: Tx, userId: number) {
  const accounts = await lockAccounts(tx, [userId]);
  if (!accounts.has(userId)) throw new AppError('NOT_FOUND');
  const holds = await tx.manager.find(PointsHold, {
    where: { user_id: userId, status: 'held', transfer_id: IsNull(), trade_id: IsNull() },
    order: { hold_id: 'ASC' },
  });
  return { accounts, holds };
}

function originOf({ transferId, tradeId }: HeldFor) {
  if (transferId !== undefined) return { source: 'transfer', relatedId: String(transferId) };
  if (tradeId !== undefined) return { source: 'trade', relatedId: String(tradeId) };
  return { source: 'hold', relatedId: null };
}

function headOf({ spent_from: begin, committed }: PointsHold, amount: number) {
  return { from: begin + committed, amount };
}

function tailOf({ spent_from: begin, committed, held }: PointsHold, amount: number) {
  return { from: begin + committed + held - amount, amount };
}

function partsOf(holds: readonly PointsHold[], amountHundredths: number, place: typeof headOf): HeldPart[] {
  let left = amountHundredths;
  const parts = holds.flatMap((hold) => {
    const amount = Math.min(left, hold.held);
    left -= amount;
    return amount === 0 ? [] : [{ hold, ...place(hold, amount) }];
  });
  if (left > 0) throw new AppError('POINTS_INSUFFICIENT');
  return parts;
}

async function storeHolds(tx: Tx, parts: readonly HeldPart[], nowMs: number): Promise<void> {
  const rows = parts.map(({ hold }) => ({
    ...hold,
    status: statusOf(hold),
    updated_at: new Date(nowMs),
  }));
  await upsertAll(tx, PointsHold, rows);
}

function statusOf({ held, committed }: PointsHold): PointsHold['status'] {
  if (held > 0) return 'held';
  return committed > 0 ? 'committed' : 'released';
}
