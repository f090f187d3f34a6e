import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Database, Tx } from '../database/transaction.ts';
import { AppError } from '../errors.ts';
import { emitEvents, type NewEvent } from '../events/outbox.ts';
import { readLevel } from '../points/account.ts';
import { openAccount } from '../points/ledger.ts';
import { useCode, type CodeOutcome } from './codes.ts';
import {
  countLogin,
  insertSession,
  insertUser,
  lockUserByMobile,
  updateProfile,
  type UserRecord,
} from './store.ts';
import { createRefreshToken, type AccessTokens } from './tokens.ts';

export interface LoginServices {
  database: Database;
  clock: Clock;
  config: Pick<Config, 'jwtSecret' | 'devCode' | 'accessTokenSeconds' | 'refreshTokenSeconds'>;
  tokens: AccessTokens;
}

export interface LoginAttempt {
  mobile: string;
  code: string;
  deviceId: string | null;
  ip: string;
  userAgent: string | null;
}

export interface Login {
  accessToken: string;
  /** Shown here and never again; the database has its hash. */
  refreshToken: string;
  expiresInSeconds: number;
  user: UserRecord;
  level: number;
  isNew: boolean;
}

/** Logins of one new number at once all try to register it; each but the first starts over. */
const LOGIN_TRIES = 6;

type Admission = { user: UserRecord; level: number; isNew: boolean; sessionId: number };
type Refusal = { refused: Exclude<CodeOutcome, 'accepted'> };

/**
 * Logs a number in by its code, and registers it when it is new. All of it is one transaction, so a login that
 * fails half-way leaves the code as it was; a wrong try commits, to be counted, and is refused afterwards.
 * @throws AppError CODE_INVALID, CODE_EXPIRED, ACCOUNT_DISABLED
 */
export async function login(services: LoginServices, attempt: LoginAttempt): Promise<Login> {
  const { database, clock, config, tokens } = services;
  const nowMs = clock.nowMs();
  const refreshToken = createRefreshToken();
  const admitted = await database.retryingTransaction(async (tx): Promise<Admission | Refusal> => {
    const outcome = await checkCode(tx, config, attempt, nowMs);
    if (outcome !== 'accepted') return { refused: outcome };
    const known = await lockUserByMobile(tx, attempt.mobile);
    if (known?.status === 'disabled') throw new AppError('ACCOUNT_DISABLED');
    const user = known ?? (await register(tx, attempt.mobile, nowMs));
    const isNew = known === undefined;
    const expiresAtMs = nowMs + config.refreshTokenSeconds * 1000;
    const session = { ...attempt, userId: user.userId, refreshTokenHash: refreshToken.hash, expiresAtMs };
    const sessionId = await insertSession(tx, session, nowMs);
    await countLogin(tx, user.userId, nowMs);
    await emitEvents(tx, eventsOf(user.userId, sessionId, isNew, attempt), nowMs);
    return { user, level: await readLevel(tx.query, user.userId), isNew, sessionId };
  }, LOGIN_TRIES);
  if ('refused' in admitted) throw new AppError(admitted.refused);
  const { user, level, isNew, sessionId } = admitted;
  const { userId, role, nickname } = user;
  return {
    accessToken: tokens.sign({ userId, sessionId, role, nickname }),
    refreshToken: refreshToken.token,
    expiresInSeconds: config.accessTokenSeconds,
    user,
    level,
    isNew,
  };
}

async function checkCode(
  tx: Tx,
  config: LoginServices['config'],
  attempt: LoginAttempt,
  nowMs: number,
): Promise<CodeOutcome> {
  if (config.devCode !== undefined && attempt.code === config.devCode) return 'accepted';
  return useCode(tx, config.jwtSecret, attempt, nowMs);
}

async function register(tx: Tx, mobile: string, nowMs: number): Promise<UserRecord> {
  const userId = await insertUser(tx, { mobile, nickname: '食客' }, nowMs);
  const user = {
    userId,
    mobile,
    nickname: `食客${userId}`,
    avatarUrl: null,
    role: 'user',
    status: 'active',
  } as const;
  await updateProfile(tx, user, nowMs);
  await openAccount(tx, userId, nowMs);
  return user;
}

function eventsOf(userId: number, sessionId: number, isNew: boolean, attempt: LoginAttempt): NewEvent[] {
  const { deviceId, ip } = attempt;
  const data = { user_id: userId, session_id: sessionId, device_id: deviceId, ip, is_new: isNew };
  const loggedIn: NewEvent = { type: 'user:login', userId, data };
  return isNew ? [{ type: 'user:registered', userId, data: { user_id: userId } }, loggedIn] : [loggedIn];
}
