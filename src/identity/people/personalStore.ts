/** SQL of what this folder keeps on a person: read for them, and taken away when they go. */
import { fromSqlTime, sqlTime } from '../../platform/database/sqlValues.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { toWireTime } from '../../platform/shapes.ts';
import type { ExportedDevice, ExportedLogin, ExportedLoginTry } from './personalData.ts';

/** Every login, also those that have ended; newest first. */
export async function readLogins(
  database: Database,
  userId: number,
  limit: number,
): Promise<ExportedLogin[]> {
  const rows = await database.read<Timed<ExportedLogin, LoginTimes>>(
    `SELECT session_id, device_id, ip, user_agent, created_at, refreshed_at, expires_at, revoked_at, revoked_reason
       FROM customer_sessions WHERE user_id = ? ORDER BY session_id DESC LIMIT ?`,
    [userId, limit],
  );
  return rows.map((row) => ({
    ...row,
    created_at: timeOf(row.created_at),
    refreshed_at: row.refreshed_at && timeOf(row.refreshed_at),
    expires_at: timeOf(row.expires_at),
    revoked_at: row.revoked_at && timeOf(row.revoked_at),
  }));
}

export async function readDevices(
  database: Database,
  userId: number,
  limit: number,
): Promise<ExportedDevice[]> {
  const rows = await database.read<Timed<ExportedDevice, 'first_seen_at' | 'last_seen_at'>>(
    `SELECT device_id, first_seen_at, last_seen_at FROM user_devices
      WHERE user_id = ? ORDER BY last_seen_at DESC, device_id LIMIT ?`,
    [userId, limit],
  );
  return rows.map((row) => ({
    ...row,
    first_seen_at: timeOf(row.first_seen_at),
    last_seen_at: timeOf(row.last_seen_at),
  }));
}

export async function readLoginLog(
  database: Database,
  userId: number,
  limit: number,
): Promise<ExportedLoginTry[]> {
  const rows = await database.read<Timed<Omit<ExportedLoginTry, 'flags'>, 'created_at'> & { flags: string }>(
    `SELECT log_id, session_id, outcome, flags, device_id, ip, user_agent, created_at FROM login_logs
      WHERE user_id = ? ORDER BY log_id DESC LIMIT ?`,
    [userId, limit],
  );
  return rows.map((row) => ({
    ...row,
    flags: JSON.parse(row.flags) as string[],
    created_at: timeOf(row.created_at),
  }));
}

/** The number is free again afterwards; what stands in its place is the id, which nobody's number can be. */
export async function anonymiseUser(
  tx: Tx,
  { userId, nickname }: { userId: number; nickname: string },
  nowMs: number,
): Promise<void> {
  await tx.execute(
    `UPDATE users SET mobile = ?, nickname = ?, avatar_url = NULL, role = 'user', status = 'closed', updated_at = ?
      WHERE user_id = ?`,
    [`closed${userId}`, nickname, sqlTime(nowMs), userId],
  );
}

/** Blanks all, and revokes those that have run out so long ago that nobody needs to know. */
export async function closeSessions(tx: Tx, userId: number, nowMs: number): Promise<void> {
  await tx.execute(
    `UPDATE customer_sessions
        SET revoked_reason = COALESCE(revoked_reason, 'closed'), revoked_at = COALESCE(revoked_at, ?),
            device_id = NULL, ip = NULL, user_agent = NULL
      WHERE user_id = ?`,
    [sqlTime(nowMs), userId],
  );
}

export async function blankLoginLog(tx: Tx, userId: number): Promise<void> {
  await tx.execute(
    "UPDATE login_logs SET mobile = '', device_id = NULL, ip = '', network = '', user_agent = NULL WHERE user_id = ?",
    [userId],
  );
}

export async function deleteDevices(tx: Tx, userId: number): Promise<void> {
  await tx.execute('DELETE FROM user_devices WHERE user_id = ?', [userId]);
}

export async function deletePermissions(tx: Tx, userId: number): Promise<void> {
  await tx.execute('DELETE FROM user_permissions WHERE user_id = ?', [userId]);
}

export async function deleteCodes(tx: Tx, mobile: string): Promise<void> {
  await tx.execute('DELETE FROM verification_codes WHERE mobile = ?', [mobile]);
}

export async function deleteLock(tx: Tx, mobile: string): Promise<void> {
  await tx.execute('DELETE FROM login_locks WHERE mobile = ?', [mobile]);
}

type LoginTimes = 'created_at' | 'refreshed_at' | 'expires_at' | 'revoked_at';
/** A row whose times are as the driver returned them. */
type Timed<Shown, Times extends keyof Shown> = Omit<Shown, Times> & {
  [Time in Times]: Date | string | Extract<Shown[Time], null>;
};

function timeOf(stored: Date | string): string {
  return toWireTime(fromSqlTime(stored));
}
