import { AppError } from '../../platform/errors.ts';
import type { IdentityConfig } from '../settings.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { emitEvents } from '../../platform/events/outbox.ts';
import { lockAccess } from '../access/accessFeed.ts';
import type { LoginsServices } from './logins.ts';
import { networkOf } from '../../platform/network.ts';
import { openSuccessor, sealSuccessor } from './sealedToken.ts';
import {
  findRotatedToken,
  findSessionByRotatedToken,
  findSessionByToken,
  insertRotatedToken,
  lockSession,
  revokeSessions,
  updateRefreshToken,
  type LockedSession,
  type SessionOwner,
} from './sessionStore.ts';
import { lockUser, type UserRecord } from '../login/store.ts';
import { createRefreshToken, hashOfRefreshToken, type AccessTokens, type RefreshToken } from './tokens.ts';

export interface RefreshServices extends LoginsServices {
  config: Pick<IdentityConfig, 'accessTokenSeconds' | 'refreshTokenSeconds'>;
  tokens: AccessTokens;
}

/** What a client calls and refreshes with. The refresh token is shown once and never again; the database has its hash. */
export interface IssuedTokens {
  accessToken: string;
  refreshToken: string;
  expiresInSeconds: number;
}

/** One call: the token, and where it comes from. */
export interface RefreshAttempt {
  token: string;
  /** As the client names it; null: it is known by its network and its browser. */
  deviceId: string | null;
  ip: string;
  userAgent: string | null;
}

type Refusal = 'UNAUTHENTICATED' | 'TOKEN_REVOKED' | 'TOKEN_EXPIRED' | 'ACCOUNT_DISABLED';
type Outcome =
  | { kind: 'refreshed'; user: UserRecord; sessionId: number; token: string }
  | { kind: 'refused'; code: Refusal }
  | { kind: 'reused' }
  /** Another call has exchanged the token while this one waited for the lock. */
  | { kind: 'overtaken' };

/** So long after an exchange the same device gets the same answer again: its other tab, or its call whose answer was lost. */
const GRACE_MS = 10_000;
/** Exchanges that follow one another within the grace. */
const MAX_SUCCESSORS = 5;

/**
 * Exchanges a refresh token for the next one and a new access token.
 *
 * Each token is good for one exchange. Whoever shows one a second time either stole it or was stolen from, and nobody can
 * tell which, so the login ends for both; that is committed although the call is refused. But two tabs of one browser refresh
 * at the same moment, and answers get lost: within a grace the same device is given the same successor once more. It is
 * sealed under the token that was exchanged for it, so the database alone gives nobody a token.
 * @throws AppError UNAUTHENTICATED, TOKEN_REVOKED, TOKEN_EXPIRED, ACCOUNT_DISABLED
 */
export async function refresh(services: RefreshServices, attempt: RefreshAttempt): Promise<IssuedTokens> {
  const { database, clock, access, config, tokens } = services;
  const nowMs = clock.nowMs();
  const lifetimeMs = config.refreshTokenSeconds * 1000;
  const asked = { ...attempt, device: deviceOf(attempt), next: createRefreshToken(), lifetimeMs };
  let outcome: Outcome;
  // Once overtaken, it finds the token exchanged, and takes the locks in the order that this needs.
  do outcome = await database.retryingTransaction((tx) => exchange(tx, asked, nowMs));
  while (outcome.kind === 'overtaken');
  if (outcome.kind === 'reused') {
    await access.changed();
    throw new AppError('TOKEN_REVOKED');
  }
  if (outcome.kind === 'refused') throw new AppError(outcome.code);
  const { userId, role, nickname } = outcome.user;
  return {
    accessToken: tokens.sign({ userId, sessionId: outcome.sessionId, role, nickname }),
    refreshToken: outcome.token,
    expiresInSeconds: config.accessTokenSeconds,
  };
}

interface Exchange {
  token: string;
  device: string;
  next: RefreshToken;
  lifetimeMs: number;
}

