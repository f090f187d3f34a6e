/**
 * S-2 the OpenAPI document says what the server does: every answer that it has is given once here, but for a short list, and
 * no answer is given that it does not have.
 */
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, it } from 'mocha';
import { readOperations, type Operation } from '../../fuzz/document.ts';
import { exampleOf, requestOf } from '../../fuzz/requests.ts';
import { buildDocument } from '../../../src/platform/http/openapi.ts';
import { LIMITS } from '../../../src/platform/limits.ts';
import { API_ROOT } from '../../../src/platform/http/route.ts';
import { contractOf, type Contract, type SeenAnswer } from '../../support/contract.ts';
import { forEachDatabase, onSqlite } from '../../support/databases.ts';
import { eventually } from '../../support/seat.ts';
import { startServer, type RunningServer } from '../../support/server.ts';
import { askedRequest } from './askedRequest.ts';
import { callersOf, type Asked, type Callers } from './contractCallers.ts';
import { keyCall, refusals, succeedEverywhere } from './contractCalls.ts';

/** Its answer has no end: test/events/stream.test.ts. */
const STREAM = /^get .*events\/stream /;
/** They ask nothing that could be away or busy, but for whose token that is. */
const WITHOUT_DATABASE = new Set(['GET /about', 'GET /trades/terms']);
/** Nothing but a fault in the server, or a balancer in front of it, can make these happen. */
const NEVER_HERE: RegExp[] = [
  / 500$/,
  STREAM,
  /^get .*\/(about|trades\/terms) 503$/, // WITHOUT_DATABASE
  // Every user has an account, and every login is kept for longer than its tokens are good.
  /^(get .*(points\/(account|expiring|rules|tasks)|smart\/recommendations)|post .*points\/(consume|check-in)|post .*auth\/logout) 404$/,
  // Only while another one is made, or of one that was refused: test/smart/recommendations.test.ts.
  /^post .*smart\/models(\/\{version\}\/activate)? 409$/,
  // Whoever is blocked is logged out by it, which a refresh token is told.
  /^post .*auth\/refresh 403$/,
  // Only of a campaign beyond those that can have draws, test/lottery/drawIds.test.ts.
  /^post .*fairness\/rotate 409$/,
  // Only when there are as many as there may be, test/points/rules/rulesRoutes.test.ts.
  /^post .*admin\/rules 409$/,
  // A second person has edited it, or something is open to it: test/analytics/segments.test.ts.
  /^(put|delete) .*admin\/segment-conditions\/.* 409$/,
  // A server with a bucket sends others there: test/images/bucket.test.ts.
  /^get .*images\/\{key\} 302$/,
  // Answered by the load balancer alone, test/http/nginx.test.ts.
  /^get (\/health|\/ready|\/api\/v3\/openapi\.json) (400|413|503)$/,
];

/** Answered 201, and 202. */
const CREATING = [
  'POST /admin/api-keys',
  'POST /admin/webhooks',
  'POST /admin/rules',
  'POST /admin/segment-conditions',
  'POST /admin/campaigns',
  'POST /admin/campaigns/{id}/clone',
  'POST /admin/restaurants',
  'POST /admin/products',
  'POST /analytics/funnels',
  'POST /trades',
  'POST /images',
  'POST /spend-claims',
];
const ACCEPTING = [
  'POST /admin/campaigns/simulate',
  'POST /admin/import/members',
  'POST /smart/models',
  'POST /admin/notifications',
  'POST /admin/users/{id}/merges',
];
/** Bytes that a body may have, where they are others. */
const LARGE: Record<string, number> = {
  'POST /admin/prizes/{id}/coupons': LIMITS.couponUploadBytes,
  'PUT /admin/chat/words': LIMITS.wordListBytes,
  'POST /admin/import/members': LIMITS.importBytes,
};
/** What is worked out is kept for minutes: one that nobody has asked for. */
const NEW_QUERY: Record<string, string> = {
  'GET /smart/trends': '?measure=points_earned',
  'GET /smart/behavior-analysis': '?kind=paths&page=new',
};
const PLAIN = ['/health', '/ready', `${API_ROOT}/openapi.json`];
const MISSING = 2_147_483_647;

