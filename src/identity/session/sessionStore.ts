/** Logins: rows of customer_sessions, and the refresh tokens that they have used up. */
import { In, IsNull, MoreThan } from 'typeorm';
import { CustomerSession } from '../../../entities/identity/CustomerSession.ts';
import { RotatedRefreshToken } from '../../../entities/identity/RotatedRefreshToken.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import { readPage } from '../../platform/database/readPage.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import type { Page, PageQuery } from '../../platform/shapes.ts';
import { recordAccessChanges } from '../access/accessFeed.ts';

/** Why a login ended before its time. */
export type RevokedReason = 'logout' | 'ended' | 'reused' | 'disabled' | 'closed' | 'restored';

const LOCKED = { session_id: true, refresh_token_hash: true, revoked_at: true, expires_at: true } as const;
export type LockedSession = Pick<CustomerSession, keyof typeof LOCKED>;

const SHOWN = {
  session_id: true,
  device_id: true,
  ip: true,
  user_agent: true,
  created_at: true,
  refreshed_at: true,
  expires_at: true,
} as const;
/** A login as its owner sees it. */
export type Session = Pick<CustomerSession, keyof typeof SHOWN>;

export interface SessionOwner {
  sessionId: number;
  userId: number;
}

const OWNER = { session_id: true, user_id: true } as const;

export async function findSession(tx: Tx, sessionId: number): Promise<SessionOwner | undefined> {
  return ownerOf(
    await tx.manager.findOne(CustomerSession, { select: OWNER, where: { session_id: sessionId } }),
  );
}

export async function findSessionByToken(tx: Tx, tokenHash: string): Promise<SessionOwner | undefined> {
  const where = { refresh_token_hash: tokenHash };
  return ownerOf(await tx.manager.findOne(CustomerSession, { select: OWNER, where }));
}

export async function findSessionByRotatedToken(
  tx: Tx,
  tokenHash: string,
): Promise<SessionOwner | undefined> {
  const found = tx.manager
    .createQueryBuilder(CustomerSession, 'session')
    .select(['session.session_id', 'session.user_id'])
    .innerJoin(RotatedRefreshToken, 'rotated', 'rotated.session_id = session.session_id')
    .where('rotated.token_hash = :tokenHash', { tokenHash });
  return ownerOf(await found.getOne());
}

function ownerOf(session: CustomerSession | null): SessionOwner | undefined {
  return session === null ? undefined : { sessionId: session.session_id, userId: session.user_id };
}

export async function findRotatedToken(
  tx: Tx,
  tokenHash: string,
): Promise<Pick<RotatedRefreshToken, 'rotated_at' | 'sealed_successor'> | null> {
  return tx.manager.findOne(RotatedRefreshToken, {
    select: { token_hash: true, rotated_at: true, sealed_successor: true },
    where: { token_hash: tokenHash },
  });
}

export async function lockSession(tx: Tx, sessionId: number): Promise<LockedSession | undefined> {
  const [session] = await tx.lock(CustomerSession, { select: LOCKED, where: { session_id: sessionId } });
  return session;
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
  await tx.manager.update(
    CustomerSession,
    { session_id: sessionId },
    { refresh_token_hash: tokenHash, refreshed_at: new Date(nowMs), expires_at: new Date(expiresAtMs) },
  );
}

/** As the settings allow it at most. */
const LONGEST_ACCESS_TOKEN_MS = 86_400_000;

/** A user's logins that are not revoked, also those that have just expired: an access token of one may outlive it. */
export async function lockUnrevokedSessions(
  tx: Tx,
  userId: number,
  nowMs: number,
): Promise<Pick<CustomerSession, 'session_id' | 'expires_at'>[]> {
  return tx.lock(CustomerSession, {
    select: { session_id: true, expires_at: true },
    where: openAfter(userId, nowMs - LONGEST_ACCESS_TOKEN_MS),
    order: { session_id: 'ASC' },
  });
}

/** Every node learns of it from the list of changes, which its caller has locked (`lockAccess`). */
export async function revokeSessions(
  tx: Tx,
  sessionIds: readonly number[],
  reason: RevokedReason,
  nowMs: number,
): Promise<void> {
  await tx.manager.update(
    CustomerSession,
    { session_id: In(sessionIds) },
    { revoked_at: new Date(nowMs), revoked_reason: reason },
  );
  await recordAccessChanges(
    tx,
    sessionIds.map((sessionId) => ({ kind: 'login', subjectId: sessionId })),
    nowMs,
  );
}

/** Those that are neither ended nor expired, newest first. */
export async function readOpenSessions(
  database: Database,
  { userId, ...query }: PageQuery & { userId: number },
  nowMs: number,
): Promise<Page<Session>> {
  const read = { select: SHOWN, where: openAfter(userId, nowMs), order: { session_id: 'DESC' } } as const;
  return readPage(query, {
    items: (part) => database.currentReader.find(CustomerSession, { ...read, ...part }),
    count: () => countOpenSessions(database, userId, nowMs),
  });
}

export async function countOpenSessions(database: Database, userId: number, nowMs: number): Promise<number> {
  return database.currentReader.countBy(CustomerSession, openAfter(userId, nowMs));
}

function openAfter(userId: number, timeMs: number) {
  return { user_id: userId, revoked_at: IsNull(), expires_at: MoreThan(new Date(timeMs)) };
}
