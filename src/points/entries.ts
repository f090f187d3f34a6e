/** How an entry changes an account, and the rows that it becomes. Pure: ledger.ts stores them. */
import type { PointsTransaction } from '../../entities/points/PointsTransaction.ts';
import type { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import { fromSqlPoints, fromSqlTime } from '../platform/database/sqlValues.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import { ACCOUNT_COLUMNS, accountOf, type Account, type AccountRow } from './account.ts';
import type { Lot } from './lotBook.ts';
import type { OpenSums } from './statistics/sums.ts';
import { isEarning } from './transactionTypes.ts';

export interface LedgerEntry {
  userId: number;
  /** What kind of movement: earn, consume, lottery_draw … */
  type: string;
  /** Signed: positive is a gain. */
  amountHundredths: number;
  source: string;
  reason: string;
  /** What the movement belongs to, for instance a draw. */
  relatedId: string | null;
  /** The published rule that made it, and in which version. */
  rule?: { ruleId: number; version: number };
  /** Of a gain: the first moment at which it cannot be spent any more; null, or absent: never. */
  expiresAtMs?: number | null;
  /** What becomes frozen with it, or, below zero, is frozen no more: 0 unless given. */
  frozenHundredths?: number;
  /** Whoever posts it changes the lots by themself: no lot is made of a gain, and a loss does not lengthen the line of spending. */
  isOffLots?: boolean;
  /** Of a loss that is off the lots, and lies on the line of spending already: where it begins. */
  spentFrom?: number;
}

/** An account whose row this transaction holds. What is posted keeps it up to date. */
export interface LockedAccount extends Account, OpenSums {
  accountId: number;
  createdAt: Date;
  /** The length of the line of spending, and how far it is settled: lotBook.ts. */
  spentTotal: number;
  settledTotal: number;
  /** No lot ends before. */
  nextDueMs: number | null;
  /** Whose account has what this one had. */
  mergedInto: number | null;
  /** Whether others were merged into it: findPredecessors. */
  hasMerged: boolean;
}

/** What `lockedOf` needs of a row. */
export const LOCKED_COLUMNS = `account_id, created_at, spent_total, settled_total, next_due_at, open_day, open_source, open_income,
  open_expense, open_earned, merged_into, has_merged, ${ACCOUNT_COLUMNS}`;

export interface LockedRow extends AccountRow {
  account_id: number;
  created_at: Date | string;
  spent_total: string | number;
  settled_total: string | number;
  next_due_at: Date | string | null;
  open_day: string | null;
  open_source: string | null;
  open_income: string | number;
  open_expense: string | number;
  open_earned: string | number;
  merged_into: number | null;
  has_merged: boolean | number;
}

/** @throws AppError POINTS_INSUFFICIENT, CONFLICT above the largest balance, and of an account that is merged */
export function movedBy(account: LockedAccount, entry: LedgerEntry): LockedAccount {
  const { amountHundredths, frozenHundredths = 0, isOffLots = false } = entry;
  if (!Number.isSafeInteger(amountHundredths))
    throw new Error('An amount is a whole number of 1/100 point (PTS-1)');
  if (account.mergedInto !== null)
    throw new AppError('CONFLICT', { details: { reason: 'merged', into_user_id: account.mergedInto } });
  const gained = isEarning(entry.type) ? Math.max(amountHundredths, 0) : 0;
  const next = {
    ...account,
    availableHundredths: account.availableHundredths + amountHundredths,
    frozenHundredths: account.frozenHundredths + frozenHundredths,
    totalHundredths: account.totalHundredths + amountHundredths + frozenHundredths,
    historyTotalHundredths: account.historyTotalHundredths + gained,
    spentTotal: account.spentTotal + (isOffLots ? 0 : Math.max(-amountHundredths, 0)),
  };
  if (next.availableHundredths < 0 || next.frozenHundredths < 0) throw new AppError('POINTS_INSUFFICIENT');
  if (Math.max(next.totalHundredths, next.historyTotalHundredths) > LIMITS.pointsPerAccount) {
    throw new AppError('CONFLICT', { details: { reason: 'the account cannot hold more points' } });
  }
  return next;
}

export type NewRow = Omit<PointsTransaction, 'transaction_id'>;

export function transactionRow(
  entry: LedgerEntry,
  before: LockedAccount,
  after: LockedAccount,
  at: Date,
): NewRow {
  const isOnLine = entry.amountHundredths < 0 && entry.isOffLots !== true;
  return {
    user_id: entry.userId,
    transaction_type: entry.type,
    amount: entry.amountHundredths,
    balance_before: before.availableHundredths,
    balance_after: after.availableHundredths,
    status: 'completed',
    source: entry.source,
    reason: entry.reason,
    related_id: entry.relatedId,
    spent_from: isOnLine ? before.spentTotal : (entry.spentFrom ?? null),
    rule_id: entry.rule?.ruleId ?? null,
    rule_version: entry.rule?.version ?? null,
    created_at: at,
  };
}

export function lotOf(entry: LedgerEntry, { spentTotal }: LockedAccount, nowMs: number): Lot {
  return {
    lotId: undefined,
    userId: entry.userId,
    originType: entry.type,
    transactionId: null,
    relatedId: entry.relatedId,
    amount: entry.amountHundredths,
    remaining: entry.amountHundredths,
    spentBefore: spentTotal,
    expiresAtMs: entry.expiresAtMs ?? null,
    createdAtMs: nowMs,
  };
}

export function earliest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/** What is written of accounts, by one statement for each part: what changes seldom, of those alone that have other ones than before. */
export function accountRows(
  accounts: Iterable<LockedAccount>,
  before: ReadonlyMap<number, LockedAccount>,
  at: Date,
): Partial<UserPointsAccount>[][] {
  const { other = [], alike = [] } = Object.groupBy(accounts, (account) => {
    const known = before.get(account.userId)!;
    const isAlike =
      account.level === known.level &&
      account.experiencePoints === known.experiencePoints &&
      account.nextDueMs === known.nextDueMs &&
      account.openEarned > 0 === known.openEarned > 0;
    return isAlike ? 'alike' : 'other';
  });
  return [
    alike.map((account) => accountRow(account, at)),
    other.map((account) => ({
      ...accountRow(account, at),
      next_due_at: account.nextDueMs === null ? null : new Date(account.nextDueMs),
      is_earned_open: account.openEarned > 0,
      level: account.level,
      experience_points: account.experiencePoints,
    })),
  ];
}

function accountRow(account: LockedAccount, at: Date): Partial<UserPointsAccount> {
  return {
    account_id: account.accountId,
    user_id: account.userId,
    total_points: account.totalHundredths,
    available_points: account.availableHundredths,
    frozen_points: account.frozenHundredths,
    debt_points: account.debtHundredths,
    spent_total: account.spentTotal,
    settled_total: account.settledTotal,
    open_day: account.openDay,
    open_source: account.openSource,
    open_income: account.openIncome,
    open_expense: account.openExpense,
    open_earned: account.openEarned,
    history_total_points: account.historyTotalHundredths,
    created_at: account.createdAt,
    updated_at: at,
  };
}

export function lockedOf(row: LockedRow): LockedAccount {
  return {
    ...accountOf(row),
    accountId: row.account_id,
    createdAt: new Date(fromSqlTime(row.created_at)),
    spentTotal: fromSqlPoints(row.spent_total),
    settledTotal: fromSqlPoints(row.settled_total),
    nextDueMs: row.next_due_at === null ? null : fromSqlTime(row.next_due_at),
    openDay: row.open_day,
    openSource: row.open_source,
    openIncome: fromSqlPoints(row.open_income),
    openExpense: fromSqlPoints(row.open_expense),
    openEarned: fromSqlPoints(row.open_earned),
    mergedInto: row.merged_into,
    hasMerged: Boolean(row.has_merged),
  };
}
