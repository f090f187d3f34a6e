import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { readOperations, type Operation } from '../fuzz/document.ts';
import { exampleOf, requestOf } from '../fuzz/requests.ts';
import { onSqlite } from '../support/databases.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { logInAll, MOBILES, type People } from './people.ts';

const LISTED = 'https://diners.example';
const FOREIGN = [
  'https://evil.example',
  'null',
  `${LISTED}.evil.example`,
  'https://evil-diners.example',
  'http://diners.example',
  `${LISTED}:8443`,
  'https://DINERS.example',
  'file://',
  '*',
];

onSqlite('foreign origins', (_open, openUrl) => {
  let venue: Venue;
  let people: People;
  let operations: Operation[];
  before(async () => {
    venue = await openVenue(await openUrl(), { environment: { CORS_ORIGINS: LISTED } });
    people = await logInAll(venue);
    operations = await readOperations(venue.origin);
  });
  after(() => venue?.close());

  const allowed = ({ headers }: Response) => [
    headers.get('access-control-allow-origin'),
    headers.get('access-control-allow-credentials'),
  ];
  const paths = () => [
    ...operations.map((operation) => `/api/v3${requestOf(operation, exampleOf(operation)).path}`),
    '/matchmake/joinOrCreate/campaign',
    '/health',
    '/monitor/',
    '/monitor/api',
    '/api/v3/openapi.json',
    '/nothing',
  ];

  it('S-3 a foreign origin is allowed nothing, by preflight or by call, on any path', async () => {
    for (const path of paths()) {
      for (const origin of FOREIGN) {
        for (const method of ['OPTIONS', 'GET', 'POST']) {
          const headers = {
            origin,
            authorization: `Bearer ${people.otherDiner.token}`,
            'access-control-request-method': 'DELETE',
            'access-control-request-headers': 'authorization',
            'access-control-request-private-network': 'true',
          };
          const response = await fetch(`${venue.origin}${path}`, { method, headers, redirect: 'manual' });
          await response.arrayBuffer();
          assert.deepEqual(allowed(response), [null, null], `${method} ${path} from ${origin}`);
          assert.equal(response.headers.get('access-control-allow-private-network'), null);
          assert.match(response.headers.get('vary') ?? '', /origin/i, path);
        }
      }
    }
  }).timeout(60_000);

  it('S-3 a listed origin gets exactly itself', async () => {
    for (const path of paths()) {
      const response = await fetch(`${venue.origin}${path}`, {
        method: 'OPTIONS',
        headers: { origin: LISTED },
      });
      assert.deepEqual(allowed(response), [LISTED, 'true'], path);
    }
  });

  it('S-3 a script of a listed origin may read when to ask again, the id of the request, and whether it was replayed', async () => {
    const refused = ['/matchmake/joinOrCreate/nothing', '/matchmake/create/campaign'];
    for (const path of [...paths(), ...refused]) {
      const response = await fetch(`${venue.origin}${path}`, {
        method: path.startsWith('/matchmake') ? 'POST' : 'GET',
        headers: { origin: LISTED, authorization: `Bearer ${people.otherDiner.token}` },
        redirect: 'manual',
      });
      await response.arrayBuffer();
      const exposed = response.headers.get('access-control-expose-headers');
      assert.equal(exposed, 'Idempotency-Replayed, Retry-After, X-Request-Id', `${response.status} ${path}`);
    }
    const malformed = await fetch(`${venue.origin}/matchmake/joinOrCreate/campaign`, {
      method: 'POST',
      headers: { origin: LISTED, 'content-type': 'text/plain' },
      body: 'x',
    });
    assert.deepEqual(
      [malformed.status, malformed.headers.get('access-control-expose-headers') !== null],
      [400, true],
    );
  });

  /** A browser sends the cookie along wherever it is asked to; the token it is made of is none for the API. */
  describe('the monitor', () => {
    let cookie: string;
    let setCookie: string;
    before(async () => {
      const { token } = people.superAdmin;
      const answer = await venue.api('POST', '/admin/monitor/session', { token });
      assert.equal(answer.code, 'OK');
      setCookie = answer.headers.get('set-cookie') ?? '';
      cookie = setCookie.split(';')[0]!;
    });
    const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
      const response = await fetch(`${venue.origin}/monitor${path}`, { method, headers, redirect: 'manual' });
      const text = await response.text();
      return { status: response.status, text, headers: response.headers };
    };
    const own = () => ({ cookie, 'sec-fetch-site': 'same-origin' });
    const kick = (roomId: string, sessionId: string) =>
      `/api/room/call?roomId=${roomId}&method=_forceClientDisconnect&args=${encodeURIComponent(JSON.stringify([sessionId]))}`;

    it('R-7 its cookie is for its own pages and for no script', () => {
      for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/monitor']) {
        assert.ok(setCookie.includes(part), setCookie);
      }
      assert.ok(!/domain/i.test(setCookie));
    });

    it('R-7 nothing of it is shown without the cookie, or to a cookie that is forged', async () => {
      const [name, value] = cookie.split('=') as [string, string];
      const { token: diner } = people.diner;
      const cookies = ['', `${name}=`, `${name}=x`, `${name}=${diner}`, `${name}=${people.superAdmin.token}`];
      const [head, payload] = value.split('.');
      const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
      for (const forged of [...cookies, `${name}=${head}.${payload}.`, `${name}=${unsigned}.${payload}.`]) {
        for (const path of [
          '/',
          '/api',
          '/api/room?roomId=campaign-1',
          '/assets/x.js',
          kick('campaign-1', 'x'),
        ]) {
          const { status } = await ask(path, { cookie: forged, 'sec-fetch-site': 'same-origin' });
          assert.equal(status, 401, `${path} with ${forged}`);
        }
      }
      const asBearer = {
        authorization: `Bearer ${people.superAdmin.token}`,
        'sec-fetch-site': 'same-origin',
      };
      assert.equal((await ask('/api', asBearer)).status, 401);
      assert.equal((await venue.api('GET', '/points/account', { token: value })).code, 'UNAUTHENTICATED');
    });

    it('R-7 a page of another origin cannot make a browser call a room', async () => {
      const seat = await venue.sit(MOBILES.diner);
      const { sessionId, roomId } = seat.room;
      const { host } = new URL(venue.origin);
      const foreign: Record<string, string>[] = [
        {},
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'none' },
        { 'sec-fetch-site': 'cross-site', origin: venue.origin },
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { origin: LISTED },
        { origin: `https://${host}.evil.example` },
        { origin: `https://evil.example/?${host}` },
        { origin: `https://${host}@evil.example` },
        { referer: 'https://evil.example/' },
        { referer: `https://evil.example/${host}/` },
        { 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' },
      ];
      for (const headers of foreign) {
        for (const path of [kick(roomId, sessionId), '/api', `/api/room?roomId=${roomId}`]) {
          const { status } = await ask(path, { cookie, ...headers });
          assert.equal(status, 403, `${path} with ${JSON.stringify(headers)}`);
        }
      }
      assert.ok(seat.room.connection.isOpen, 'the diner was kicked');
      assert.equal((await seat.me()).rank, null);
    });

    it('R-7 nor is any other method of a room or of HTTP to be had', async () => {
      const calls = [
        'disconnect',
        'broadcast',
        'onOwnerCall',
        'setState',
        '_sendMessageToClient',
        'constructor',
        'toString',
        '__proto__',
      ];
      for (const method of calls) {
        const { status } = await ask(`/api/room/call?roomId=campaign-1&method=${method}&args=%5B%5D`, own());
        assert.ok([400, 403, 404].includes(status), `${method}: ${status}`);
      }
      for (const path of [
        '/api/room/call?method=disconnect&method=getInspectData&roomId=campaign-1&args=[]',
        '/../../etc/passwd',
        '/assets/..%2f..%2fpackage.json',
        '/api/room?roomId=../x',
        '/api/room?roomId[]=campaign-1',
      ]) {
        const { status } = await ask(path, own());
        assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
      }
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
        const { status } = await ask(kick('campaign-1', 'x'), own(), method);
        assert.equal(status, 404, method);
      }
      const page = await ask('/', own());
      assert.equal(page.status, 200);
      const room = await ask('/api/room?roomId=campaign-1', own());
      assert.deepEqual([room.status, room.headers.get('cache-control')], [200, 'no-store']);
      assert.match(page.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
    });

    it('R-7 A-9 only who may use it gets the cookie, and loses it with the login', async () => {
      for (const who of ['diner', 'staff', 'admin'] as const) {
        const { status } = await venue.api('POST', '/admin/monitor/session', { token: people[who].token });
        assert.equal(status, 403, who);
      }
      assert.equal((await ask('/api', own())).status, 200);
      const { token } = await venue.login(MOBILES.superAdmin);
      const opened = await venue.api('POST', '/admin/monitor/session', { token });
      const second = opened.headers.get('set-cookie')!.split(';')[0]!;
      assert.equal((await venue.api('POST', '/auth/logout', { token })).code, 'OK');
      const { status } = await ask('/api', { cookie: second, 'sec-fetch-site': 'same-origin' });
      assert.equal(status, 401);
      assert.equal((await ask('/api', own())).status, 200);
    });
  });
});