forEachDatabase('OpenAPI contract', (_open, openUrl) => {
  let server: RunningServer;
  let operations: Operation[];
  let callers: Callers;
  let contract: Contract;
  const seen = new Set<string>();
  before(async () => {
    server = await startServer(await openUrl(), { sender: { send: async () => undefined } });
    operations = await readOperations(server.origin);
    contract = contractOf(server.context.routes);
    callers = await callersOf(server);
  });
  after(() => server?.close());

  /** Sends it as it is, and holds the answer against the document. */
  const send = async (origin: string, template: string, asked: Sent): Promise<SeenAnswer> => {
    const answer = await exchange(origin, asked);
    assert.equal(contract.violationOf(answer), undefined);
    seen.add(`${asked.method.toLowerCase()} ${template} ${answer.status}`);
    return answer;
  };
  const ask = async (asked: Asked) => {
    const { template, path, ...sent } = askedRequest(asked);
    const answer = await send(server.origin, `${API_ROOT}${template}`, {
      ...sent,
      path: `${API_ROOT}${path}`,
    });
    return { ...answer, answer: isJson(answer) ? JSON.parse(answer.text) : {} };
  };
  const succeed = async (asked: Asked) => {
    const { status, answer, text } = await ask(asked);
    const isAccepted = asked.waits === true || ACCEPTING.includes(asked.operation);
    const isPart = asked.range !== undefined;
    const expected = isAccepted ? 202 : isPart ? 206 : CREATING.includes(asked.operation) ? 201 : 200;
    assert.equal(status, expected, `${asked.operation}: ${text}`);
    return answer.data;
  };
  /** One that fits the document, whether or not what it names is there. */
  const example = (operation: Operation, token: string | undefined, id = MISSING): Sent => {
    // One that nobody here needs: it may be taken from a role.
    const permission = ['monitor:use'];
    const ids = { id: [id], campaign_id: [id], user_id: [id] };
    const parts = exampleOf(operation, { ...ids, permission, cidr: ['203.0.113.7'] });
    const { method, path, headers, body } = requestOf(operation, parts);
    if (operation.parameters.some(({ name }) => name === 'Idempotency-Key'))
      headers['idempotency-key'] = 'new';
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    return { method, path: `${API_ROOT}${path}`, headers, body };
  };

  it('S-2 the published document is that of the routes', async () => {
    const { text } = await send(server.origin, PLAIN[2]!, { method: 'GET', path: PLAIN[2]!, headers: {} });
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(buildDocument(server.context.routes))));
  });

  it('S-2 every operation succeeds with what the document says', async function () {
    this.timeout(60_000);
    await succeedEverywhere(succeed, callers);
    for (const path of PLAIN) await send(server.origin, path, { method: 'GET', path, headers: {} });
    for (const path of [PLAIN[2]!, ...kept('/lottery/campaigns/1')]) {
      const { headers } = await exchange(server.origin, { method: 'GET', path, headers: {} });
      const conditional = { 'if-none-match': headers.get('etag')! };
      const template = path.replace('/1/', '/{id}/');
      await send(server.origin, template, { method: 'GET', path, headers: conditional });
    }
    const path = callers.imageUrl;
    const { headers } = await exchange(server.origin, { method: 'GET', path, headers: {} });
    const conditional = { 'if-none-match': headers.get('etag')! };
    const template = `${API_ROOT}/images/{key}`;
    await send(server.origin, template, { method: 'GET', path, headers: conditional });
    const never = contract
      .responseNames()
      .filter((name) => / (200|201|202|206|304)$/.test(name) && !seen.has(name) && !STREAM.test(name));
    assert.deepEqual(never, []);
  });

  it('S-2 every operation refuses what is not valid, too large or not the caller’s', async function () {
    // Half a dozen calls of each, some with a large body.
    this.timeout(60_000);
    const { superAdmin, diner } = callers;
    const { key: far } = await succeed(keyCall(superAdmin, ['203.0.113.7']));
    for (const operation of operations) {
      const template = `${API_ROOT}${operation.path}`;
      const given = example(operation, superAdmin);
      const unknown = { ...given, path: `${given.path}${given.path.includes('?') ? '&' : '?'}unknown=1` };
      assert.equal((await send(server.origin, template, unknown)).status, 400, operation.name);
      const huge = { ...given, headers: { ...given.headers, 'content-type': 'application/json' } };
      const most = LARGE[operation.name] ?? LIMITS.httpBodyBytes;
      const body = `{"x":"${'x'.repeat(most)}"}`;
      assert.equal((await send(server.origin, template, { ...huge, body })).status, 413, operation.name);
      const stranger = example(operation, 'a.forged.token');
      assert.equal((await send(server.origin, template, stranger)).status, 401, operation.name);
      assert.equal(
        (await send(server.origin, template, example(operation, far))).status,
        403,
        operation.name,
      );
      if (operation.path.startsWith('/admin/'))
        assert.equal((await send(server.origin, template, example(operation, diner))).status, 403);
      // What is not there is not found; lists of nothing are.
      if (operation.method === 'GET' || operation.path.startsWith('/admin/'))
        await send(server.origin, template, given);
    }
  });

  it('S-2 conflicts, missing and forbidden things are as the document says', async () => {
    const expectRefusal = async (asked: Asked, status: number, code: string) => {
      const { answer, ...sent } = await ask(asked);
      assert.deepEqual([sent.status, answer.code], [status, code], asked.operation);
    };
    for (const [asked, status, code] of refusals(callers)) await expectRefusal(asked, status, code);
    // The caller's own network cannot be taken off the list while others are on it.
    const token = callers.superAdmin;
    const allow = (cidr: string) =>
      succeed({ operation: 'POST /admin/ip-allow-list', token, body: { cidr } });
    const [own, other] = [await allow('127.0.0.1'), await allow('203.0.113.7')];
    const operation = 'DELETE /admin/ip-allow-list/{id}';
    await expectRefusal({ operation, token, path: { id: own.entry_id } }, 409, 'CONFLICT');
    for (const { entry_id: id } of [other, own]) await succeed({ operation, token, path: { id } });
  });

  it('S-2 everything is answered 503 with Retry-After while the database is away', async () => {
    await server.context.database.close();
    for (const operation of operations) {
      const template = `${API_ROOT}${operation.path}`;
      const known = example(operation, callers.superAdmin, 1);
      const query = NEW_QUERY[operation.name];
      const path = query === undefined ? known.path : `${template}${query}`;
      const asked = () => send(server.origin, template, { ...known, path });
      let { status, text } = await asked();
      // What was read a moment ago is good for that moment.
      if (operation.name === 'GET /admin/dashboard')
        await eventually(async () => {
          ({ status, text } = await asked());
          assert.equal(status, 503, text.slice(0, 80));
        }, 10_000);
      if (!WITHOUT_DATABASE.has(operation.name) || status !== 200)
        assert.equal(status, 503, `${operation.name}: ${text}`);
    }
    await send(server.origin, '/ready', { method: 'GET', path: '/ready', headers: {} });
  });

  it('S-2 nothing is in the document that never happens', () => {
    const never = contract
      .responseNames()
      .filter((name) => !seen.has(name) && !/ 429$/.test(name) && !NEVER_HERE.some((one) => one.test(name)));
    assert.deepEqual(never, []);
  });
});

