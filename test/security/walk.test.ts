/**
 * A-9 default deny, as a walk over everything that can be called: it fails when a route, a room's message or a mounted path
 * appears that declares no permission or that nobody has listed.
 */
import assert from 'node:assert/strict';
import { matchMaker, Server, type Room } from '@colyseus/core';
import { after, before, it } from 'mocha';
import { PERMISSIONS } from '../../src/identity/access/permissions.ts';
import { readOperations, type Operation } from '../fuzz/document.ts';
import { exampleOf } from '../fuzz/requests.ts';
import { onSqlite } from '../support/databases.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { call, logInAll, type People } from './people.ts';

/** Whatever may be called without a login; a new one is added here by somebody who has thought about it. */
const PUBLIC_ROUTES = [
  'GET /about',
  // By a key that nobody guesses.
  'GET /images/{key}',
  'GET /lottery/campaigns/{id}/fairness',
  'GET /lottery/campaigns/{id}/fairness-export',
  'GET /lottery/campaigns/{id}/fairness-log',
  'GET /lottery/draws/{id}/proof',
  'POST /auth/code',
  'POST /auth/login',
  'POST /auth/refresh',
];
/** Outside of /admin, where all routes are: those that a login alone is not enough for. */
const STAFF_ROUTES = [
  'DELETE /analytics/funnels/{id}',
  'GET /analytics/funnels',
  'GET /analytics/funnels/{id}',
  'GET /analytics/funnels/{id}/report',
  'GET /analytics/realtime',
  'GET /analytics/realtime/names',
  'GET /events',
  'GET /events/stats',
  'GET /events/stream',
  'GET /events/types',
  'GET /events/{id}',
  'GET /smart/feedback',
  'GET /smart/insights',
  'GET /smart/models',
  'GET /smart/models/{version}/report',
  'GET /smart/people/{user_id}/recommendations',
  'GET /smart/trends',
  'POST /analytics/funnels',
  'POST /analytics/funnels/run',
  'POST /events/publish',
  'POST /events/retry',
  'POST /events/{id}/retry',
  'POST /points/consume-frozen',
  'POST /points/earn',
  'POST /points/freeze',
  'POST /points/pay',
  'POST /points/pay/{bill_no}/refund',
  'POST /points/transactions/{id}/rollback',
  'POST /points/unfreeze',
  'POST /smart/insights/look',
  'POST /smart/insights/{id}/dismiss',
  'POST /smart/models',
  'POST /smart/models/{version}/activate',
  'PUT /analytics/funnels/{id}',
];
/** Paths besides the API's routes; what is mounted elsewhere is refused until it is listed. */
const PLAIN_PATHS = [
  ...['/', '/health', '/ready', '/openapi.json', '/docs'],
  ...['initializer.js', 'ui.css', 'ui-bundle.js', 'ui-standalone-preset.js'].map(
    (name) => `/docs/swagger-${name}`,
  ),
  ...['/docs/index.css', '/docs/favicon-16x16.png', '/docs/favicon-32x32.png'],
];
/** Below /monitor, behind its cookie: origins.test.ts. */
const MONITOR_PATHS = ['/api/room', '/api/room/call', String(/^\/(api)?$|^\/assets\/[\w.-]+$/)];

const nameOf = ({ method, path }: { method: string; path: string }) =>
  `${method.toUpperCase()} ${path.replace(/:(\w+)/g, '{$1}')}`;

