import type { LoginFlag } from '../../../entities/identity/LoginLog.ts';
import type { Clock } from '../../platform/clock.ts';
import type { IdentityConfig } from '../settings.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError, type ErrorCode } from '../../platform/errors.ts';
import { emitEvents, type NewEvent } from '../../platform/events/outbox.ts';
import { readLevel } from '../../points/account.ts';
import { openAccount } from '../../points/ledger.ts';
import { checkCode } from './codes.ts';
import { admitOnDevice } from './devices.ts';
import { beginTry, countFailure, forgetFailures, refusalOf, type LoginLock } from './loginLocks.ts';
import { flagsOf, insertLoginLog } from './loginLogs.ts';
import { networkOf, REGION } from '../../platform/network.ts';
import { originOf } from './origin.ts';
import {
  countLogin,
  insertSession,
  insertUser,
  lockUserByMobile,
  readRecentAddresses,
  updateProfile,
  type UserRecord,
} from './store.ts';
import { createRefreshToken, type AccessTokens } from '../session/tokens.ts';

export interface LoginServices {
  database: Database;
  clock: Clock;
  config: Pick<
    IdentityConfig,
    | 'jwtSecret'
    | 'devCode'
    | 'accessTokenSeconds'
    | 'refreshTokenSeconds'
    | 'failuresBeforeLock'
    | 'lockSeconds'
    | 'accountsPerDevice'
  >;
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

/** Logins of one new number at once, or of one new device, get in each other's way. */
const LOGIN_TRIES = 6;
/** Networks of so many good logins are familiar. */
const FAMILIAR_LOGINS = 50;

/** What a try came to. Both are committed: a refusal has been counted and logged. */
type Outcome = Admission | Refusal;
type Admission = { user: UserRecord; level: number; isNew: boolean; sessionId: number; flags: LoginFlag[] };
type Refusal = { refusal: AppError; flags: LoginFlag[] };

interface Try extends LoginAttempt {
  refreshTokenHash: string;
  network: string;
}

/**
 * Logs a number in by its code, and registers it when it is new. All of it is one transaction: a login that fails
 * half-way leaves the code as it was, and a try that is refused commits, to be counted and logged.
 *
 * Locks are taken in the order login_locks, verification_codes, users, user_devices.
 * @throws AppError CODE_INVALID, CODE_EXPIRED, RATE_LIMITED while the caller has locked themself out, ACCOUNT_DISABLED,
 * DEVICE_LIMIT_REACHED
 */
export async function login(services: LoginServices, attempt: LoginAttempt): Promise<Login> {
  const { database, clock, config, tokens } = services;
  const nowMs = clock.nowMs();
  const refreshToken = createRefreshToken();
  const network = networkOf(attempt.ip, REGION);
  const outcome = await database.retryingTransaction(async (tx) => {
    const decided = await decide(
      tx,
      config,
      { ...attempt, refreshTokenHash: refreshToken.hash, network },
      nowMs,
    );
    const result = 'refusal' in decided ? decided.refusal.code : 'OK';
    const sessionId = 'refusal' in decided ? null : decided.sessionId;
    await insertLoginLog(
      tx,
      { ...attempt, network, sessionId, outcome: result, flags: decided.flags },
      nowMs,
    );
    return decided;
  }, LOGIN_TRIES);
  if ('refusal' in outcome) throw outcome.refusal;
  const { user, level, isNew, sessionId } = outcome;
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

/** Up to the code the same statements run for every number, known or not. */
async function decide(
  tx: Tx,
  config: LoginServices['config'],
  attempt: Try,
  nowMs: number,
): Promise<Outcome> {
  const origin = await originOf(tx.manager, attempt);
  const lock = await beginTry(tx, { mobile: attempt.mobile, origin: origin.name }, nowMs);
  const locked = refusalOf(lock, nowMs);
  if (locked !== undefined) return refuse(lock, locked);
  const { outcome, isCounted, guesses } = await checkCode(tx, config, { ...attempt, origin }, nowMs);
  if (outcome !== 'accepted') {
    await countFailure(tx, lock, { ...config, isCounted }, nowMs);
    return refuse(lock, outcome);
  }
  const known = await lockUserByMobile(tx, attempt.mobile);
  if (known !== undefined && known.status !== 'active') return refuse(lock, 'ACCOUNT_DISABLED');
  return admit(tx, config, { attempt, lock, known, guesses }, nowMs);
}

interface Candidate {
  attempt: Try;
  lock: LoginLock;
  /** undefined: nobody is registered by the number. */
  known: UserRecord | undefined;
  /** At the code that was used, from anywhere. */
  guesses: number;
}

async function admit(
  tx: Tx,
  config: LoginServices['config'],
  { attempt, lock, known, guesses }: Candidate,
  nowMs: number,
): Promise<Outcome> {
  const { mobile, deviceId, network } = attempt;
  const networksBefore = known === undefined ? [] : await familiarNetworks(tx, known.userId);
  const { accountsPerDevice } = config;
  const admitted = await admitOnDevice(
    tx,
    { deviceId, known, accountsPerDevice },
    async () => known ?? register(tx, mobile, nowMs),
    nowMs,
  );
  if (admitted === undefined) {
    return refuse(lock, 'DEVICE_LIMIT_REACHED');
  }
  const { user, isNewDevice, isShared } = admitted;
  const failures = Math.max(lock.failures, guesses);
  const flags = flagsOf({ failures, network, networksBefore, isNewDevice, isShared });
  const expiresAtMs = nowMs + config.refreshTokenSeconds * 1000;
  const sessionId = await insertSession(tx, { ...attempt, userId: user.userId, expiresAtMs }, nowMs);
  await countLogin(tx, user.userId, nowMs);
  await forgetFailures(tx, lock);
  const isNew = known === undefined;
  await emitEvents(tx, eventsOf({ userId: user.userId, sessionId, isNew, flags }), nowMs);
  return { user, level: await readLevel(tx.manager, user.userId), isNew, sessionId, flags };
}

function refuse({ failures }: LoginLock, reason: AppError | ErrorCode): Refusal {
  return {
    refusal: typeof reason === 'string' ? new AppError(reason) : reason,
    flags: flagsOf({ failures }),
  };
}

async function familiarNetworks(tx: Tx, userId: number): Promise<string[]> {
  const addresses = await readRecentAddresses(tx, userId, FAMILIAR_LOGINS);
  return addresses.map((ip) => networkOf(ip ?? '', REGION));
}

async function register(tx: Tx, mobile: string, nowMs: number): Promise<UserRecord> {
  const userId = await insertUser(tx, { mobile, nickname: '食客' }, nowMs);
  const user = {
    userId,
    mobile,
    nickname: `食客${userId}`,
    avatarUrl: null,
    birthday: null,
    role: 'user',
    status: 'active',
  } as const;
  await updateProfile(tx, user, nowMs);
  await openAccount(tx, userId, nowMs);
  return user;
}

interface GoodLogin {
  userId: number;
  sessionId: number;
  isNew: boolean;
  flags: readonly LoginFlag[];
}

/** Where the login came from is in its session and in the log, which forget it with the person; events do not. */
function eventsOf({ userId, sessionId, isNew, flags }: GoodLogin): NewEvent[] {
  const event = (type: NewEvent['type'], data: object): NewEvent => ({
    type,
    userId,
    data: { user_id: userId, ...data },
  });
  const events = [event('user:login', { session_id: sessionId, is_new: isNew })];
  if (isNew) events.unshift(event('user:registered', {}));
  if (flags.length > 0) events.push(event('user:login_flagged', { session_id: sessionId, flags }));
  return events;
}