onSqlite('OpenAPI contract of whoever asks too often', (_open, openUrl) => {
  let server: RunningServer;
  before(async () => {
    server = await startServer(await openUrl(), { environment: { REQUESTS_PER_MINUTE: '20' } });
  });
  after(() => server?.close());

  it('S-2 every operation is answered 429 with Retry-After', async () => {
    const contract = contractOf(server.context.routes);
    const operations = await readOperations(server.origin);
    const spend = async (path: string) => {
      for (let asked = 0; asked < 100; asked++) {
        const { status } = await exchange(server.origin, { method: 'GET', path, headers: {} });
        if (status === 429) return;
      }
      assert.fail('there is no limit');
    };
    await spend('/health');
    await spend(`${API_ROOT}/lottery/campaigns/1/fairness`);
    const requests = operations.map((operation) => {
      const { method, path, headers, body } = requestOf(operation, exampleOf(operation));
      return { method, path: `${API_ROOT}${path}`, headers, body };
    });
    for (const request of [...requests, ...PLAIN.map((path) => ({ method: 'GET', path, headers: {} }))]) {
      const answer = await exchange(server.origin, request);
      assert.equal(answer.status, 429, `${request.method} ${request.path}`);
      assert.equal(contract.violationOf(answer), undefined);
    }
  });
});

interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | undefined;
}

/** As fetch, which would not send a body with GET. */
function exchange(origin: string, { method, path, headers, body }: Sent): Promise<SeenAnswer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    // A connection of its own: one that was kept may be closed by the other end at the same moment.
    const options = { method, headers: { ...headers, ...length }, agent: false };
    httpRequest(`${origin}${path}`, options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const sent = new Headers();
        for (const [name, values] of Object.entries(response.headersDistinct))
          for (const value of values ?? []) sent.append(name, value);
        const text = Buffer.concat(parts).toString();
        resolve({ method, path, status: response.statusCode!, headers: sent, text });
      });
    })
      .on('error', reject)
      .end(body);
  });
}

function isJson({ headers }: SeenAnswer): boolean {
  return /^application\/json(;|$)/.test(headers.get('content-type') ?? '');
}

function kept(campaign: string): string[] {
  return ['fairness', 'fairness-log'].map((name) => `${API_ROOT}${campaign}/${name}`);
}