async function exchange(tx: Tx, asked: Exchange, nowMs: number): Promise<Outcome> {
  const tokenHash = hashOfRefreshToken(asked.token);
  const held = await lockLogin(tx, tokenHash);
  if (held === undefined) return { kind: 'refused', code: 'UNAUTHENTICATED' };
  const { session, user, isExchanged } = held;
  const { session_id: sessionId } = session;
  if (session.refresh_token_hash !== tokenHash && session.revoked_at === null) {
    if (!isExchanged) return { kind: 'overtaken' };
    const successor = await findSuccessor(tx, session, asked, nowMs);
    if (successor === undefined || user.status !== 'active') {
      await endReused(tx, { sessionId, userId: user.userId }, nowMs);
      return { kind: 'reused' };
    }
    return { kind: 'refreshed', user, sessionId, token: successor };
  }
  const code = refusalOf(held, nowMs);
  if (code !== undefined) return { kind: 'refused', code };
  const { next, device, lifetimeMs } = asked;
  const sealedSuccessor = sealSuccessor(next.token, { token: asked.token, device });
  await insertRotatedToken(tx, { tokenHash, sessionId, sealedSuccessor }, nowMs);
  await updateRefreshToken(tx, { sessionId, tokenHash: next.hash, expiresAtMs: nowMs + lifetimeMs }, nowMs);
  return { kind: 'refreshed', user, sessionId, token: next.token };
}

/** The present token of the login, when it has come from the one that is shown, and every exchange was this device's just now. */
async function findSuccessor(
  tx: Tx,
  { refresh_token_hash: present }: LockedSession,
  { token: shown, device }: Exchange,
  nowMs: number,
): Promise<string | undefined> {
  let token = shown;
  for (let steps = 0; steps < MAX_SUCCESSORS; steps++) {
    const rotated = await findRotatedToken(tx, hashOfRefreshToken(token));
    if (rotated?.sealed_successor == null || Math.abs(nowMs - rotated.rotated_at.getTime()) >= GRACE_MS)
      return undefined;
    const successor = openSuccessor(rotated.sealed_successor, { token, device });
    if (successor === undefined) return undefined;
    if (hashOfRefreshToken(successor) === present) return successor;
    token = successor;
  }
  return undefined;
}

function deviceOf({ deviceId, ip, userAgent }: RefreshAttempt): string {
  return JSON.stringify(deviceId === null ? [networkOf(ip), userAgent] : [deviceId]);
}

interface HeldLogin {
  session: LockedSession;
  user: UserRecord;
  /** Whether the token had been exchanged before the login was locked. */
  isExchanged: boolean;
}

/**
 * The login that a token belongs to or once belonged to, and its user, both locked, the user first as wherever both are.
 * Which of the two it was before the lock says nothing: another call may have exchanged the token meanwhile.
 */
async function lockLogin(tx: Tx, tokenHash: string): Promise<HeldLogin | undefined> {
  let owner = await findSessionByToken(tx, tokenHash);
  const isExchanged = owner === undefined;
  if (owner === undefined) {
    owner = await findSessionByRotatedToken(tx, tokenHash);
    if (owner === undefined) return undefined;
    // It may end the login, and this lock comes before all others.
    await lockAccess(tx);
  }
  const user = await lockUser(tx, owner.userId);
  const session = await lockSession(tx, owner.sessionId);
  if (user === undefined || session === undefined)
    throw new Error('A login has a user, and is never removed');
  return { session, user, isExchanged };
}

async function endReused(tx: Tx, { sessionId, userId }: SessionOwner, nowMs: number): Promise<void> {
  await revokeSessions(tx, [sessionId], 'reused', nowMs);
  const data = { user_id: userId, session_id: sessionId };
  await emitEvents(tx, [{ type: 'user:token_reused', userId, data, priority: 'high' }], nowMs);
}

function refusalOf({ session, user }: HeldLogin, nowMs: number): Refusal | undefined {
  if (user.status === 'disabled') return 'ACCOUNT_DISABLED';
  if (session.revoked_at !== null || user.status !== 'active') return 'TOKEN_REVOKED';
  return session.expires_at.getTime() <= nowMs ? 'TOKEN_EXPIRED' : undefined;
}
