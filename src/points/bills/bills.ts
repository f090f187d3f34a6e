/**
 * Bills that users have paid, and the points for them (P-9).
 *
 * A bill's number is the till's. Whoever sends it again, with whatever key, gets the answer that it got first. What the rules give
 * is decided when it is paid (RP-4). Where bills may be returned for some days the points are pending for as long: shown, not
 * spendable, and what a refund takes first (RP-15).
 */
import { In, LessThan, LessThanOrEqual, type EntityManager } from 'typeorm';
import { PointsBill } from '../../../entities/points/PointsBill.ts';
import { PointsBillGrant } from '../../../entities/points/PointsBillGrant.ts';
import { isActive, isClosed } from '../../identity/people/isActive.ts';
import { insertAll, insertOne, upsertAll } from '../../platform/database/bulk.ts';
import { readPage } from '../../platform/database/readPage.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { emitEvents, type NewEvent } from '../../platform/events/outbox.ts';
import type { Page, PageQuery } from '../../platform/shapes.ts';
import { earningOf, postEarnings, type GrantPolicy } from '../earning.ts';
import { lockAccounts, type LockedAccount } from '../ledger.ts';
import type { Grant } from '../rules/engine.ts';
import { UserRules } from '../rules/userRules.ts';

export interface Payment {
  /** The caller: a member of the staff, or a till below zero. */
  payeeId: number;
  restaurantId: number | null;
  userId: number;
  billNo: string;
  /** In fen. */
  billAmount: number;
}

export interface BillPolicy extends GrantPolicy {
  /** When the points of a bill that is paid now come; null: at once. */
  activationMs(nowMs: number): number | null;
}

export interface PaidBill {
  bill: PointsBill;
  /** It had been paid before. */
  isKnown: boolean;
}

/** @throws AppError FORBIDDEN for a bill of one's own, NOT_FOUND, CONFLICT where the number is another bill's */
export async function payBill(
  tx: Tx,
  payment: Payment,
  policy: BillPolicy,
  nowMs: number,
): Promise<PaidBill> {
  const { payeeId, restaurantId, userId, billNo, billAmount } = payment;
  if (payeeId === userId) throw new AppError('FORBIDDEN');
  const accounts = await lockAccounts(tx, [userId]);
  const user = accounts.get(userId);
  const [known, isThere, rules] = await Promise.all([
    tx.manager.findOneBy(PointsBill, { bill_no: billNo }),
    isActive(tx, userId),
    user === undefined ? undefined : UserRules.read(tx, { type: 'rebate', user, nowMs }),
  ]);
  if (known !== null) return { bill: sameBill(known, payment), isKnown: true };
  if (user === undefined || rules === undefined || !isThere) throw new AppError('NOT_FOUND');
  const { grants, explain } = rules.evaluate({ bill_amount: billAmount });
  const activationMs = policy.activationMs(nowMs);
  const { transactionIds, balanceAfterHundredths } =
    activationMs === null
      ? await postGrants(tx, { accounts, userId, billNo, grants }, policy, nowMs)
      : { transactionIds: [], balanceAfterHundredths: user.availableHundredths };
  const row = {
    ...{ bill_no: billNo, user_id: userId, restaurant_id: restaurantId, created_by: payeeId },
    status: activationMs === null ? ('completed' as const) : ('pending' as const),
    ...{ bill_amount: billAmount, refunded_amount: 0, reversed_points: 0 },
    points: grants.reduce((sum, { hundredths }) => sum + hundredths, 0),
    reasons: explain,
    balance_after: balanceAfterHundredths,
    transaction_id: transactionIds[0] ?? null,
    activates_at: activationMs === null ? null : new Date(activationMs),
    business_day: tx.dayOf(nowMs),
    created_at: new Date(nowMs),
  };
  const [billId] = await Promise.all([insertOne(tx, PointsBill, row), rules.store(tx)]);
  await Promise.all([
    insertAll(tx, PointsBillGrant, grantRows(billId, grants, transactionIds)),
    emitEvents(tx, [paidEvent(row)], nowMs),
  ]);
  return { bill: { ...row, bill_id: billId }, isKnown: false };
}

function paidEvent(bill: Omit<PointsBill, 'bill_id'>): NewEvent {
  const { user_id, bill_no, restaurant_id, bill_amount, points } = bill;
  const amounts = { bill_amount: bill_amount / 100, points: points / 100 };
  return { type: 'points:bill_paid', userId: user_id, data: { user_id, bill_no, restaurant_id, ...amounts } };
}

function grantRows(
  billId: number,
  grants: readonly Grant[],
  transactionIds: readonly number[],
): PointsBillGrant[] {
  return grants.map(({ ruleId, version, hundredths }, at) => ({
    bill_id: billId,
    rule_id: ruleId,
    rule_version: version,
    granted: hundredths,
    reversed: 0,
    transaction_id: transactionIds[at] ?? null,
  }));
}

function sameBill(known: PointsBill, { userId, billAmount, restaurantId }: Payment): PointsBill {
  if (known.user_id === userId && known.bill_amount === billAmount && isOfRestaurant(known, restaurantId))
    return known;
  throw new AppError('CONFLICT', { details: { reason: 'the number is that of another bill' } });
}

