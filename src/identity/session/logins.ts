/** Logins as their owner sees and ends them. What they are ended by is `access.changed()`: it closes their sockets. */
import type { Clock } from '../../platform/clock.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import type { AccessControl } from '../access/accessControl.ts';
import { lockAccess } from '../access/accessFeed.ts';
import {
  countOpenSessions,
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
  userId: number,
  { page, limit }: { page: number; limit: number },
): Promise<{ logins: Session[]; total: number }> {
  const nowMs = clock.nowMs();
  const [logins, total] = await Promise.all([
    readOpenSessions(database, { userId, offset: (page - 1) * limit, limit }, nowMs),
    countOpenSessions(database, userId, nowMs),
  ]);
  return { logins, total };
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
    if (session === undefined || session.isRevoked) return 0;
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
  const sessions = unrevoked.filter(({ sessionId }) => sessionId !== exceptSessionId);
  if (sessions.length === 0) return 0;
  const ids = sessions.map(({ sessionId }) => sessionId);
  await revokeSessions(tx, ids, reason, nowMs);
  return sessions.filter(({ expiresAtMs }) => nowMs < expiresAtMs).length;
}