onSqlite('what may be called', (_open, openUrl) => {
  let server: RunningServer;
  let people: People;
  let operations: Operation[];
  before(async () => {
    server = await startServer(await openUrl());
    people = await logInAll(server);
    operations = await readOperations(server.origin);
  });
  after(() => server?.close());

  it('A-9 every route declares who may call it, and the public ones are listed', () => {
    const { routes } = server.context;
    assert.ok(routes.length > 0);
    for (const route of routes) {
      assert.ok(
        ['public', 'user', ...PERMISSIONS].includes(route.access),
        `${nameOf(route)}: ${route.access}`,
      );
    }
    for (const route of routes.filter(({ path }) => path.startsWith('/admin/'))) {
      assert.ok((PERMISSIONS as string[]).includes(route.access), `${nameOf(route)} needs no permission`);
    }
    const ofStaff = routes.filter(
      ({ access, path }) => (PERMISSIONS as string[]).includes(access) && !path.startsWith('/admin/'),
    );
    assert.deepEqual(ofStaff.map(nameOf).sort(), STAFF_ROUTES);
    const open = routes.filter(({ access }) => access === 'public').map(nameOf);
    for (const name of open) assert.ok(PUBLIC_ROUTES.includes(name), `${name} is public and not listed`);
    const ending = routes.filter(({ isStream }) => isStream !== true);
    assert.deepEqual(operations.map(({ name }) => name).sort(), ending.map(nameOf).sort());
    for (const { name, isPublic } of operations) assert.equal(isPublic, open.includes(name), name);
  });

  it('A-9 nothing is mounted besides the routes and a short list', () => {
    const routes = new Set(server.context.routes.map(({ path }) => `/api/v3${path}`));
    for (const path of mountedPaths()) {
      assert.ok(
        routes.has(path) || [...PLAIN_PATHS, ...MONITOR_PATHS].includes(path),
        `${path} is mounted and not listed`,
      );
    }
  });

  it('A-9 without a token every route that is not public answers 401, before anything else is looked at', async () => {
    for (const operation of operations.filter(({ isPublic }) => !isPublic)) {
      for (const parts of [
        exampleOf(operation),
        { path: { id: '-' }, query: {}, headers: {}, body: undefined },
      ]) {
        const bodies = [parts.body, ...(operation.method === 'GET' ? [] : [{ unknown: 1 }, []])];
        for (const body of bodies) {
          const { status, code } = await call(server.origin, operation, { ...parts, body });
          assert.deepEqual([status, code], [401, 'UNAUTHENTICATED'], operation.name);
        }
      }
    }
  });

  it('A-9 a diner is refused with 403 on every route with a permission, before anything else is looked at', async () => {
    let asked = 0;
    for (const operation of operations) {
      const { access } = server.context.routes.find((route) => nameOf(route) === operation.name)!;
      if (access === 'public' || access === 'user') continue;
      asked += 1;
      const example = exampleOf(operation);
      for (const body of [example.body, operation.method === 'GET' ? undefined : { unknown: 1 }]) {
        const parts = { ...example, body, headers: {} };
        const answer = await call(server.origin, operation, parts, { token: people.diner.token });
        assert.deepEqual([answer.status, answer.code], [403, 'FORBIDDEN'], operation.name);
      }
    }
    assert.ok(asked > 0);
  });

  it('A-9 every message of every room declares who may send it, and is refused to who may not', async () => {
    const { userId } = people.diner;
    const auth = { identity: { userId, sessionId: 1, role: 'user', nickname: 'd' }, language: 'en' };
    const context = { id: 1, reject: (reason: unknown) => reason };
    let asked = 0;
    for (const name of roomTypes()) {
      for (const [type, handler] of Object.entries(messagesOf(name))) {
        if (type === '*') {
          assert.equal(handler({ auth }, {}, context), undefined, `${name} answers unknown messages`);
          continue;
        }
        asked += 1;
        const about = `${name} ${type}`;
        assert.ok(['user', ...PERMISSIONS].includes(handler.access as string), about);
        assert.equal(
          await handler({}, {}, context),
          undefined,
          `${about} is answered to a client without a login`,
        );
        if (handler.access === 'user') continue;
        const refused = (await handler({ auth }, { unknown: 1 }, context)) as { code: string };
        assert.equal(refused.code, 'FORBIDDEN', about);
      }
    }
    assert.ok(asked > 0);
  });

  it('ROOM-6 every message of every room has a rate, and is answered RATE_LIMITED beyond it', async () => {
    const { userId } = people.diner;
    const context = { id: 1, reject: (reason: unknown) => reason };
    for (const name of roomTypes()) {
      for (const [type, handler] of Object.entries(messagesOf(name)).filter(([key]) => key !== '*')) {
        const about = `${name} ${type}`;
        const { perSecond, burst } = handler.rate ?? {};
        assert.ok(
          perSecond! > 0 && burst! >= 1 && Number.isFinite(perSecond! + burst!),
          `${about} has no rate`,
        );
        const auth = { identity: { userId, sessionId: 1, role: 'user', nickname: 'd' }, language: 'en' };
        const client = { auth };
        const codes: unknown[] = [];
        for (let sent = 0; sent < burst! * 2; sent++)
          codes.push(((await handler(client, { unknown: 1 }, context)) as { code?: string }).code);
        const limited = (await handler(client, { unknown: 1 }, context)) as {
          code: string;
          retry_after: number;
        };
        assert.equal(limited.code, 'RATE_LIMITED', about);
        assert.ok(limited.retry_after >= 1, about);
        assert.ok(
          codes.slice(0, Math.floor(burst!)).every((code) => code !== 'RATE_LIMITED'),
          about,
        );
        // Of another connection's turns nothing is gone.
        const other = (await handler({ auth: { ...auth } }, { unknown: 1 }, context)) as { code?: string };
        assert.notEqual(other.code, 'RATE_LIMITED', about);
      }
    }
  });

  it('A-9 no room lets anyone in without a good token', async () => {
    for (const name of roomTypes()) {
      const { onAuth } = matchMaker.getRoomClass(name) as unknown as {
        onAuth(token: string, options: unknown, context: { headers: Headers }): Promise<unknown>;
      };
      for (const token of ['', 'x', `${people.diner.token}x`]) {
        await assert.rejects(
          async () => onAuth(token, {}, { headers: new Headers() }),
          /UNAUTHENTICATED/,
          name,
        );
      }
      for (const method of ['joinOrCreate', 'join', 'create', 'joinById', 'reconnect']) {
        for (const room of [name, `${name}-1`]) {
          const response = await fetch(`${server.origin}/matchmake/${method}/${room}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ campaign_id: 1, reconnectionToken: 'guess' }),
          });
          assert.ok([400, 401, 403, 404].includes(response.status), `${method} ${room}: ${response.status}`);
          assert.ok(!(await response.text()).includes('sessionId'));
        }
      }
    }
  });
});

type Handler = ((client: object, payload: unknown, context: object) => unknown) & {
  access?: unknown;
  rate?: { perSecond: number; burst: number };
};

function roomTypes(): string[] {
  const names = Object.keys(matchMaker.getAllHandlers());
  assert.ok(names.length > 0);
  return names;
}

/** The messages of a room as it is made, before it is opened for anything. */
function messagesOf(name: string): Record<string, Handler> {
  const made = new (matchMaker.getRoomClass(name) as unknown as new () => Room)();
  return made.messages as unknown as Record<string, Handler>;
}

interface Layer {
  route?: { path: string | RegExp };
  handle: { stack?: Layer[] };
}

/** The path of everything that express leads to a handler. */
function mountedPaths(): string[] {
  const { transport } = Server.current!;
  const app = transport.getExpressApp!() as unknown as { router: { stack: Layer[] } };
  const pathsOf = (layers: Layer[]): string[] =>
    layers.flatMap(({ route, handle }) =>
      route === undefined ? pathsOf(handle.stack ?? []) : [String(route.path)],
    );
  return pathsOf(app.router.stack);
}
