import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'mocha';
import { openSuccessor } from '../../../src/identity/session/sealedToken.ts';
import { setUserStatus } from '../../../src/identity/people/users.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase, onSqlite } from '../../support/databases.ts';
import { startServer, type RunningServer } from '../../support/server.ts';
import { okay, refresh, sessionIdOf, signIn } from '../signedIn.ts';

const DAY_MS = 86_400_000;
const GRACE_MS = 10_000;

/** Where a call comes from. */
interface From {
  deviceId?: string;
  address?: string;
  userAgent?: string;
}

forEachDatabase('refreshing', (_open, openUrl) => {
  const clock = new TestClock();
  let server: RunningServer;
  let mobile: string;
  let numbers = 0;
  before(async () => {
    server = await startServer(await openUrl(), { clock, environment: { TRUSTED_PROXIES: '127.0.0.1' } });
  });
  after(() => server?.close());
  beforeEach(() => {
    mobile = String(13_500_000_000 + numbers++);
  });
  const meBy = async (token: string) => (await server.api('GET', '/auth/me', { token })).code;
  const refreshFrom = (token: string, { deviceId, address, userAgent }: From) => {
    const body = { refresh_token: token, ...(deviceId === undefined ? {} : { device_id: deviceId }) };
    const headers = {
      'user-agent': userAgent ?? 'a browser',
      ...(address === undefined ? {} : { 'X-Forwarded-For': address }),
    };
    return server.api<{ refresh_token: string }>('POST', '/auth/refresh', { body, headers });
  };
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
    clock.advance(GRACE_MS);
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

  it('A-4 tabs that refresh with one token at the same moment get the same successor, and stay logged in', async () => {
    for (let round = 0; round < 5; round++) {
      const login = await signIn(server, String(13_400_000_000 + numbers++));
      const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(server, login.refreshToken)));
      const tokens = new Set(answers.map((answer) => okay(answer).data.refresh_token));
      assert.equal(tokens.size, 1);
      const [next] = tokens;
      assert.equal((await refresh(server, next)).code, 'OK');
      assert.equal(await reasonOf(login.sessionId), null);
      assert.equal((await reusesOf(login.userId)).length, 0);
    }
  });

  it('A-4 a refresh whose answer was lost is repeated within 10 s, and ends the login after them', async () => {
    const login = await signIn(server, mobile);
    const first = okay(await refresh(server, login.refreshToken)).data;
    clock.advance(GRACE_MS - 1);
    const again = okay(await refresh(server, login.refreshToken)).data;
    assert.equal(again.refresh_token, first.refresh_token);
    assert.equal(await meBy(again.access_token), 'OK');
    clock.advance(1);
    assert.equal((await refresh(server, login.refreshToken)).code, 'TOKEN_REVOKED');
    assert.equal((await refresh(server, first.refresh_token)).code, 'TOKEN_REVOKED');
    assert.equal(await reasonOf(login.sessionId), 'reused');
  });

  it('A-4 a clock that was set back does not make the grace longer', async () => {
    const login = await signIn(server, mobile);
    okay(await refresh(server, login.refreshToken));
    clock.advance(-3_600_000);
    assert.equal((await refresh(server, login.refreshToken)).code, 'TOKEN_REVOKED');
    clock.advance(3_600_000);
  });

  const elsewhere: Record<string, [rotation: From, replay: From]> = {
    'another browser': [{}, { userAgent: 'another browser' }],
    'another device': [{ deviceId: 'phone-1' }, { deviceId: 'phone-2' }],
    'no device, where one was named': [{ deviceId: 'phone-1' }, {}],
    'a device, where none was named': [{}, { deviceId: 'phone-1' }],
    'another network': [{}, { address: '198.51.100.7' }],
  };
  for (const [title, [rotation, replay]] of Object.entries(elsewhere)) {
    it(`A-4 within the grace a replay from ${title} ends the login`, async () => {
      const login = await signIn(server, mobile);
      okay(await refreshFrom(login.refreshToken, rotation));
      assert.equal((await refreshFrom(login.refreshToken, replay)).code, 'TOKEN_REVOKED');
      assert.equal(await reasonOf(login.sessionId), 'reused');
    });
  }

  it('A-4 a device that names itself is known wherever it is', async () => {
    const login = await signIn(server, mobile);
    const first = okay(await refreshFrom(login.refreshToken, { deviceId: 'phone-1' })).data;
    const moved = { deviceId: 'phone-1', address: '198.51.100.7', userAgent: 'after an update' };
    assert.equal(okay(await refreshFrom(login.refreshToken, moved)).data.refresh_token, first.refresh_token);
  });

  it('A-4 a tab that is two exchanges behind is given the present token', async () => {
    const login = await signIn(server, mobile);
    const first = okay(await refresh(server, login.refreshToken)).data;
    const second = okay(await refresh(server, first.refresh_token)).data;
    const behind = okay(await refresh(server, login.refreshToken)).data;
    assert.equal(behind.refresh_token, second.refresh_token);
    clock.advance(GRACE_MS);
    okay(await refresh(server, second.refresh_token));
  });

  it('A-4 within the grace nothing is given to an ended login or a disabled user', async () => {
    const ended = await signIn(server, mobile);
    const { access_token: token } = okay(await refresh(server, ended.refreshToken)).data;
    okay(await server.api('POST', '/auth/logout', { token }));
    assert.equal((await refresh(server, ended.refreshToken)).code, 'TOKEN_REVOKED');
  });

  it('A-4 the database alone gives nobody a token', async () => {
    const login = await signIn(server, mobile);
    const { refresh_token: next } = okay(await refresh(server, login.refreshToken)).data;
    const rows = await server.context.database.read<Record<string, unknown>>(
      'SELECT * FROM rotated_refresh_tokens r JOIN customer_sessions s ON s.session_id = r.session_id WHERE r.session_id = ?',
      [login.sessionId],
    );
    assert.equal(rows.length, 1);
    const stored = JSON.stringify(rows);
    for (const secret of [login.refreshToken, next]) assert.ok(!stored.includes(secret));
    const sealed = String(rows[0]!['sealed_successor']);
    assert.ok(!Buffer.from(sealed, 'base64url').includes(Buffer.from(next, 'base64url')));
    assert.ok(!Buffer.from(sealed, 'base64url').includes(next));
    const device = JSON.stringify(['127.0.0.1/32', 'a browser']);
    for (const token of [String(rows[0]!['token_hash']), String(rows[0]!['refresh_token_hash']), next]) {
      assert.equal(openSuccessor(sealed, { token, device }), undefined);
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
