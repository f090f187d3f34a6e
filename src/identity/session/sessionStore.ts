/** SQL of logins: rows of customer_sessions, and the refresh tokens that they have used up. */
import { RotatedRefreshToken } from '../../../entities/identity/RotatedRefreshToken.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import { fromSqlTime, sqlTime } from '../../platform/database/sqlValues.ts';
import { forUpdate, type Database, type Tx } from '../../platform/database/transaction.ts';
import { recordAccessChanges } from '../access/accessFeed.ts';

/** Why a login ended before its time. */
export type RevokedReason = 'logout' | 'ended' | 'reused' | 'disabled' | 'closed';

export interface LockedSession {
  sessionId: number;
  refreshTokenHash: string;
  isRevoked: boolean;
  expiresAtMs: number;
}

/** A login as its owner sees it. */
export interface Session {
  sessionId: number;
  deviceId: string | null;
  ip: string | null;
  userAgent: string | null;
  createdAtMs: number;
  refreshedAtMs: number | null;
  expiresAtMs: number;
}

export interface SessionOwner {
  sessionId: number;
  userId: number;
}

export async function findSessionByToken(tx: Tx, tokenHash: string): Promise<SessionOwner | undefined> {
  const [row] = await tx.query<OwnerRow>(
    'SELECT session_id, user_id FROM customer_sessions WHERE refresh_token_hash = ?',
    [tokenHash],
  );
  return row && ownerOf(row);
}

export async function findSessionByRotatedToken(
  tx: Tx,
  tokenHash: string,
): Promise<SessionOwner | undefined> {
  const [row] = await tx.query<OwnerRow>(
    `SELECT s.session_id, s.user_id FROM rotated_refresh_tokens r
       JOIN customer_sessions s ON s.session_id = r.session_id WHERE r.token_hash = ?`,
    [tokenHash],
  );
  return row && ownerOf(row);
}

export async function findRotatedToken(
  tx: Tx,
  tokenHash: string,
): Promise<{ rotatedAtMs: number; sealedSuccessor: string | null } | undefined> {
  const [row] = await tx.query<{ rotated_at: Date | string; sealed_successor: string | null }>(
    'SELECT rotated_at, sealed_successor FROM rotated_refresh_tokens WHERE token_hash = ?',
    [tokenHash],
  );
  return row && { rotatedAtMs: fromSqlTime(row.rotated_at), sealedSuccessor: row.sealed_successor };
}

export async function lockSession(tx: Tx, sessionId: number): Promise<LockedSession | undefined> {
  const [row] = await tx.query<LockedRow>(
    `SELECT session_id, refresh_token_hash, revoked_at, expires_at FROM customer_sessions
      WHERE session_id = ?${forUpdate(tx)}`,
    [sessionId],
  );
  return (
    row && {
      sessionId: row.session_id,
      refreshTokenHash: row.refresh_token_hash,
      isRevoked: row.revoked_at !== null,
      expiresAtMs: fromSqlTime(row.expires_at),
    }
  );
}

export async function insertRotatedToken(
  tx: Tx,
  {
    tokenHash,
    sessionId,
    sealedSuccessor,
  }: { tokenHash: string; sessionId: number; sealedSuccessor: string },
  nowMs: number,
): Promise<void> {
  await insertOne(tx, RotatedRefreshToken, {
    token_hash: tokenHash,
    session_id: sessionId,
    rotated_at: new Date(nowMs),
    sealed_successor: sealedSuccessor,
  });
}

export async function updateRefreshToken(
  tx: Tx,
  { sessionId, tokenHash, expiresAtMs }: { sessionId: number; tokenHash: string; expiresAtMs: number },
  nowMs: number,
): Promise<void> {
  await tx.execute(
    'UPDATE customer_sessions SET refresh_token_hash = ?, refreshed_at = ?, expires_at = ? WHERE session_id = ?',
    [tokenHash, sqlTime(nowMs), sqlTime(expiresAtMs), sessionId],
  );
}

