import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, it } from 'mocha';
import { TestClock } from '../support/clock.ts';
import { onSqlite } from '../support/databases.ts';
import { startServer, type RunningServer } from '../support/server.ts';

onSqlite('about the server', (_open, openUrl) => {
  let server: RunningServer;
  before(async () => {
    const environment = { BUSINESS_TIMEZONE: 'Asia/Tokyo', MARKET: 'none' };
    server = await startServer(await openUrl(), { environment, clock: new TestClock() });
  });
  after(() => server?.close());

  it('RS-2 a page learns without a login where days begin, and may keep that for a minute', async () => {
    const { data, headers } = await server.api('GET', '/about');
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    assert.deepEqual(data, {
      business_timezone: 'Asia/Tokyo',
      market: 'none',
      version,
      banner: null,
      contact: null,
      now: '2026-03-01T04:00:00.000Z',
    });
    assert.equal(headers.get('Cache-Control'), 'public, max-age=60');
    const refused = await server.api('GET', '/about', { token: 'a.forged.token' });
    assert.deepEqual([refused.code, refused.headers.get('Cache-Control')], ['UNAUTHENTICATED', null]);
  });
});
