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
  /** The published rule that made it, and in which version. */
  rule?: { ruleId: number; version: number };
}

/** An entry that was posted alone. */
export interface PostedEntry {
  transactionId: number;
  userId: number;
  balanceAfterHundredths: number;
}

/** An account whose row this transaction holds. What is posted keeps it up to date. */
export interface LockedAccount extends Account {
  accountId: number;
  createdAt: Date;
}

interface LockedRow extends AccountRow {
  account_id: number;
  created_at: Date | string;
}

/** Entries that are posted together: each is applied at once, to copies of accounts that the transaction holds. */
export class Postings {
  private readonly rows: NewRow[] = [];
  private readonly changed = new Map<number, LockedAccount>();
  private readonly at: Date;

  /** @param accounts left as they are until all is stored. */
  constructor(
    private readonly accounts: ReadonlyMap<number, LockedAccount>,
    nowMs: number,
  ) {
    this.at = new Date(nowMs);
  }

  /** With the entries so far; undefined: the user has none, or it is not locked. */
  accountOf(userId: number): Readonly<LockedAccount> | undefined {
    return this.changed.get(userId) ?? this.accounts.get(userId);
  }

  /**
   * After a refusal nothing has changed.
   * @throws AppError POINTS_INSUFFICIENT, NOT_FOUND for a user without an account, CONFLICT above the largest balance.
   */
  add(entry: LedgerEntry): void {
    const account = this.accountOf(entry.userId);
    if (account === undefined) throw new AppError('NOT_FOUND');
    const next = movedBy(account, entry.amountHundredths);
    this.rows.push(transactionRow(entry, account.availableHundredths, next.availableHundredths, this.at));
    this.changed.set(entry.userId, next);
  }

  /** With two statements, however many entries there are. */
  async store(tx: Tx): Promise<void> {
    await Promise.all([insertAll(tx, PointsTransaction, this.rows), this.storeAccounts(tx)]);
  }

  /** As `store`, of one entry. @returns the id of its row. */
  async storeOne(tx: Tx): Promise<number> {
    const [transactionId] = await Promise.all([
      insertOne(tx, PointsTransaction, this.rows[0]!),
      this.storeAccounts(tx),
    ]);
    return transactionId;
  }

  private async storeAccounts(tx: Tx): Promise<void> {
    const rows = [...this.changed.values()].map((account) => accountRow(account, this.at));
    await upsertAll(tx, UserPointsAccount, rows);
    for (const account of this.changed.values()) Object.assign(this.accounts.get(account.userId)!, account);
  }
}

/**
 * Applies the entries in order. All or none: after a refusal neither the rows nor the accounts in `locked` have changed.
 * @param locked accounts that the transaction already holds; absent: they are locked here.
 * @throws AppError as `Postings.add`.
 */
export async function post(
  tx: Tx,
  entries: readonly LedgerEntry[],
  nowMs: number,
  locked?: ReadonlyMap<number, LockedAccount>,
): Promise<void> {
  const users = entries.map((entry) => entry.userId);
  const postings = new Postings(locked ?? (await lockAccounts(tx, users)), nowMs);
  for (const entry of entries) postings.add(entry);
  await postings.store(tx);
}

/** As `post`, for one entry, and tells which row it has become. */
export async function postOne(tx: Tx, entry: LedgerEntry, nowMs: number): Promise<PostedEntry> {
  const { userId } = entry;
  const postings = new Postings(await lockAccounts(tx, [userId]), nowMs);
  postings.add(entry);
  const transactionId = await postings.storeOne(tx);
  return { transactionId, userId, balanceAfterHundredths: postings.accountOf(userId)!.availableHundredths };
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

function movedBy(account: LockedAccount, amountHundredths: number): LockedAccount {
  if (!Number.isSafeInteger(amountHundredths))
    throw new Error('An amount is a whole number of 1/100 point (PTS-1)');
  const next = {
    ...account,
    availableHundredths: account.availableHundredths + amountHundredths,
    totalHundredths: account.totalHundredths + amountHundredths,
    historyTotalHundredths: account.historyTotalHundredths + Math.max(amountHundredths, 0),
  };
  if (next.availableHundredths < 0) throw new AppError('POINTS_INSUFFICIENT');
  if (Math.max(next.totalHundredths, next.historyTotalHundredths) > LIMITS.pointsPerAccount) {
    throw new AppError('CONFLICT', { details: { reason: 'the account cannot hold more points' } });
  }
  return next;
}

type NewRow = Omit<PointsTransaction, 'transaction_id'>;

function transactionRow(entry: LedgerEntry, before: number, after: number, at: Date): NewRow {
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
    spent_from: null,
    rule_id: entry.rule?.ruleId ?? null,
    rule_version: entry.rule?.version ?? null,
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
