import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { onSqlite } from '../support/databases.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { MOBILES } from './people.ts';
import { sendRaw } from './rawHttp.ts';

const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

onSqlite('requests that no client would send', (_open, openUrl) => {
  let venue: Venue;
  let token: string;
  before(async () => {
    venue = await openVenue(await openUrl());
    ({ token } = await venue.login(MOBILES.superAdmin));
  });
  after(() => venue?.close());
  afterEach('the server lives', async () => {
    assert.equal((await fetch(`${venue.origin}/health`)).status, 200);
    assert.equal((await venue.api('GET', '/points/account', { token })).code, 'OK');
  });

  it('S-3 a length that lies, and whatever could be read as two requests, is refused', async () => {
    const { host } = new URL(venue.origin);
    const head = `POST /api/v3/points/consume HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
    const smuggled = `GET /api/v3/auth/me HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    const bad: Record<string, string> = {
      'two lengths': `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
      'a length and chunks': `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      'chunks, misspelt': `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
      'chunks twice': `${head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
      'a space before the colon': `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
      'a negative length': `${head}Content-Length: -1\r\n\r\n{}`,
      'a length that is no number': `${head}Content-Length: 2x\r\n\r\n{}`,
      'a chunk that is no number': `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
      'a header that is folded': `${head}X: a\r\n b: c\r\nContent-Length: 2\r\n\r\n{}`.replace(
        'X: a',
        'X : a',
      ),
      'a line that ends in LF alone': `${head}Content-Length: 2\nX: y\r\n\r\n{}`,
      'a NUL in a header': `${head}X: a\u0000b\r\nContent-Length: 2\r\n\r\n{}`,
      'no HTTP': 'hello\r\n\r\n',
      'another version': 'GET / HTTP/9.9\r\n\r\n',
      'no host': 'GET /health HTTP/1.1\r\n\r\n',
    };
    for (const [what, request] of Object.entries(bad)) {
      const { statuses, isClosed, text } = await sendRaw(venue.origin, request);
      assert.deepEqual([statuses, isClosed], [[400], true], `${what}: ${text.slice(0, 200)}`);
    }
    // One that is longer than it says ends where it says, and the rest is a request of its own: a bad one.
    const longer = await sendRaw(venue.origin, `${head}Content-Length: 2\r\n\r\n{}GARBAGE\r\n\r\n`);
    assert.deepEqual(longer.statuses.at(-1), 400);
    // One that is shorter is waited for, and nothing is done meanwhile.
    const shorter = await sendRaw(
      venue.origin,
      `${head}Idempotency-Key: k\r\nContent-Length: 100\r\n\r\n{"amount":1,"reason":"x"}`,
    );
    assert.deepEqual(shorter.statuses, []);
  }).timeout(60_000);

  it('S-3 a URL, a header or a number of headers beyond measure is refused', async () => {
    const { host } = new URL(venue.origin);
    const long = (text: string) => sendRaw(venue.origin, text);
    const url = await long(
      `GET /api/v3/points/account?${'a'.repeat(20_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    );
    assert.ok([414, 431].includes(url.status ?? 0), url.text);
    const header = await long(`GET /health HTTP/1.1\r\nHost: ${host}\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`);
    assert.equal(header.status, 431);
    const many = Array.from({ length: 3000 }, (_, at) => `X-${at}: a\r\n`).join('');
    assert.equal((await long(`GET /health HTTP/1.1\r\nHost: ${host}\r\n${many}\r\n`)).status, 431);
    const segments = await venue.api('GET', `/lottery/campaigns/${'1'.repeat(8000)}`, { token });
    assert.deepEqual([segments.status, segments.code], [400, 'VALIDATION_FAILED']);
  });

  it('S-3 a host, a scheme or a target that is no part of a URL is answered, whatever it is', async () => {
    const hosts = ['a b', '[', 'x:99999999', '%', '<>', '', ':', '@', 'a/b', '[::1', '\u00ff'];
    for (const host of hosts) {
      for (const target of [
        'POST /matchmake/joinOrCreate/campaign',
        'GET /__healthcheck',
        'GET /health',
        'GET /api/v3/points/account',
      ]) {
        const { status } = await sendRaw(
          venue.origin,
          `${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`,
        );
        assert.ok(
          status !== undefined && status < 500,
          `${target} of the host ${JSON.stringify(host)}: ${status}`,
        );
      }
    }
    for (const scheme of ['://', 'javascript:', 'a b', 'http, https', '[']) {
      const headers = `Host: x\r\nX-Forwarded-Proto: ${scheme}\r\nContent-Length: 0\r\n\r\n`;
      const { status } = await sendRaw(
        venue.origin,
        `POST /matchmake/joinOrCreate/campaign HTTP/1.1\r\n${headers}`,
      );
      assert.ok(status !== undefined && status < 500, `${scheme}: ${status}`);
    }
    for (const target of ['*', '*|x', '*%zz', 'http://%/', '//', '/%', '/%00', '/..%2f..', '/\u00ff']) {
      for (const upgrade of ['', UPGRADE]) {
        const { status, text } = await sendRaw(
          venue.origin,
          `GET ${target} HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`,
        );
        assert.ok(status !== undefined && status < 500, `${target} ${upgrade}: ${text}`);
      }
    }
  }).timeout(60_000);

  it('S-3 TRACE, CONNECT and methods nobody has lead nowhere', async () => {
    const { host } = new URL(venue.origin);
    for (const path of ['/api/v3/points/account', '/matchmake/joinOrCreate/campaign', '/monitor/api']) {
      for (const method of ['TRACE', 'PROPFIND', 'PURGE', 'SEARCH', 'LINK', 'MKCOL', 'QUERY']) {
        const request = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nX-Secret: echo-me\r\nContent-Length: 0\r\n\r\n`;
        const { status, text } = await sendRaw(venue.origin, request);
        assert.ok([400, 401, 404, 405].includes(status ?? 0), `${method} ${path}: ${status}`);
        assert.ok(!text.includes('echo-me'));
      }
      const override = { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' };
      const { status } = await fetch(`${venue.origin}${path}?_method=DELETE`, { headers: override });
      assert.ok(status >= 400 && status < 500);
    }
    const { statuses } = await sendRaw(
      venue.origin,
      `CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    );
    assert.ok(!statuses.includes(200));
    assert.ok((await sendRaw(venue.origin, 'FOO / HTTP/1.1\r\nHost: x\r\n\r\n')).status === 400);
  });
});
