/** SQL of the administration of users. */
import type { Role, User } from '../../../entities/identity/User.ts';
import {
  listNumbered,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../../platform/database/numberedList.ts';
import { fromSqlTime, sqlTime } from '../../platform/database/sqlValues.ts';
import { forUpdate, type Database, type Tx } from '../../platform/database/transaction.ts';
import { USER_COLUMNS, userOf, type UserRecord, type UserRow } from '../login/store.ts';

export interface UserFilter extends NumberedQuery {
  /** In full, or its last four digits. */
  mobile?: string | undefined;
  /** A part of it. */
  nickname?: string | undefined;
  role?: Role | undefined;
  status?: User['status'] | undefined;
}

export interface UserListing extends UserRecord {
  loginCount: number;
  lastLoginMs: number | null;
  registeredMs: number;
}

const LISTING_COLUMNS = `${USER_COLUMNS}, login_count, last_login, registration_date`;

const USERS: NumberedTable = { table: 'users', key: 'user_id', columns: LISTING_COLUMNS };

/** One page of users, newest first. */
export async function findUsers(database: Database, filter: UserFilter): Promise<LongPage<UserListing>> {
  const read = database.readCurrent.bind(database);
  const { items, ...page } = await listNumbered<ListingRow>(read, USERS, conditionOf(filter), filter);
  return { ...page, items: items.map(listingOf) };
}

export async function findListing(database: Database, userId: number): Promise<UserListing | undefined> {
  const rows = await database.readCurrent<ListingRow>(
    `SELECT ${LISTING_COLUMNS} FROM users WHERE user_id = ?`,
    [userId],
  );
  return rows.map(listingOf)[0];
}

/** In the order of their ids, as everybody locks them. */
export async function lockUsers(tx: Tx, userIds: readonly number[]): Promise<Map<number, UserRecord>> {
  const rows = await tx.query<UserRow>(
    `SELECT ${USER_COLUMNS} FROM users WHERE user_id IN (?) ORDER BY user_id${forUpdate(tx)}`,
    [[...userIds]],
  );
  return new Map(rows.map((row) => [row.user_id, userOf(row)]));
}

export async function countOtherSuperAdmins(tx: Tx, userId: number): Promise<number> {
  const [row] = await tx.query<{ total: number | string }>(
    "SELECT COUNT(*) AS total FROM users WHERE role = 'super_admin' AND status = 'active' AND user_id <> ?",
    [userId],
  );
  return Number(row?.total);
}

export async function updateStatus(
  tx: Tx,
  userId: number,
  status: User['status'],
  nowMs: number,
): Promise<void> {
  await tx.execute('UPDATE users SET status = ?, updated_at = ? WHERE user_id = ?', [
    status,
    sqlTime(nowMs),
    userId,
  ]);
}

export async function updateRole(tx: Tx, userId: number, role: Role, nowMs: number): Promise<void> {
  await tx.execute('UPDATE users SET role = ?, updated_at = ? WHERE user_id = ?', [
    role,
    sqlTime(nowMs),
    userId,
  ]);
}

export interface LockState {
  consecutiveFailCount: number;
  lockedUntilMs: number | null;
}

/** The worst of a number's locks; undefined for one that nobody has tried. */
export async function findLock(database: Database, mobile: string): Promise<LockState | undefined> {
  const rows = await database.readCurrent<{
    consecutive_fail_count: number;
    locked_until: Date | string | null;
  }>('SELECT consecutive_fail_count, locked_until FROM login_locks WHERE mobile = ?', [mobile]);
  if (rows.length === 0) return undefined;
  const untils = rows.flatMap((row) => (row.locked_until === null ? [] : [fromSqlTime(row.locked_until)]));
  return {
    consecutiveFailCount: rows.reduce((most, row) => Math.max(most, row.consecutive_fail_count), 0),
    lockedUntilMs: untils.length === 0 ? null : Math.max(...untils),
  };
}

interface ListingRow extends UserRow {
  login_count: number;
  last_login: Date | string | null;
  registration_date: Date | string;
}

function listingOf(row: ListingRow): UserListing {
  return {
    ...userOf(row),
    loginCount: row.login_count,
    lastLoginMs: row.last_login === null ? null : fromSqlTime(row.last_login),
    registeredMs: fromSqlTime(row.registration_date),
  };
}

function conditionOf({ mobile, nickname, role, status }: UserFilter) {
  const parts: [condition: string, parameter: string | undefined][] = [
    [mobile?.length === 4 ? 'mobile LIKE ?' : 'mobile = ?', mobile?.length === 4 ? `%${mobile}` : mobile],
    ["nickname LIKE ? ESCAPE '!'", nickname === undefined ? undefined : `%${escapeLike(nickname)}%`],
    ['role = ?', role],
    ['status = ?', status],
  ];
  const given = parts.filter(([, parameter]) => parameter !== undefined);
  return {
    condition: ['1 = 1', ...given.map(([condition]) => condition)].join(' AND '),
    parameters: given.map(([, parameter]) => parameter),
  };
}

function escapeLike(text: string): string {
  return text.replace(/[!%_]/g, '!$&');
}
