import type { EntityManager } from 'typeorm';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import { forceIndex } from '../platform/database/forceIndex.ts';
import { longPage, MOST_COUNTED, type LongPage } from '../platform/database/numberedList.ts';
import { readPage, type PartOfList } from '../platform/database/readPage.ts';
import { fromSqlPoints, fromSqlTime, sqlTime } from '../platform/database/sqlValues.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import type { Page, PageQuery } from '../platform/shapes.ts';

export interface Account {
  userId: number;
  totalHundredths: number;
  availableHundredths: number;
  frozenHundredths: number;
  /** What the next earning pays (RP-7). */
  debtHundredths: number;
  level: number;
  experiencePoints: number;
  historyTotalHundredths: number;
}

export interface TransactionFilter extends PageQuery {
  type?: string | undefined;
  /** Both ends belong to the period. */
  startMs?: number | undefined;
  endMs?: number | undefined;
  /** The row that the page begins after; `page` means nothing then. */
  before?: number | undefined;
}

export interface PointsMovement {
  transactionId: number;
  type: string;
  amountHundredths: number;
  balanceBeforeHundredths: number;
  balanceAfterHundredths: number;
  status: string;
  source: string;
  reason: string;
  relatedId: string | null;
  ruleId: number | null;
  ruleVersion: number | null;
  createdAtMs: number;
}

/** Of the primary: who has just moved points is told so. @throws AppError NOT_FOUND when the user has no account. */
export async function readAccount(database: Database, userId: number): Promise<Account> {
  const [row] = await database.readCurrent<AccountRow>(
    `SELECT ${ACCOUNT_COLUMNS} FROM user_points_accounts WHERE user_id = ?`,
    [userId],
  );
  if (row === undefined) throw new AppError('NOT_FOUND');
  return accountOf(row);
}

/** As `readAccount`, of many users at once; one without an account is left out. */
export async function readAccounts(
  database: Database,
  userIds: readonly number[],
): Promise<Map<number, Account>> {
  const rows = await database.readCurrent<AccountRow>(
    `SELECT ${ACCOUNT_COLUMNS} FROM user_points_accounts WHERE user_id IN (?)`,
    [userIds],
  );
  return new Map(rows.map((row) => [row.user_id, accountOf(row)]));
}

/** What `accountOf` needs of a row. */
export const ACCOUNT_COLUMNS =
  'user_id, total_points, available_points, frozen_points, debt_points, level, experience_points, history_total_points';

export interface AccountRow {
  user_id: number;
  total_points: string | number;
  available_points: string | number;
  frozen_points: string | number;
  debt_points: string | number;
  level: number;
  experience_points: number;
  history_total_points: string | number;
}

export function accountOf(row: AccountRow): Account {
  return {
    userId: row.user_id,
    totalHundredths: fromSqlPoints(row.total_points),
    availableHundredths: fromSqlPoints(row.available_points),
    frozenHundredths: fromSqlPoints(row.frozen_points),
    debtHundredths: fromSqlPoints(row.debt_points),
    level: row.level,
    experiencePoints: row.experience_points,
    historyTotalHundredths: fromSqlPoints(row.history_total_points),
  };
}

/** The level alone, without locking the account. @throws AppError NOT_FOUND when the user has no account. */
export async function readLevel(manager: EntityManager, userId: number): Promise<number> {
  const account = await manager.findOne(UserPointsAccount, {
    select: { account_id: true, level: true },
    where: { user_id: userId },
  });
  if (account === null) throw new AppError('NOT_FOUND');
  return account.level;
}

/** One page of a user's ledger rows, newest first, and how many rows the filter finds in all. */
export async function readTransactions(
  database: Database,
  userId: number,
  filter: TransactionFilter,
): Promise<Page<PointsMovement>> {
  return readPage(filter, {
    items: (part) => readMovements(database, userId, filter, part),
    count: () => countMovements(database, userId, filter),
  });
}

