import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, beforeEach, it } from 'mocha';
import { sendCode } from '../../../src/identity/login/codes.ts';
import { login, type LoginAttempt, type LoginServices } from '../../../src/identity/login/login.ts';
import { changeProfile, readProfile } from '../../../src/identity/people/me.ts';
import { AccessTokens } from '../../../src/identity/session/tokens.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { AppError, type ErrorCode } from '../../../src/platform/errors.ts';
import { readAccount } from '../../../src/points/account.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { NO_CAP } from '../loginDesk.ts';

const SECRET = 'a secret of the tests, 32 bytes long';
const refusal = (code: ErrorCode) => (error: unknown) => error instanceof AppError && error.code === code;

forEachDatabase('login', (open) => {
  const clock = new TestClock();
  const tokens = new AccessTokens({ secret: SECRET, lifetimeSeconds: 7200, clock });
  const config = {
    jwtSecret: SECRET,
    devCode: '123456' as string | undefined,
    accessTokenSeconds: 7200,
    refreshTokenSeconds: 604_800,
    failuresBeforeLock: 10,
    lockSeconds: 900,
    accountsPerDevice: 5,
  };
  let database: Database;
  let services: LoginServices;
  let mobile: string;
  let numbers = 0;
  before(async () => {
    database = await open();
    services = { database, clock, config, tokens };
  });
  beforeEach(() => {
    mobile = String(13_600_000_000 + numbers++);
  });
  const attempt = (code = '123456'): LoginAttempt => ({
    mobile,
    code,
    deviceId: `phone of ${mobile}`,
    ip: '127.0.0.1',
    userAgent: 'a browser',
  });
  const withoutDevCode = (): LoginServices => ({ ...services, config: { ...config, devCode: undefined } });
  const sentCode = async () => {
    let sent = '';
    const sender = { send: async (_mobile: string, code: string) => void (sent = code) };
    const caller = { mobile, deviceId: null, ip: '127.0.0.1' };
    await sendCode({ database, sender, secret: SECRET, cap: NO_CAP }, caller, clock.nowMs());
    return sent;
  };
  const count = async (table: string, condition: string, value: string | number) => {
    const [row] = await database.read<{ n: number | string }>(
      `SELECT COUNT(*) AS n FROM ${table} WHERE ${condition} = ?`,
      [value],
    );
    return Number(row!.n);
  };
  const eventsOf = async (userId: number) =>
    (
      await database.read<{ event_type: string }>(
        'SELECT event_type FROM business_events WHERE user_id = ? ORDER BY event_id',
        [userId],
      )
    ).map((event) => event.event_type);

  it('A-1 a new number is registered, with an account, and found again', async () => {
    const first = await login(services, attempt());
    const { userId } = first.user;
    assert.equal(first.isNew, true);
    assert.equal(first.level, 1);
    assert.equal(first.expiresInSeconds, 7200);
    assert.deepEqual(first.user, {
      userId,
      mobile,
      nickname: `食客${userId}`,
      avatarUrl: null,
      birthday: null,
      role: 'user',
      status: 'active',
    });
    assert.equal((await readAccount(database, userId)).availableHundredths, 0);
    const second = await login(services, attempt());
    assert.equal(second.isNew, false);
    assert.deepEqual(second.user, first.user);
    assert.deepEqual(await eventsOf(userId), ['user:registered', 'user:login', 'user:login']);
    assert.equal(await count('users', 'login_count = 2 AND mobile', mobile), 1);
  });

  it('A-1 20 logins of a new number at the same time register it once', async () => {
    const logins = await Promise.all(Array.from({ length: 20 }, () => login(services, attempt())));
    assert.equal(logins.filter(({ isNew }) => isNew).length, 1);
    const { userId } = logins[0]!.user;
    assert.equal(await count('users', 'mobile', mobile), 1);
    assert.equal(await count('user_points_accounts', 'user_id', userId), 1);
    assert.equal(await count('customer_sessions', 'user_id', userId), 20);
    assert.equal(await count('users', 'login_count = 20 AND mobile', mobile), 1);
    assert.equal((await eventsOf(userId)).filter((type) => type === 'user:registered').length, 1);
  });

  it('A-2 a sent code logs in once, and a wrong try is counted although the login fails', async () => {
    const code = await sentCode();
    const wrong = code === '000000' ? '000001' : '000000';
    await assert.rejects(login(withoutDevCode(), attempt(wrong)), refusal('CODE_INVALID'));
    assert.equal(await count('verification_codes', 'own_tries = 1 AND mobile', mobile), 1);
    assert.equal(await count('users', 'mobile', mobile), 0);
    assert.equal((await login(withoutDevCode(), attempt(code))).isNew, true);
    await assert.rejects(login(withoutDevCode(), attempt(code)), refusal('CODE_EXPIRED'));
  });

  it('A-3 without a universal code 123456 is a code like any other', async () => {
    await assert.rejects(login(withoutDevCode(), attempt('123456')), refusal('CODE_INVALID'));
    assert.equal(await count('users', 'mobile', mobile), 0);
  });

  it('A-1 a disabled user is refused', async () => {
    const { user } = await login(services, attempt());
    await database.transaction((tx) =>
      tx.execute("UPDATE users SET status = 'disabled' WHERE user_id = ?", [user.userId]),
    );
    await assert.rejects(login(services, attempt()), refusal('ACCOUNT_DISABLED'));
    assert.equal(await count('customer_sessions', 'user_id', user.userId), 1);
  });

  it('A-4 the refresh token is 32 random bytes and stored as its hash alone', async () => {
    const { refreshToken, accessToken, user } = await login(services, attempt());
    assert.match(refreshToken, /^[A-Za-z0-9_-]{43}$/);
    const [row] = await database.read<{ session_id: number; refresh_token_hash: string; device_id: string }>(
      'SELECT session_id, refresh_token_hash, device_id FROM customer_sessions WHERE user_id = ?',
      [user.userId],
    );
    assert.equal(row!.refresh_token_hash, createHash('sha256').update(refreshToken).digest('hex'));
    assert.equal(row!.device_id, `phone of ${mobile}`);
    const { userId, role, nickname } = user;
    assert.deepEqual(tokens.verify(accessToken), { userId, sessionId: row!.session_id, role, nickname });
  });

  it('A-11 a profile can be read and changed by its owner, in parts', async () => {
    const { user } = await login(services, attempt());
    const profiles = { database, clock, access: { changed: async () => undefined } };
    const avatarUrl = '/api/v3/images/1';
    await changeProfile(profiles, user.userId, { nickname: '老王🍜' });
    await changeProfile(profiles, user.userId, { avatarUrl });
    const { user: changed, level } = await readProfile(database, user.userId);
    assert.deepEqual(changed, { ...user, nickname: '老王🍜', avatarUrl });
    assert.equal(level, 1);
    await changeProfile(profiles, user.userId, { avatarUrl: null });
    assert.equal((await readProfile(database, user.userId)).user.avatarUrl, null);
    await assert.rejects(readProfile(database, 2_000_000_000), refusal('UNAUTHENTICATED'));
  });
});