/** As the settings allow it at most. */
const LONGEST_ACCESS_TOKEN_MS = 86_400_000;

/** A user's logins that are not revoked, also those that have just expired: an access token of one may outlive it. */
export async function lockUnrevokedSessions(
  tx: Tx,
  userId: number,
  nowMs: number,
): Promise<{ sessionId: number; expiresAtMs: number }[]> {
  const rows = await tx.query<{ session_id: number; expires_at: Date | string }>(
    `SELECT session_id, expires_at FROM customer_sessions
      WHERE user_id = ? AND revoked_at IS NULL AND expires_at > ? ORDER BY session_id${forUpdate(tx)}`,
    [userId, sqlTime(nowMs - LONGEST_ACCESS_TOKEN_MS)],
  );
  return rows.map((row) => ({ sessionId: row.session_id, expiresAtMs: fromSqlTime(row.expires_at) }));
}

/** Every node learns of it from the list of changes, which its caller has locked (`lockAccess`). */
export async function revokeSessions(
  tx: Tx,
  sessionIds: readonly number[],
  reason: RevokedReason,
  nowMs: number,
): Promise<void> {
  await tx.execute(
    'UPDATE customer_sessions SET revoked_at = ?, revoked_reason = ? WHERE session_id IN (?)',
    [sqlTime(nowMs), reason, sessionIds],
  );
  await recordAccessChanges(
    tx,
    sessionIds.map((sessionId) => ({ kind: 'login', subjectId: sessionId })),
    nowMs,
  );
}

export async function findSession(tx: Tx, sessionId: number): Promise<SessionOwner | undefined> {
  const [row] = await tx.query<OwnerRow>(
    'SELECT session_id, user_id FROM customer_sessions WHERE session_id = ?',
    [sessionId],
  );
  return row && ownerOf(row);
}

/** Newest first. */
export async function readOpenSessions(
  database: Database,
  { userId, offset, limit }: { userId: number; offset: number; limit: number },
  nowMs: number,
): Promise<Session[]> {
  const rows = await database.readCurrent<SessionRow>(
    `SELECT session_id, device_id, ip, user_agent, created_at, refreshed_at, expires_at FROM customer_sessions
      WHERE user_id = ? AND revoked_at IS NULL AND expires_at > ? ORDER BY session_id DESC LIMIT ? OFFSET ?`,
    [userId, sqlTime(nowMs), limit, offset],
  );
  return rows.map(sessionOf);
}

export async function countOpenSessions(database: Database, userId: number, nowMs: number): Promise<number> {
  const [row] = await database.readCurrent<{ total: number | string }>(
    'SELECT COUNT(*) AS total FROM customer_sessions WHERE user_id = ? AND revoked_at IS NULL AND expires_at > ?',
    [userId, sqlTime(nowMs)],
  );
  return Number(row?.total ?? 0);
}

interface OwnerRow {
  session_id: number;
  user_id: number;
}

interface LockedRow {
  session_id: number;
  refresh_token_hash: string;
  revoked_at: Date | string | null;
  expires_at: Date | string;
}

interface SessionRow {
  session_id: number;
  device_id: string | null;
  ip: string | null;
  user_agent: string | null;
  created_at: Date | string;
  refreshed_at: Date | string | null;
  expires_at: Date | string;
}

function ownerOf(row: OwnerRow): SessionOwner {
  return { sessionId: row.session_id, userId: row.user_id };
}

function sessionOf(row: SessionRow): Session {
  return {
    sessionId: row.session_id,
    deviceId: row.device_id,
    ip: row.ip,
    userAgent: row.user_agent,
    createdAtMs: fromSqlTime(row.created_at),
    refreshedAtMs: row.refreshed_at === null ? null : fromSqlTime(row.refreshed_at),
    expiresAtMs: fromSqlTime(row.expires_at),
  };
}
