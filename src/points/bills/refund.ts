/**
 * Bills that are given back, whole or in parts (P-9).
 *
 * However a refund is split, in the end exactly what the bill had earned is taken back: each part takes what brings the whole to its
 * share, rounded down (RP-3). It is taken of what each rule gave, whatever holds by now (RP-4): first of the lots that the bill
 * made, then of what ends first; what is spent already is owed. Of an account that was merged since, whoever has its points gives
 * them back.
 */
import { In } from 'typeorm';
import { PointsBill } from '../../../entities/points/PointsBill.ts';
import { PointsBillGrant } from '../../../entities/points/PointsBillGrant.ts';
import { PointsBillRefund } from '../../../entities/points/PointsBillRefund.ts';
import { PointsReversal } from '../../../entities/points/PointsReversal.ts';
import { PointsTransaction } from '../../../entities/points/PointsTransaction.ts';
import { insertOne, upsertAll } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { emitEvents } from '../../platform/events/outbox.ts';
import { takeExperienceBack } from '../earning.ts';
import { lockAccounts, Postings, type LockedAccount } from '../ledger.ts';
import type { Lot } from '../lotBook.ts';
import { storeReversals, takeGain, type ReversalPolicy } from '../reversal.ts';
import { survivorOf } from '../mergeAccounts.ts';
import { shareOf } from '../shareOf.ts';
import { isOfRestaurant } from './bills.ts';

export interface Refunding {
  payeeId: number;
  restaurantId: number | null;
  billNo: string;
  /** In fen; undefined: what is left. */
  amount: number | undefined;
}

export interface RefundedBill {
  refund: PointsBillRefund;
  bill: PointsBill;
  /** What was left was asked for again: this is the answer of then. */
  isKnown: boolean;
}

type Accounts = ReadonlyMap<number, LockedAccount>;

/** @throws AppError NOT_FOUND, CONFLICT when so much is not left of it, POINTS_INSUFFICIENT where nothing may be owed */
export async function refundBill(
  tx: Tx,
  { payeeId, restaurantId, billNo, amount: asked }: Refunding,
  policy: ReversalPolicy,
  nowMs: number,
): Promise<RefundedBill> {
  const found = await tx.manager.findOne(PointsBill, { where: { bill_no: billNo }, select: OWNER });
  if (found === null || !isOfRestaurant(found, restaurantId)) throw new AppError('NOT_FOUND');
  const { bill_id: billId } = found;
  const userId = await survivorOf(tx.manager, found.user_id);
  if (payeeId === userId) throw new AppError('FORBIDDEN');
  const accounts = await lockAccounts(tx, [userId]);
  // Under the lock of the account: nobody refunds another part meanwhile.
  const [[bill], grants] = await Promise.all([
    tx.lock(PointsBill, { where: { bill_id: billId } }),
    tx.manager.findBy(PointsBillGrant, { bill_id: billId }),
  ]);
  const left = bill!.bill_amount - bill!.refunded_amount;
  if (left === 0 && asked === undefined) return knownRefund(tx, bill!);
  const amount = asked ?? left;
  if (amount > left)
    throw new AppError('CONFLICT', { details: { reason: 'so much is not left of it', left: left / 100 } });
  const refunded_amount = bill!.refunded_amount + amount;
  const shares = grants.map((grant) => ({
    grant,
    points: shareOf(grant.granted, { part: refunded_amount, whole: bill!.bill_amount }) - grant.reversed,
  }));
  const taken =
    bill!.status === 'completed'
      ? await takeBack(tx, accounts, { userId, bill: bill!, shares, policy, nowMs })
      : { transactionId: null, ...stateOf(accounts.get(userId)!) };
  const points = shares.reduce((sum, share) => sum + share.points, 0);
  const reversed_points = bill!.reversed_points + points;
  const row = {
    bill_id: billId,
    amount,
    is_rest: asked === undefined,
    points,
    debt: taken.debt,
    balance_after: taken.balanceAfter,
    transaction_id: taken.transactionId,
    created_at: new Date(nowMs),
    created_by: payeeId,
  };
  const data = { user_id: userId, bill_no: billNo, refunded: amount / 100, points: points / 100 };
  const [refund_id] = await Promise.all([
    insertOne(tx, PointsBillRefund, row),
    tx.manager.update(PointsBill, { bill_id: billId }, { refunded_amount, reversed_points }),
    upsertAll(
      tx,
      PointsBillGrant,
      shares.map((share) => ({ ...share.grant, reversed: share.grant.reversed + share.points })),
    ),
    emitEvents(tx, [{ type: 'points:bill_refunded', userId, data }], nowMs),
  ]);
  return {
    refund: { refund_id, ...row },
    bill: { ...bill!, refunded_amount, reversed_points },
    isKnown: false,
  };
}

