import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { onSqlite } from '../../support/databases.ts';
import { startServer, type RunningServer } from '../../support/server.ts';

const LIMIT = 20;

onSqlite('the limit of requests', (_open, openUrl) => {
  let server: RunningServer;
  before(async () => {
    server = await startServer(await openUrl(), { environment: { REQUESTS_PER_MINUTE: String(LIMIT) } });
  });
  after(() => server?.close());

  it('S-3 one user more than the limit is told when to come back; another user is not', async () => {
    const [one, other] = [await server.login('13900000001'), await server.login('13900000002')];
    const codes: string[] = [];
    for (let at = 0; at <= LIMIT; at++) {
      codes.push((await server.api('GET', '/points/account', { token: one.token })).code);
    }
    assert.deepEqual([codes.filter((code) => code === 'OK').length, codes.at(-1)], [LIMIT, 'RATE_LIMITED']);
    const refused = await server.api('GET', '/points/account', { token: one.token });
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get('Retry-After')) > 0);
    assert.equal((await server.api('GET', '/points/account', { token: other.token })).code, 'OK');
    assert.equal((await fetch(`${server.origin}/health`)).status, 200);
  });

  it('S-3 whoever is not logged in counts by the network', async () => {
    const codes: string[] = [];
    for (let at = 0; at <= LIMIT; at++)
      codes.push((await server.api('GET', '/lottery/campaigns/1/fairness')).code);
    assert.equal(codes.at(-1), 'RATE_LIMITED');
  });
});