/**
 * As `readTransactions`, for whoever looks at others' accounts: no more rows are counted than a list of the administration tells of.
 * @throws AppError NOT_FOUND when the user has no account.
 */
export async function readLedger(
  database: Database,
  userId: number,
  filter: TransactionFilter,
): Promise<LongPage<PointsMovement>> {
  await readAccount(database, userId);
  const page = await readPage(filter, {
    items: (part) => readMovements(database, userId, filter, part),
    count: () => countMovements(database, userId, { ...filter, mostCounted: MOST_COUNTED }),
  });
  return longPage(page, ({ transactionId }) => transactionId);
}

async function countMovements(
  database: Database,
  userId: number,
  { mostCounted, ...filter }: TransactionFilter & { mostCounted?: number },
): Promise<number> {
  const { condition, parameters } = conditionOf(userId, { ...filter, before: undefined });
  const rows = `FROM points_transactions${forceIndex(database.dialect, BY_USER)} WHERE ${condition}`;
  const counted =
    mostCounted === undefined ? rows : `FROM (SELECT 1 AS found ${rows} LIMIT ${mostCounted}) counted`;
  const [count] = await database.readCurrent<{ total: string | number }>(
    `SELECT COUNT(*) AS total ${counted}`,
    parameters,
  );
  return Number(count?.total);
}

/** Has all that a filter asks for. */
const BY_USER = 'points_transactions_user_list';

/** The page is found in the index alone, however far down it is; only its own rows are read. */
async function readMovements(
  database: Database,
  userId: number,
  filter: TransactionFilter,
  { take, skip }: PartOfList,
): Promise<PointsMovement[]> {
  const { condition, parameters } = conditionOf(userId, filter);
  const rows = await database.readCurrent<TransactionRow>(
    `SELECT t.transaction_id, transaction_type, amount, balance_before, balance_after, status, source, reason, related_id,
            rule_id, rule_version, created_at
       FROM (SELECT transaction_id FROM points_transactions${forceIndex(database.dialect, BY_USER)}
              WHERE ${condition} ORDER BY transaction_id DESC LIMIT ? OFFSET ?) listed
       JOIN points_transactions t ON t.transaction_id = listed.transaction_id ORDER BY t.transaction_id DESC`,
    [...parameters, take, skip],
  );
  return rows.map(movementOf);
}

interface TransactionRow {
  transaction_id: number;
  transaction_type: string;
  amount: string | number;
  balance_before: string | number;
  balance_after: string | number;
  status: string;
  source: string;
  reason: string;
  related_id: string | null;
  rule_id: number | null;
  rule_version: number | null;
  created_at: Date | string;
}

function conditionOf(userId: number, { type, startMs, endMs, before }: TransactionFilter) {
  const parts = ['user_id = ?'];
  const parameters: (number | string)[] = [userId];
  if (type !== undefined) {
    parts.push('transaction_type = ?');
    parameters.push(type);
  }
  if (startMs !== undefined) {
    parts.push('created_at >= ?');
    parameters.push(sqlTime(startMs));
  }
  if (endMs !== undefined) {
    parts.push('created_at <= ?');
    parameters.push(sqlTime(endMs));
  }
  if (before !== undefined) {
    parts.push('transaction_id < ?');
    parameters.push(before);
  }
  return { condition: parts.join(' AND '), parameters };
}

function movementOf(row: TransactionRow): PointsMovement {
  return {
    transactionId: row.transaction_id,
    type: row.transaction_type,
    amountHundredths: fromSqlPoints(row.amount),
    balanceBeforeHundredths: fromSqlPoints(row.balance_before),
    balanceAfterHundredths: fromSqlPoints(row.balance_after),
    status: row.status,
    source: row.source,
    reason: row.reason,
    relatedId: row.related_id,
    ruleId: row.rule_id,
    ruleVersion: row.rule_version,
    createdAtMs: fromSqlTime(row.created_at),
  };
}
