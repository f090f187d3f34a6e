import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'mocha';
import { setUserStatus } from '../../src/auth/users.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase, onSqlite } from '../support/databases.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { okay, refresh, sessionIdOf, signIn } from './signedIn.ts';

const DAY_MS = 86_400_000;

forEachDatabase('refreshing', (_open, openUrl) => {
  const clock = new TestClock();
  let server: RunningServer;
  let mobile: string;
  let numbers = 0;
  before(async () => {
    server = await startServer(await openUrl(), { clock });
  });
  after(() => server?.close());
  beforeEach(() => {
    mobile = String(13_500_000_000 + numbers++);
  });
  const meBy = async (token: string) => (await server.api('GET', '/auth/me', { token })).code;
  const reasonOf = async (sessionId: number) => {
    const [row] = await server.context.database.read<{ revoked_reason: string | null }>(
      'SELECT revoked_reason FROM customer_sessions WHERE session_id = ?',
      [sessionId],
    );
    return row!.revoked_reason;
  };
  const reusesOf = (userId: number) =>
    server.context.database.read<{ event_data: string }>(
      "SELECT event_data FROM business_events WHERE event_type = 'user:token_reused' AND user_id = ?",
      [userId],
    );

  it('A-4 a refresh token is exchanged for the next pair, and the login goes on', async () => {
    const login = await signIn(server, mobile);
    clock.advance(6 * DAY_MS);
    assert.equal(await meBy(login.token), 'TOKEN_EXPIRED');
    const { data } = okay(await refresh(server, login.refreshToken));
    const { access_token: token, refresh_token: next, ...rest } = data;
    assert.deepEqual(rest, { expires_in: 7200, token_type: 'Bearer' });
    assert.deepEqual([await meBy(token), sessionIdOf(token)], ['OK', login.sessionId]);
    assert.notEqual(next, login.refreshToken);
    // Past the seven days of the first token: each exchange begins them anew.
    clock.advance(6 * DAY_MS);
    assert.equal((await refresh(server, next)).code, 'OK');
    const stored = await server.context.database.read<{ refresh_token_hash: string }>(
      'SELECT refresh_token_hash FROM customer_sessions WHERE session_id = ?',
      [login.sessionId],
    );
    assert.match(stored[0]!.refresh_token_hash, /^[0-9a-f]{64}$/);
  });

  it('A-4 a reused refresh token ends the login, and that one alone', async () => {
    const login = await signIn(server, mobile);
    const other = await signIn(server, mobile);
    const { data } = okay(await refresh(server, login.refreshToken));
    const reused = await refresh(server, login.refreshToken);
    assert.deepEqual([reused.status, reused.code], [401, 'TOKEN_REVOKED']);
    assert.equal(await meBy(login.token), 'TOKEN_REVOKED');
    assert.equal(await meBy(data.access_token), 'TOKEN_REVOKED');
    assert.equal((await refresh(server, data.refresh_token)).code, 'TOKEN_REVOKED');
    assert.equal((await refresh(server, login.refreshToken)).code, 'TOKEN_REVOKED');
    assert.equal(await reasonOf(login.sessionId), 'reused');
    const told = await reusesOf(login.userId);
    assert.deepEqual(
      told.map((event) => JSON.parse(event.event_data) as object),
      [{ user_id: login.userId, session_id: login.sessionId }],
    );
    assert.equal(await meBy(other.token), 'OK');
    assert.equal((await refresh(server, other.refreshToken)).code, 'OK');
  });

  it('A-4 of refreshes with one token at the same moment exactly one wins', async () => {
    for (let round = 0; round < 5; round++) {
      const login = await signIn(server, String(13_400_000_000 + numbers++));
      const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(server, login.refreshToken)));
      const codes = answers.map(({ code }) => code).sort();
      assert.deepEqual(codes, ['OK', ...Array<string>(5).fill('TOKEN_REVOKED')]);
      assert.equal(await reasonOf(login.sessionId), 'reused');
      assert.equal((await reusesOf(login.userId)).length, 1);
    }
  });

  it('A-4 what is no refresh token of ours is refused', async () => {
    const login = await signIn(server, mobile);
    for (const token of ['', 'nonsense', 'A'.repeat(43), login.token.slice(0, 200), "' OR 1=1 --", '\0']) {
      const { status, code } = await refresh(server, token);
      assert.deepEqual([status, code], [401, 'UNAUTHENTICATED'], token);
    }
    for (const token of [undefined, null, 7, ['a'], 'A'.repeat(257)]) {
      assert.equal((await refresh(server, token)).code, 'VALIDATION_FAILED', String(token));
    }
    assert.equal((await refresh(server, login.refreshToken)).code, 'OK');
  });

  it('A-4 a refresh token lasts seven days', async () => {
    const login = await signIn(server, mobile);
    clock.advance(7 * DAY_MS);
    const { status, code } = await refresh(server, login.refreshToken);
    assert.deepEqual([status, code], [401, 'TOKEN_EXPIRED']);
  });

  it('A-5 an ended login is not refreshed, nor that of a disabled user', async () => {
    const ended = await signIn(server, mobile);
    okay(await server.api('POST', '/auth/logout', { token: ended.token }));
    assert.equal((await refresh(server, ended.refreshToken)).code, 'TOKEN_REVOKED');
    const login = await signIn(server, mobile);
    const admin = await signIn(server, '13800000000');
    const actor = { userId: admin.userId, ip: '127.0.0.1', requestId: 'r' };
    await setUserStatus(server.context, { actor, userId: login.userId, status: 'disabled', reason: 'fraud' });
    const { status, code } = await refresh(server, login.refreshToken);
    assert.deepEqual([status, code], [403, 'ACCOUNT_DISABLED']);
    await setUserStatus(server.context, { actor, userId: login.userId, status: 'active', reason: 'none' });
    assert.equal((await refresh(server, login.refreshToken)).code, 'TOKEN_REVOKED');
  });
});

onSqlite('refreshing too often', (_open, openUrl) => {
  let server: RunningServer;
  before(async () => {
    server = await startServer(await openUrl(), { environment: { AUTH_LOGINS_PER_IP_PER_MINUTE: '3' } });
  });
  after(() => server?.close());

  it('A-6 is limited per address, and leaves logging in alone', async () => {
    for (let at = 0; at < 3; at++) assert.equal((await refresh(server, 'guess')).code, 'UNAUTHENTICATED');
    const limited = await refresh(server, 'guess');
    assert.deepEqual([limited.status, limited.code], [429, 'RATE_LIMITED']);
    assert.ok(Number(limited.headers.get('Retry-After')) > 0);
    assert.ok((await signIn(server, '13900000001')).token);
  });
});