/** Whoever serves one restaurant finds the bills of that alone. */
export function isOfRestaurant(bill: PointsBill, restaurantId: number | null): boolean {
  return restaurantId === null || bill.restaurant_id === restaurantId;
}

interface PostedGrants {
  accounts: ReadonlyMap<number, LockedAccount>;
  userId: number;
  billNo: string;
  grants: readonly Grant[];
}

function postGrants(
  tx: Tx,
  { accounts, userId, billNo, grants }: PostedGrants,
  policy: GrantPolicy,
  nowMs: number,
) {
  const shared = {
    type: 'rebate',
    source: 'bill',
    reason: 'bill',
    relatedId: billNo,
    expiresAtMs: policy.endMs(nowMs),
  };
  const earnings = grants.map((grant) => earningOf(grant, shared));
  return postEarnings(tx, policy, { userId, earnings, accounts }, nowMs);
}

/** Bills whose points are due, as far as one batch takes them. */
export async function findDueBills(
  manager: EntityManager,
  nowMs: number,
  take: number,
): Promise<PointsBill[]> {
  return manager.find(PointsBill, {
    select: { bill_id: true, user_id: true },
    where: { status: 'pending', activates_at: LessThanOrEqual(new Date(nowMs)) },
    order: { activates_at: 'ASC' },
    take,
  });
}

/** The points of a pending bill come, once, without what has been refunded. To a closed account they never come. */
export async function activateBill(
  tx: Tx,
  { userId, billId }: { userId: number; billId: number },
  policy: BillPolicy,
  nowMs: number,
): Promise<void> {
  const accounts = await lockAccounts(tx, [userId]);
  const bill = await tx.manager.findOneByOrFail(PointsBill, { bill_id: billId });
  if (bill.status !== 'pending' || bill.activates_at!.getTime() > nowMs) return;
  const [granted, isGone] = await Promise.all([
    tx.manager.findBy(PointsBillGrant, { bill_id: billId }),
    isClosed(tx, userId),
  ]);
  if (isGone) {
    await tx.manager.update(PointsBill, { bill_id: billId }, { status: 'cancelled' });
    return;
  }
  const left = granted.filter((row) => row.granted > row.reversed);
  const grants = left.map((row) => ({
    ruleId: row.rule_id,
    version: row.rule_version,
    hundredths: row.granted - row.reversed,
  }));
  const { transactionIds } = await postGrants(
    tx,
    { accounts, userId, billNo: bill.bill_no, grants },
    policy,
    nowMs,
  );
  await Promise.all([
    tx.manager.update(PointsBill, { bill_id: billId }, { status: 'completed' }),
    upsertAll(
      tx,
      PointsBillGrant,
      left.map((row, at) => ({ ...row, transaction_id: transactionIds[at]! })),
    ),
  ]);
}

/** What is to come of the bills of an account that ends comes to the one that stays (RP-15); the caller holds both. */
export async function moveBills(
  { manager }: Tx,
  { fromUserId, intoUserId }: { fromUserId: number; intoUserId: number },
): Promise<void> {
  await manager.update(PointsBill, { user_id: fromUserId, status: 'pending' }, { user_id: intoUserId });
}

/** What bills have earned, in 1/100 points, by their ids. */
export async function readPointsOf(
  manager: EntityManager,
  billIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (billIds.length === 0) return new Map();
  const bills = await manager.find(PointsBill, {
    select: { bill_id: true, points: true },
    where: { bill_id: In([...billIds]) },
  });
  return new Map(bills.map(({ bill_id: billId, points }) => [billId, points]));
}

/** Which of these numbers are those of bills: their ids, by number. */
export async function findBillIds(
  manager: EntityManager,
  billNos: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const bills = await manager.find(PointsBill, {
    select: { bill_id: true, bill_no: true },
    where: { bill_no: In([...billNos]) },
  });
  return new Map(bills.map(({ bill_no: billNo, bill_id: billId }) => [billNo, billId]));
}

/** What of a user's bills is still to come. */
export async function readPending(manager: EntityManager, userId: number): Promise<number> {
  const bills = await manager.find(PointsBill, {
    select: { bill_id: true, points: true, reversed_points: true },
    where: { user_id: userId, status: 'pending' },
  });
  return bills.reduce((sum, bill) => sum + bill.points - bill.reversed_points, 0);
}

/** One page of a user's bills, newest first. @param before the bill that it begins after; `page` means nothing then */
export async function readBills(
  manager: EntityManager,
  userId: number,
  { before, ...query }: PageQuery & { before?: number | undefined },
): Promise<Page<PointsBill>> {
  const of = { user_id: userId };
  const where = before === undefined ? of : { ...of, bill_id: LessThan(before) };
  return readPage(
    { ...query, before },
    {
      items: (part) => manager.find(PointsBill, { where, order: { bill_id: 'DESC' }, ...part }),
      count: () => manager.countBy(PointsBill, of),
    },
  );
}
