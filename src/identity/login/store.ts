import { CustomerSession } from '../../../entities/identity/CustomerSession.ts';
import { User, type Role } from '../../../entities/identity/User.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import { sqlTime } from '../../platform/database/sqlValues.ts';
import { forUpdate, type Tx } from '../../platform/database/transaction.ts';

/** A user as the rules of this folder need one. */
export interface UserRecord {
  userId: number;
  /** In full: for its owner only. */
  mobile: string;
  nickname: string;
  avatarUrl: string | null;
  role: Role;
  status: User['status'];
}

/** One statement that reads: inside a transaction or outside of one, as the caller has it. */
type Read = Tx['query'];

/** What `userOf` needs of a row. */
export const USER_COLUMNS = 'user_id, mobile, nickname, avatar_url, role, status';

export async function findUser(read: Read, userId: number): Promise<UserRecord | undefined> {
  const rows = await read<UserRow>(`SELECT ${USER_COLUMNS} FROM users WHERE user_id = ?`, [userId]);
  return rows.map(userOf)[0];
}

export async function lockUserByMobile(tx: Tx, mobile: string): Promise<UserRecord | undefined> {
  const rows = await tx.query<UserRow>(`SELECT ${USER_COLUMNS} FROM users WHERE mobile = ?${forUpdate(tx)}`, [
    mobile,
  ]);
  return rows.map(userOf)[0];
}

/** @returns the id; the unique key on the mobile refuses a second user of the same number. */
export async function insertUser(
  tx: Tx,
  { mobile, nickname }: Pick<UserRecord, 'mobile' | 'nickname'>,
  nowMs: number,
): Promise<number> {
  const at = new Date(nowMs);
  return insertOne(tx, User, { mobile, nickname, registration_date: at, created_at: at, updated_at: at });
}

export async function updateProfile(
  tx: Tx,
  { userId, nickname, avatarUrl }: Pick<UserRecord, 'userId' | 'nickname' | 'avatarUrl'>,
  nowMs: number,
): Promise<void> {
  await tx.execute('UPDATE users SET nickname = ?, avatar_url = ?, updated_at = ? WHERE user_id = ?', [
    nickname,
    avatarUrl,
    sqlTime(nowMs),
    userId,
  ]);
}

export async function lockUser(tx: Tx, userId: number): Promise<UserRecord | undefined> {
  const rows = await tx.query<UserRow>(
    `SELECT ${USER_COLUMNS} FROM users WHERE user_id = ?${forUpdate(tx)}`,
    [userId],
  );
  return rows.map(userOf)[0];
}

export async function countLogin(tx: Tx, userId: number, nowMs: number): Promise<void> {
  await tx.execute('UPDATE users SET login_count = login_count + 1, last_login = ? WHERE user_id = ?', [
    sqlTime(nowMs),
    userId,
  ]);
}

export interface NewSession {
  userId: number;
  refreshTokenHash: string;
  deviceId: string | null;
  ip: string | null;
  userAgent: string | null;
  expiresAtMs: number;
}

/** @returns the id of the login. */
export async function insertSession(tx: Tx, session: NewSession, nowMs: number): Promise<number> {
  const { userId, refreshTokenHash, deviceId, ip, userAgent, expiresAtMs } = session;
  return insertOne(tx, CustomerSession, {
    user_id: userId,
    refresh_token_hash: refreshTokenHash,
    device_id: deviceId,
    ip,
    user_agent: userAgent,
    expires_at: new Date(expiresAtMs),
    created_at: new Date(nowMs),
  });
}

/** The addresses of a user's newest logins, newest first, at most `limit` of them. */
export async function readRecentAddresses(tx: Tx, userId: number, limit: number): Promise<(string | null)[]> {
  const rows = await tx.query<{ ip: string | null }>(
    'SELECT ip FROM customer_sessions WHERE user_id = ? ORDER BY session_id DESC LIMIT ?',
    [userId, limit],
  );
  return rows.map(({ ip }) => ip);
}

export interface UserRow {
  user_id: number;
  mobile: string;
  nickname: string;
  avatar_url: string | null;
  role: Role;
  status: User['status'];
}

export function userOf(row: UserRow): UserRecord {
  return {
    userId: row.user_id,
    mobile: row.mobile,
    nickname: row.nickname,
    avatarUrl: row.avatar_url,
    role: row.role,
    status: row.status,
  };
}
