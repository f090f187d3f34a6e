import { sendCode } from '../../src/identity/login/codes.ts';
import { login, type Login, type LoginAttempt, type LoginServices } from '../../src/identity/login/login.ts';
import type { Caller } from '../../src/identity/login/origin.ts';
import type { SmsCap } from '../../src/identity/login/smsCap.ts';
import { AccessTokens } from '../../src/identity/session/tokens.ts';
import type { Database, Tx } from '../../src/platform/database/transaction.ts';
import { AppError } from '../../src/platform/errors.ts';
import type { TestClock } from '../support/clock.ts';

export const SECRET = 'a secret of the tests, 32 bytes long';

/** Nobody pays for these messages. */
export const NO_CAP: SmsCap = { count: async () => undefined, alarm: async () => undefined };

/** Limits that no test meets by chance. */
export const RATE_LIMITS = {
  jwtSecret: SECRET,
  codesPerIpPerHour: 1000,
  codesPerNumberPerHour: 1000,
  codesPerDevicePerHour: 1000,
  loginsPerIpPerMinute: 1000,
  loginsPerNumberPerHour: 1000,
  loginsPerDevicePerHour: 1000,
};

export interface LoginDesk {
  services: LoginServices;
  login(attempt: Partial<LoginAttempt> & { mobile: string }): Promise<Login>;
  /** OK, or the refusal, as a client would tell them apart. */
  answer(attempt: Partial<LoginAttempt> & { mobile: string }): Promise<Answer>;
  /** Sends a code and returns it. */
  codeFor(mobile: string, from?: Partial<Caller>): Promise<string>;
}

export interface Answer {
  code: string;
  retryAfterSeconds?: number;
  details?: unknown;
}

/** Logins on a database as the routes make them, by the universal code unless an attempt says otherwise. */
export function openLoginDesk(
  database: Database,
  clock: TestClock,
  settings: Partial<LoginServices['config']> = {},
): LoginDesk {
  const tokens = new AccessTokens({ secret: SECRET, lifetimeSeconds: 7200, clock });
  const config = {
    jwtSecret: SECRET,
    devCode: '123456',
    accessTokenSeconds: 7200,
    refreshTokenSeconds: 604_800,
    failuresBeforeLock: 10,
    lockSeconds: 900,
    accountsPerDevice: 5,
    ...settings,
  };
  const services = { database, clock, config, tokens };
  const at: LoginDesk['login'] = (attempt) =>
    login(services, { code: '123456', deviceId: null, ip: '192.0.2.1', userAgent: 'a browser', ...attempt });
  return {
    services,
    login: at,
    answer: (attempt) =>
      at(attempt).then(
        () => ({ code: 'OK' }),
        (error: unknown) => {
          if (!(error instanceof AppError)) throw error;
          const { code, retryAfterSeconds, details } = error;
          return {
            code,
            ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
            ...(details === undefined ? {} : { details }),
          };
        },
      ),
    codeFor: async (mobile, from = {}) => {
      let sent = '';
      const sender = { send: async (_mobile: string, code: string) => void (sent = code) };
      const caller = { mobile, deviceId: null, ip: '192.0.2.1', ...from };
      await sendCode({ database, sender, secret: SECRET, cap: NO_CAP }, caller, clock.nowMs());
      return sent;
    },
  };
}

export function otherThan(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, '0');
}

/** The same database, which keeps the text of every statement that its retrying transactions run. */
export function recordStatements(database: Database): { database: Database; statements: string[] } {
  const statements: string[] = [];
  const recorded = Object.create(database) as Database;
  recorded.retryingTransaction = (work, tries) =>
    database.retryingTransaction((tx) => recordOn(tx, statements, work), tries);
  return { database: recorded, statements };
}

async function recordOn<T>(tx: Tx, statements: string[], work: (tx: Tx) => Promise<T>): Promise<T> {
  const runner = tx.manager.queryRunner!;
  const { query } = runner;
  runner.query = ((sql: string, ...others: unknown[]) => {
    statements.push(sql);
    return Reflect.apply(query, runner, [sql, ...others]);
  }) as typeof query;
  try {
    return await work(tx);
  } finally {
    runner.query = query;
  }
}
