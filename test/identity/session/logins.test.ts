import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'mocha';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { startServer, type RunningServer } from '../../support/server.ts';
import { okay, refresh, signIn } from '../signedIn.ts';

const DAY_MS = 86_400_000;

interface Listed {
  items: { session_id: number; is_current: boolean }[];
  total: number;
}

forEachDatabase('logins', (_open, openUrl) => {
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
  const call = async (method: string, path: string, token: string) =>
    server.api<{ ended: number }>(method, `/auth/${path}`, { token });
  const listed = async (token: string, query = '') =>
    okay(await server.api<Listed>('GET', `/auth/sessions${query}`, { token })).data;
  const idsBy = async (token: string) => (await listed(token)).items.map(({ session_id: id }) => id);
  const meBy = async (token: string) => (await server.api('GET', '/auth/me', { token })).code;

  it('A-8 my logins are listed with where they come from, newest first, and nobody else’s', async () => {
    const phone = await signIn(server, mobile, { device_id: 'phone-1', userAgent: 'a phone' });
    clock.advance(60_000);
    const desk = await signIn(server, mobile);
    await signIn(server, '13900000001');
    okay(await refresh(server, phone.refreshToken));
    const { items, ...page } = await listed(desk.token);
    assert.deepEqual(page, { page: 1, limit: 20, total: 2 });
    const nowMs = clock.nowMs();
    const at = (timeMs: number) => new Date(timeMs).toISOString();
    assert.deepEqual(items, [
      {
        session_id: desk.sessionId,
        device_id: null,
        ip: '127.0.0.1',
        user_agent: 'a browser',
        created_at: at(nowMs),
        refreshed_at: null,
        expires_at: at(nowMs + 7 * DAY_MS),
        is_current: true,
      },
      {
        session_id: phone.sessionId,
        device_id: 'phone-1',
        ip: '127.0.0.1',
        user_agent: 'a phone',
        created_at: at(nowMs - 60_000),
        refreshed_at: at(nowMs),
        expires_at: at(nowMs + 7 * DAY_MS),
        is_current: false,
      },
    ]);
    const second = await listed(desk.token, '?page=2&limit=1');
    assert.deepEqual([second.total, second.items[0]!.session_id], [2, phone.sessionId]);
  });

  it('A-5 logging out takes effect at once, and on this login alone', async () => {
    const login = await signIn(server, mobile);
    const other = await signIn(server, mobile);
    assert.deepEqual(okay(await call('POST', 'logout', login.token)).data, { ended: 1 });
    for (const token of [login.token, login.token]) assert.equal(await meBy(token), 'TOKEN_REVOKED');
    assert.equal((await call('POST', 'logout', login.token)).code, 'TOKEN_REVOKED');
    assert.deepEqual(await idsBy(other.token), [other.sessionId]);
    assert.equal((await server.api('POST', '/auth/logout')).code, 'UNAUTHENTICATED');
  });

  it('A-8 one login is ended, any number of times; another’s is not to be found', async () => {
    const mine = await signIn(server, mobile);
    const lost = await signIn(server, mobile);
    const stranger = await signIn(server, '13900000001');
    const end = (sessionId: number | string, token = mine.token) =>
      call('DELETE', `sessions/${sessionId}`, token);
    assert.deepEqual(okay(await end(lost.sessionId)).data, { ended: 1 });
    assert.deepEqual(okay(await end(lost.sessionId)).data, { ended: 0 });
    assert.equal(await meBy(lost.token), 'TOKEN_REVOKED');
    for (const id of [stranger.sessionId, 2_000_000_000]) {
      const { status, code } = await end(id);
      assert.deepEqual([status, code], [404, 'NOT_FOUND']);
    }
    assert.equal((await end('all')).code, 'VALIDATION_FAILED');
    assert.equal(await meBy(stranger.token), 'OK');
    assert.deepEqual(okay(await end(mine.sessionId)).data, { ended: 1 });
    assert.equal(await meBy(mine.token), 'TOKEN_REVOKED');
  });

  it('A-8 all others are ended; those that have run out are not counted', async () => {
    const old = await signIn(server, mobile);
    clock.advance(7 * DAY_MS);
    const others = [await signIn(server, mobile), await signIn(server, mobile)];
    const mine = await signIn(server, mobile);
    const stranger = await signIn(server, '13900000001');
    assert.deepEqual(okay(await call('DELETE', 'sessions', mine.token)).data, { ended: 2 });
    assert.deepEqual(okay(await call('DELETE', 'sessions', mine.token)).data, { ended: 0 });
    for (const { token } of others) assert.equal(await meBy(token), 'TOKEN_REVOKED');
    assert.equal((await refresh(server, old.refreshToken)).code, 'TOKEN_REVOKED');
    assert.equal(await meBy(mine.token), 'OK');
    assert.equal(await meBy(stranger.token), 'OK');
    assert.deepEqual(await idsBy(mine.token), [mine.sessionId]);
  });

  it('A-4 ending a login while it is refreshed ends it, whichever comes first', async () => {
    const mine = await signIn(server, mobile);
    for (let round = 0; round < 10; round++) {
      const login = await signIn(server, mobile);
      const [refreshed, ended] = await Promise.all([
        refresh(server, login.refreshToken),
        call('DELETE', `sessions/${login.sessionId}`, mine.token),
      ]);
      assert.deepEqual(okay(ended).data, { ended: 1 });
      assert.ok(['OK', 'TOKEN_REVOKED'].includes(refreshed.code), refreshed.code);
      assert.equal(await meBy(refreshed.data?.access_token ?? login.token), 'TOKEN_REVOKED');
    }
    assert.deepEqual(await idsBy(mine.token), [mine.sessionId]);
  });
});