const OWNER = { bill_id: true, user_id: true, restaurant_id: true } as const;

/** What is left was asked for, and there is nothing: by whom that was asked first gets the same answer again. */
async function knownRefund(tx: Tx, bill: PointsBill): Promise<RefundedBill> {
  const [refund] = await tx.manager.find(PointsBillRefund, {
    where: { bill_id: bill.bill_id },
    order: { refund_id: 'DESC' },
    take: 1,
  });
  if (refund?.is_rest !== true)
    throw new AppError('CONFLICT', { details: { reason: 'so much is not left of it', left: 0 } });
  return { refund, bill, isKnown: true };
}

interface Taking {
  userId: number;
  bill: PointsBill;
  shares: readonly { grant: PointsBillGrant; points: number }[];
  policy: ReversalPolicy;
  nowMs: number;
}

/** Less, where an administrator has taken back a part of a row already. */
async function takeBack(
  tx: Tx,
  accounts: Accounts,
  { userId, bill: { bill_no: billNo }, shares, policy, nowMs }: Taking,
) {
  const originals = shares.flatMap(({ grant }) => grant.transaction_id ?? []);
  const [postings, rows, before] = await Promise.all([
    Postings.open(tx, accounts, nowMs, { lotsOf: [userId] }),
    tx.manager.find(PointsTransaction, {
      select: { transaction_id: true, amount: true },
      where: { transaction_id: In(originals) },
    }),
    tx.manager.findBy(PointsReversal, { original_id: In(originals) }),
  ]);
  const reversedOf = (id: number) =>
    before.filter((row) => row.original_id === id).reduce((sum, { amount }) => sum + amount, 0);
  // What came in the end: less than was granted, where a part was refunded before.
  const gains = new Map(rows.map((row) => [row.transaction_id, row.amount]));
  const ofBill = new Set(originals);
  const isOfIt = ({ transactionId }: Lot) => transactionId !== null && ofBill.has(transactionId);
  const parts = shares.flatMap(({ grant, points }) => {
    const { transaction_id: originalId, rule_id: ruleId, rule_version: version } = grant;
    if (originalId === null) return [];
    const gained = gains.get(originalId)!;
    const reversed = reversedOf(originalId);
    const amount = Math.min(points, gained - reversed);
    if (amount <= 0) return [];
    const words = { type: 'refund', source: 'bill', reason: 'refund', relatedId: billNo };
    const entry = { ...words, userId, rule: { ruleId, version } };
    const at = takeGain(postings, { entry, amount, isOfIt }, policy);
    return [{ originalId, gained, before: reversed, amount, at }];
  });
  const storeExperience = await takeExperienceBack(tx, postings, policy.levels, { userId, parts });
  const ids = await postings.storeNamed(
    tx,
    parts.map(({ at }) => at),
    storeExperience,
  );
  await storeReversals(
    tx,
    parts.map(({ originalId, gained, before: reversed, amount }, index) => ({
      transactionId: ids[index]!,
      originalId,
      amount,
      isWhole: reversed + amount === gained,
    })),
  );
  return {
    transactionId: ids[0] ?? null,
    ...stateOf(postings.accountOf(userId)!),
  };
}

function stateOf({ debtHundredths: debt, availableHundredths: balanceAfter }: Readonly<LockedAccount>) {
  return { debt, balanceAfter };
}
