import assert from 'node:assert/strict';
import { forEachDatabase } from '../support/databases.ts';
import { startKeysAt } from '../support/factories.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { okay, refresh, signIn } from './signedIn.ts';

/** More logins than 32 bits count. */
const FROM = 5_000_000_000;
const TABLES = ['customer_sessions', 'login_logs', 'points_transactions'];

forEachDatabase('keys beyond 32 bits', (_open, openUrl) => {
  let server: RunningServer;
  before('starts a server whose next rows have them', async () => {
    server = await startServer(await openUrl());
    const { database } = server.context;
    for (const table of TABLES) await startKeysAt(database, table, FROM);
  });
  after(() => server?.close());

  it('DB-10 are in tokens, paths and answers as other keys are', async () => {
    const diner = await signIn(server, '13900000001');
    assert.ok(diner.sessionId >= FROM);
    const next = okay(await refresh(server, diner.refreshToken)).data.access_token;
    const listed = okay(
      await server.api<{ items: { session_id: number }[] }>('GET', '/auth/sessions', { token: next }),
    );
    assert.equal(listed.data.items[0]?.session_id, diner.sessionId);
    const spent = okay(
      await server.api<{ transaction_id: number }>('POST', '/points/consume', {
        token: next,
        body: { amount: 1, reason: 'large' },
        headers: { 'idempotency-key': 'large' },
      }),
    );
    assert.ok(spent.data.transaction_id >= FROM);
    const room = await server.joinCampaign(next);
    await room.leave();
    okay(await server.api('DELETE', `/auth/sessions/${diner.sessionId}`, { token: next }));
    assert.equal((await server.api('GET', '/auth/me', { token: next })).status, 401);
  });

  it('DB-10 a key that is not exact as a number is refused', async () => {
    const { token } = await server.login('13900000002');
    const answer = await server.api('DELETE', '/auth/sessions/9007199254740993', { token });
    assert.equal(answer.code, 'VALIDATION_FAILED');
  });
});
