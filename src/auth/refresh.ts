import { AppError } from '../errors.ts';
import type { Config } from '../config.ts';
import type { Tx } from '../database/transaction.ts';
import { emitEvents } from '../events/outbox.ts';
import { lockAccess } from './accessFeed.ts';
import type { LoginsServices } from './logins.ts';
import {
  findSessionByRotatedToken,
  findSessionByToken,
  insertRotatedToken,
  lockSession,
  revokeSessions,
  updateRefreshToken,
  type LockedSession,
  type SessionOwner,
} from './sessionStore.ts';
import { lockUser, type UserRecord } from './store.ts';
import { createRefreshToken, hashOfRefreshToken, type AccessTokens } from './tokens.ts';

export interface RefreshServices extends LoginsServices {
  config: Pick<Config, 'accessTokenSeconds' | 'refreshTokenSeconds'>;
  tokens: AccessTokens;
}

/** What a client calls and refreshes with. The refresh token is shown once and never again; the database has its hash. */
export interface IssuedTokens {
  accessToken: string;
  refreshToken: string;
  expiresInSeconds: number;
}

type Refusal = 'UNAUTHENTICATED' | 'TOKEN_REVOKED' | 'TOKEN_EXPIRED' | 'ACCOUNT_DISABLED';
type Outcome =
  | { kind: 'refreshed'; user: UserRecord; sessionId: number }
  | { kind: 'refused'; code: Refusal }
  | { kind: 'reused' };

/**
 * Exchanges a refresh token for the next one and a new access token.
 *
 * Each token is good for one exchange. Whoever shows one a second time either stole it or was stolen from, and nobody can
 * tell which, so the login ends for both. That is committed although the call is refused, and so it is for the second of
 * two calls at the same moment.
 * @throws AppError UNAUTHENTICATED, TOKEN_REVOKED, TOKEN_EXPIRED, ACCOUNT_DISABLED
 */
export async function refresh(services: RefreshServices, token: string): Promise<IssuedTokens> {
  const { database, clock, access, config, tokens } = services;
  const nowMs = clock.nowMs();
  const tokenHash = hashOfRefreshToken(token);
  const next = createRefreshToken();
  const outcome = await database.retryingTransaction(async (tx): Promise<Outcome> => {
    const held = await lockLogin(tx, tokenHash);
    if (held === undefined) return { kind: 'refused', code: 'UNAUTHENTICATED' };
    const { session, user } = held;
    const { sessionId } = session;
    if (session.refreshTokenHash !== tokenHash && !session.isRevoked) {
      await endReused(tx, { sessionId, userId: user.userId }, nowMs);
      return { kind: 'reused' };
    }
    const code = refusalOf(held, nowMs);
    if (code !== undefined) return { kind: 'refused', code };
    await insertRotatedToken(tx, { tokenHash, sessionId }, nowMs);
    const expiresAtMs = nowMs + config.refreshTokenSeconds * 1000;
    await updateRefreshToken(tx, { sessionId, tokenHash: next.hash, expiresAtMs }, nowMs);
    return { kind: 'refreshed', user, sessionId };
  });
  if (outcome.kind === 'reused') {
    await access.changed();
    throw new AppError('TOKEN_REVOKED');
  }
  if (outcome.kind === 'refused') throw new AppError(outcome.code);
  const { userId, role, nickname } = outcome.user;
  return {
    accessToken: tokens.sign({ userId, sessionId: outcome.sessionId, role, nickname }),
    refreshToken: next.token,
    expiresInSeconds: config.accessTokenSeconds,
  };
}

interface HeldLogin {
  session: LockedSession;
  user: UserRecord;
}

/**
 * The login that a token belongs to or once belonged to, and its user, both locked, the user first as wherever both are.
 * Which of the two it was before the lock says nothing: another call may have exchanged the token meanwhile.
 */
async function lockLogin(tx: Tx, tokenHash: string): Promise<HeldLogin | undefined> {
  let owner = await findSessionByToken(tx, tokenHash);
  if (owner === undefined) {
    owner = await findSessionByRotatedToken(tx, tokenHash);
    if (owner === undefined) return undefined;
    // It will end the login, and this lock comes before all others.
    await lockAccess(tx);
  }
  const user = await lockUser(tx, owner.userId);
  const session = await lockSession(tx, owner.sessionId);
  if (user === undefined || session === undefined)
    throw new Error('A login has a user, and is never removed');
  return { session, user };
}

async function endReused(tx: Tx, { sessionId, userId }: SessionOwner, nowMs: number): Promise<void> {
  await revokeSessions(tx, [sessionId], 'reused', nowMs);
  const data = { user_id: userId, session_id: sessionId };
  await emitEvents(tx, [{ type: 'user:token_reused', userId, data, priority: 'high' }], nowMs);
}

function refusalOf({ session, user }: HeldLogin, nowMs: number): Refusal | undefined {
  if (user.status === 'disabled') return 'ACCOUNT_DISABLED';
  if (session.isRevoked || user.status !== 'active') return 'TOKEN_REVOKED';
  return session.expiresAtMs <= nowMs ? 'TOKEN_EXPIRED' : undefined;
}
