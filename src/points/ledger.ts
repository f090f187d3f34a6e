/*
 * The only place that changes a points account (PTS-2).
 *
 * An account has three balances, in 1/100 point: available + frozen = total, none below zero (PTS-3). Whoever moves points
 * first locks the accounts, in the order of their user ids (DRAW-9), then posts entries. Each entry becomes one row with
 * the available balance before and after it, and the account is written with absolute values in the same transaction, so
 * an account always equals the fold of its rows. Rows are never changed; a correction is a new row.
 */
import { PointsTransaction } from '../../entities/points/PointsTransaction.ts';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import { insertAll, insertOne, upsertAll } from '../platform/database/bulk.ts';
import { fromSqlTime } from '../platform/database/sqlValues.ts';
import { forUpdate, type Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import { ACCOUNT_COLUMNS, accountOf, type Account, type AccountRow } from './account.ts';

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
}

/** An entry that was posted alone. */
export interface PostedEntry {
  transactionId: number;
  userId: number;
  balanceAfterHundredths: number;
}

/** An account whose row this transaction holds. `post` keeps it up to date. */
export interface LockedAccount extends Account {
  accountId: number;
  createdAt: Date;
}

interface LockedRow extends AccountRow {
  account_id: number;
  created_at: Date | string;
}

/**
 * Applies the entries in order with two statements, however many they are. All or none: after a refusal neither the rows
 * nor the accounts in `locked` have changed.
 * @param locked accounts that the transaction already holds; absent: they are locked here.
 * @throws AppError POINTS_INSUFFICIENT, NOT_FOUND for a user without an account, CONFLICT above the largest balance.
 */
export async function post(
  tx: Tx,
  entries: readonly LedgerEntry[],
  nowMs: number,
  locked?: Map<number, LockedAccount>,
): Promise<void> {
  if (entries.length === 0) return;
  const users = entries.map((entry) => entry.userId);
  const accounts = locked ?? (await lockAccounts(tx, users));
  const { rows, changed } = fold(entries, accounts, nowMs);
  await Promise.all([insertAll(tx, PointsTransaction, rows), store(tx, changed, nowMs)]);
  for (const account of changed.values()) Object.assign(accounts.get(account.userId)!, account);
}

/** As `post`, for one entry, and tells which row it has become. */
export async function postOne(tx: Tx, entry: LedgerEntry, nowMs: number): Promise<PostedEntry> {
  const { userId } = entry;
  const { rows, changed } = fold([entry], await lockAccounts(tx, [userId]), nowMs);
  const [transactionId] = await Promise.all([
    insertOne(tx, PointsTransaction, rows[0]!),
    store(tx, changed, nowMs),
  ]);
  return { transactionId, userId, balanceAfterHundredths: changed.get(userId)!.availableHundredths };
}

/** What the entries make of copies of the accounts, and their rows. */
function fold(entries: readonly LedgerEntry[], accounts: ReadonlyMap<number, LockedAccount>, nowMs: number) {
  const changed = new Map<number, LockedAccount>();
  const at = new Date(nowMs);
  const rows = entries.map((entry) => {
    const account = changed.get(entry.userId) ?? copyOf(accounts, entry.userId);
    changed.set(entry.userId, account);
    const before = account.availableHundredths;
    apply(account, entry.amountHundredths);
    return transactionRow(entry, before, account.availableHundredths, at);
  });
  return { rows, changed };
}

async function store(tx: Tx, changed: ReadonlyMap<number, LockedAccount>, nowMs: number): Promise<void> {
  const at = new Date(nowMs);
  const rows = [...changed.values()].map((account) => accountRow(account, at));
  await upsertAll(tx, UserPointsAccount, rows);
}

/** Locks the accounts in the order of their user ids (DRAW-9). A user without an account is absent from the answer. */
export async function lockAccounts(tx: Tx, userIds: readonly number[]): Promise<Map<number, LockedAccount>> {
  if (userIds.length === 0) return new Map();
  const rows = await tx.query<LockedRow>(
    `SELECT account_id, created_at, ${ACCOUNT_COLUMNS} FROM user_points_accounts
       WHERE user_id IN (?) ORDER BY user_id${forUpdate(tx)}`,
    [[...new Set(userIds)].sort((a, b) => a - b)],
  );
  return new Map(rows.map((row) => [row.user_id, lockedOf(row)]));
}

/** Opens the empty account of a new user. */
export async function openAccount(tx: Tx, userId: number, nowMs: number): Promise<void> {
  const at = new Date(nowMs);
  await insertOne(tx, UserPointsAccount, {
    user_id: userId,
    total_points: 0,
    available_points: 0,
    frozen_points: 0,
    history_total_points: 0,
    created_at: at,
    updated_at: at,
  });
}

function apply(account: LockedAccount, amountHundredths: number): void {
  if (!Number.isSafeInteger(amountHundredths))
    throw new Error('An amount is a whole number of 1/100 point (PTS-1)');
  if (account.availableHundredths + amountHundredths < 0) throw new AppError('POINTS_INSUFFICIENT');
  account.availableHundredths += amountHundredths;
  account.totalHundredths += amountHundredths;
  account.historyTotalHundredths += Math.max(amountHundredths, 0);
  if (Math.max(account.totalHundredths, account.historyTotalHundredths) > LIMITS.pointsPerAccount) {
    throw new AppError('CONFLICT', { details: { reason: 'the account cannot hold more points' } });
  }
}

function copyOf(accounts: ReadonlyMap<number, LockedAccount>, userId: number): LockedAccount {
  const account = accounts.get(userId);
  if (account === undefined) throw new AppError('NOT_FOUND');
  return { ...account };
}

function transactionRow(
  entry: LedgerEntry,
  before: number,
  after: number,
  at: Date,
): Omit<PointsTransaction, 'transaction_id'> {
  return {
    user_id: entry.userId,
    transaction_type: entry.type,
    amount: entry.amountHundredths,
    balance_before: before,
    balance_after: after,
    status: 'completed',
    source: entry.source,
    reason: entry.reason,
    related_id: entry.relatedId,
    created_at: at,
  };
}

/** Without level and experience, which stay as they are. */
function accountRow(account: LockedAccount, at: Date): Partial<UserPointsAccount> {
  return {
    account_id: account.accountId,
    user_id: account.userId,
    total_points: account.totalHundredths,
    available_points: account.availableHundredths,
    frozen_points: account.frozenHundredths,
    history_total_points: account.historyTotalHundredths,
    created_at: account.createdAt,
    updated_at: at,
  };
}

function lockedOf(row: LockedRow): LockedAccount {
  return {
    ...accountOf(row),
    accountId: row.account_id,
    createdAt: new Date(fromSqlTime(row.created_at)),
  };
}
