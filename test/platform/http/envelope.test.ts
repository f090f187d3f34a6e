import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { ERRORS } from '../../../src/platform/errors.ts';
import type { Page } from '../../../src/platform/shapes.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { startServer, type RunningServer } from '../../support/server.ts';

interface Envelope {
  code: string;
  data: Record<string, unknown>;
  request_id: string;
  timestamp: string;
}
interface Operation {
  operationId: string;
  security?: unknown;
  requestBody: {
    content: Record<string, { schema: { properties: Record<string, { minimum: number; maximum: number }> } }>;
  };
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LISTED = 'https://diners.example';

forEachDatabase('HTTP edge', (_open, openUrl) => {
  let server: RunningServer;
  let token: string;
  before(async () => {
    const environment = { CORS_ORIGINS: `${LISTED}, https://admin.example` };
    server = await startServer(await openUrl(), { environment, sender: { send: async () => undefined } });
    ({ token } = await server.login('13900000001'));
  });
  after(() => server?.close());

  const raw = (path: string, init: RequestInit = {}) =>
    fetch(`${server.origin}${path}`, { redirect: 'manual', ...init });
  const body = async <Body = Envelope>(response: Response) => (await response.json()) as Body;
  const authorization = () => ({ authorization: `Bearer ${token}` });

  it('S-1 a success has exactly the fields of the envelope', async () => {
    const response = await raw('/api/v3/points/account', { headers: authorization() });
    const { data, timestamp, request_id: requestId, ...rest } = await body(response);
    assert.deepEqual(rest, { success: true, code: 'OK', message: 'OK' });
    assert.equal(data['available_points'], 10_000);
    assert.match(requestId, UUID);
    assert.equal(new Date(timestamp).toISOString(), timestamp);
    assert.match(response.headers.get('content-type') ?? '', /^application\/json; charset=utf-8/);
  });

  it('S-1 an error has its code, a message in the language asked for and no details of its own', async () => {
    const texts: Record<string, string> = {
      '': ERRORS.UNAUTHENTICATED[1],
      'zh-CN': ERRORS.UNAUTHENTICATED[1],
      'fr, de;q=0.9': ERRORS.UNAUTHENTICATED[1],
      en: ERRORS.UNAUTHENTICATED[2],
      'en-GB,en;q=0.9,zh;q=0.1': ERRORS.UNAUTHENTICATED[2],
      'fr, en-US;q=0.5': ERRORS.UNAUTHENTICATED[2],
    };
    for (const [language, message] of Object.entries(texts)) {
      const response = await raw('/api/v3/points/account', { headers: { 'accept-language': language } });
      assert.equal(response.status, 401);
      const { timestamp, request_id: requestId, ...rest } = await body(response);
      assert.deepEqual(rest, { success: false, code: 'UNAUTHENTICATED', message }, language);
      assert.ok(requestId && timestamp);
    }
  });

  it('S-1 X-Request-Id is echoed on answers and errors; a malformed one is replaced', async () => {
    for (const path of [
      '/api/v3/lottery/campaigns/1/fairness',
      '/api/v3/points/account',
      '/api/v3/nothing',
      '/health',
    ]) {
      const response = await raw(path, { headers: { 'x-request-id': 'trace_1-A' } });
      assert.equal(response.headers.get('x-request-id'), 'trace_1-A');
      const { request_id: requestId } = await body(response);
      if (path !== '/health') assert.equal(requestId, 'trace_1-A');
    }
    for (const given of ['a b', '<script>', 'x'.repeat(65)]) {
      const response = await raw('/api/v3/points/account', { headers: { 'x-request-id': given } });
      assert.match(response.headers.get('x-request-id') ?? '', UUID);
    }
  });

  it('S-1 an unknown route or method is NOT_FOUND, in the envelope', async () => {
    const calls: [method: string, path: string][] = [
      ['GET', '/api/v3/nothing'],
      ['POST', '/api/v3/points/account'],
      ['DELETE', '/api/v3/lottery/draw'],
      ['GET', '/api/v4/points/account'],
      ['GET', '/nothing'],
      ['GET', '/api/v3/lottery/campaigns/1/nothing'],
    ];
    for (const [method, path] of calls) {
      const response = await raw(path, { method, headers: authorization() });
      assert.deepEqual(
        [response.status, (await body(response)).code],
        [404, 'NOT_FOUND'],
        `${method} ${path}`,
      );
    }
    const broken = await raw('/api/v3/lottery/campaigns/%E0%A4%A', { headers: authorization() });
    assert.deepEqual([broken.status, (await body(broken)).code], [400, 'VALIDATION_FAILED']);
  });

  it('S-2 VALIDATION_FAILED lists the path and what is wrong of each fault', async () => {
    const sent = { mobile: '123', code: 7, extra: 1 };
    const { status, code, details } = await server.api('POST', '/auth/login', { body: sent });
    assert.deepEqual([status, code], [400, 'VALIDATION_FAILED']);
    for (const detail of details) assert.deepEqual(Object.keys(detail).sort(), ['message', 'path']);
    assert.deepEqual(details.map(({ path }) => path).sort(), ['code', 'extra', 'mobile']);
    assert.equal(
      details.find(({ path }) => path === 'mobile')?.message,
      'must be a mainland China mobile number',
    );
  });

  it('S-2 pages have bounds, and no query is taken that is not known', async () => {
    const list = (query: string) => server.api<Page<unknown>>('GET', `/lottery/history?${query}`, { token });
    const first = await list('');
    assert.deepEqual(first.data, { items: [], page: 1, limit: 20, total: 0, next: null });
    assert.equal((await list('limit=100&page=7')).data.page, 7);
    for (const query of [
      'limit=101',
      'limit=0',
      'limit=-1',
      'limit=1e2',
      'limit=a',
      'page=0',
      'page=1.5',
      'page=1&page=2',
    ]) {
      const { status, code, details } = await list(query);
      assert.deepEqual([status, code], [400, 'VALIDATION_FAILED'], query);
      assert.equal(details[0]?.path, query.slice(0, query.indexOf('=')));
    }
    assert.equal((await list('user_id=1')).code, 'VALIDATION_FAILED');
    const large = await server.api('GET', '/lottery/campaigns/1/fairness-log?limit=1001');
    assert.equal(large.code, 'VALIDATION_FAILED');
  });

  it('S-1 what comes too often is told when to come again', async () => {
    const mobile = '13700000001';
    assert.equal((await server.api('POST', '/auth/code', { body: { mobile } })).code, 'OK');
    const { status, code, headers } = await server.api('POST', '/auth/code', { body: { mobile } });
    assert.deepEqual([status, code, headers.get('retry-after')], [429, 'RATE_LIMITED', '60']);
  });

  it('A-11 nobody but the owner sees a mobile', async () => {
    const { userId } = await server.login('13900000002');
    for (const path of ['/lottery/campaigns/1', '/lottery/campaigns/1/fairness-log', '/lottery/history']) {
      const text = JSON.stringify((await server.api('GET', path, { token })).data);
      assert.ok(!text.includes('13900000002') && !text.includes('13900000001'), path);
    }
    assert.notEqual(
      (await server.api<{ user_id: number }>('GET', '/auth/me', { token })).data.user_id,
      userId,
    );
  });

  it('S-3 CORS: listed origins alone may read answers', async () => {
    const paths = [
      '/api/v3/lottery/campaigns/1/fairness',
      '/api/v3/points/account',
      '/matchmake/joinOrCreate/campaign',
    ];
    for (const path of paths) {
      for (const method of ['OPTIONS', path.startsWith('/match') ? 'POST' : 'GET']) {
        for (const [origin, allowed] of [
          [LISTED, LISTED],
          ['https://evil.example', null],
          ['null', null],
          [`${LISTED}.evil.example`, null],
        ] as const) {
          const headers = { origin, 'access-control-request-method': 'POST' };
          const response = await raw(path, { method, headers });
          await response.text();
          const about = `${method} ${path} from ${origin}`;
          assert.equal(response.headers.get('access-control-allow-origin'), allowed, about);
          const credentials = allowed === null ? null : 'true';
          assert.equal(response.headers.get('access-control-allow-credentials'), credentials, about);
          assert.match(response.headers.get('vary') ?? '', /origin/i, about);
        }
      }
    }
    const preflight = await raw(paths[1]!, { method: 'OPTIONS', headers: { origin: LISTED } });
    assert.ok(preflight.status < 300);
    for (const name of ['Authorization', 'Content-Type', 'Idempotency-Key', 'X-Request-Id']) {
      assert.match(preflight.headers.get('access-control-allow-headers') ?? '', new RegExp(name, 'i'));
    }
    assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /POST/);
  });

  it('S-3 answers carry the security headers', async () => {
    const { headers } = await raw('/api/v3/docs');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('x-frame-options'), 'SAMEORIGIN');
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'self'/);
    assert.equal(headers.get('x-powered-by'), null);
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
  });

  it('S-6 /health answers, and / leads to the docs', async () => {
    const health = await raw('/health');
    assert.deepEqual([health.status, await body(health)], [200, { status: 'ok' }]);
    const ready = await raw('/ready');
    assert.deepEqual([ready.status, await body(ready)], [200, { missing: [], status: 'ready' }]);
    const root = await raw('/');
    assert.deepEqual([root.status, root.headers.get('location')], [302, './api/v3/docs']);
  });

  it('S-2 openapi.json is OpenAPI 3.1 and has every route', async () => {
    const document = await body<Document>(await raw('/api/v3/openapi.json'));
    assert.match(document.openapi, /^3\.1\.\d+$/);
    const listed = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    const { routes } = server.context;
    const expected = ['get /health', 'get /ready', 'get /api/v3/openapi.json'];
    for (const { method, path } of routes)
      expected.push(`${method} /api/v3${path.replace(/:(\w+)/g, '{$1}')}`);
    assert.deepEqual(listed.sort(), expected.sort());
    const draw = document.paths['/api/v3/lottery/draw']!['post']!;
    assert.deepEqual(draw.security, [{ bearer: [] }]);
    const schema = draw.requestBody.content['application/json']!.schema;
    assert.deepEqual(
      [schema.properties['draw_count']?.minimum, schema.properties['draw_count']?.maximum],
      [1, 10],
    );
    assert.deepEqual(document.paths['/api/v3/lottery/campaigns/{id}/fairness']!['get']!.security, []);
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  it('S-2 the docs page loads with all that it refers to', async () => {
    const page = await raw('/api/v3/docs');
    assert.equal(page.status, 200);
    const text = await page.text();
    const assets = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
    assert.ok(assets.length >= 5);
    for (const link of assets) {
      const url = new URL(link, `${server.origin}/api/v3/docs`);
      assert.equal(url.origin, server.origin);
      const asset = await fetch(url);
      await asset.arrayBuffer();
      assert.equal(asset.status, 200, link);
    }
    assert.match(await (await raw('/api/v3/docs/swagger-initializer.js')).text(), /url: 'openapi\.json'/);
  });
});

forEachDatabase('HTTP edge without its database', (_open, openUrl) => {
  let server: RunningServer;
  before(async () => {
    server = await startServer(await openUrl());
  });
  it('S-6 /ready is 503, /health stays 200, and nothing of the cause leaks', async () => {
    const { token } = await server.login('13900000001');
    const { context, origin } = server;
    await context.database.close();
    const ready = await fetch(`${origin}/ready`);
    assert.deepEqual(
      [ready.status, await ready.json()],
      [503, { missing: ['database'], status: 'unavailable' }],
    );
    assert.equal((await fetch(`${origin}/health`)).status, 200);
    const { status, code, message, details } = await server.api('GET', '/points/account', { token });
    assert.deepEqual([status, code, message, details], [503, 'BUSY', ERRORS.BUSY[1], undefined]);
  });
  after(() => server?.close());
});
