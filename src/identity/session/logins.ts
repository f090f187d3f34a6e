/** Logins as their owner sees and ends them. What they are ended by is `access.changed()`: it closes their sockets. */
import type { Clock } from '../../platform/clock.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import type { Page, PageQuery } from '../../platform/shapes.ts';
import type { AccessControl } from '../access/accessControl.ts';
import { lockAccess } from '../access/accessFeed.ts';
import {
  findSession,
  lockSession,
  lockUnrevokedSessions,
  readOpenSessions,
  revokeSessions,
  type RevokedReason,
  type Session,
  type SessionOwner,
} from './sessionStore.ts';

export interface LoginsServices {
  database: Database;
  clock: Clock;
  access: Pick<AccessControl, 'changed'>;
}

/** One page of those that are neither ended nor expired, newest first, and how many there are. */
export async function listLogins(
  { database, clock }: Pick<LoginsServices, 'database' | 'clock'>,
  query: PageQuery & { userId: number },
): Promise<Page<Session>> {
  return readOpenSessions(database, query, clock.nowMs());
}

/**
 * Ends one of a user's own logins; one that has ended stays as it is.
 * @returns how many this call ended: one or none.
 * @throws AppError NOT_FOUND for what is not theirs.
 */
export async function endLogin(
  { database, clock, access }: LoginsServices,
  { userId, sessionId }: SessionOwner,
  reason: RevokedReason,
): Promise<number> {
  const ended = await database.retryingTransaction(async (tx) => {
    if ((await findSession(tx, sessionId))?.userId !== userId) throw new AppError('NOT_FOUND');
    await lockAccess(tx);
    const session = await lockSession(tx, sessionId);
    if (session === undefined || session.revoked_at !== null) return 0;
    await revokeSessions(tx, [sessionId], reason, clock.nowMs());
    return 1;
  });
  await access.changed();
  return ended;
}

/** Ends all logins of a user but the one they call by. @returns how many of those could still be used. */
export async function endOtherLogins(
  { database, clock, access }: LoginsServices,
  { userId, sessionId }: SessionOwner,
): Promise<number> {
  const ended = await database.retryingTransaction(async (tx) => {
    await lockAccess(tx);
    return revokeLogins(tx, { userId, exceptSessionId: sessionId }, 'ended', clock.nowMs());
  });
  await access.changed();
  return ended;
}

/**
 * Revokes the logins of a user in the transaction of whatever ends them. Its caller has locked the list of changes, and calls
 * `access.changed()` afterwards.
 * @returns how many of them could still be used.
 */
export async function revokeLogins(
  tx: Tx,
  { userId, exceptSessionId }: { userId: number; exceptSessionId?: number },
  reason: RevokedReason,
  nowMs: number,
): Promise<number> {
  const unrevoked = await lockUnrevokedSessions(tx, userId, nowMs);
  const sessions = unrevoked.filter(({ session_id: id }) => id !== exceptSessionId);
  if (sessions.length === 0) return 0;
  const ids = sessions.map(({ session_id: id }) => id);
  await revokeSessions(tx, ids, reason, nowMs);
  return sessions.filter(({ expires_at: expiresAt }) => nowMs < expiresAt.getTime()).length;
}
