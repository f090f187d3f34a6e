import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { LIMITS } from '../../../src/platform/limits.ts';
import type { AppError } from '../../../src/platform/errors.ts';
import { CallBudget } from '../../../src/platform/http/callBudget.ts';
import { API_ROOT } from '../../../src/platform/http/route.ts';
import { onSqlite } from '../../support/databases.ts';
import { startServer, type RunningServer } from '../../support/server.ts';

const LIMIT = 12;
/** What a network may ask of all kinds together, logged in or not. */
const NETWORK = 4 * LIMIT;

onSqlite('what is counted', (_open, openUrl) => {
  let server: RunningServer;
  before(async () => {
    const environment = { REQUESTS_PER_MINUTE: String(LIMIT), TRUSTED_PROXIES: '127.0.0.1' };
    server = await startServer(await openUrl(), { environment });
  });
  after(() => server?.close());

  let networks = 0;
  const newNetwork = () => `10.1.${++networks}.1`;
  const call = async (ip: string, path: string, init: RequestInit = {}) => {
    const headers = { 'x-forwarded-for': ip, 'accept-language': 'en', ...(init.headers as object) };
    const response = await fetch(`${server.origin}${path}`, { redirect: 'manual', ...init, headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const logIn = async (mobile: string) => {
    const body = JSON.stringify({ mobile, code: '123456' });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const { text } = await call(newNetwork(), `${API_ROOT}/auth/login`, init);
    return (JSON.parse(text) as { data: { access_token: string } }).data.access_token;
  };
  const json = { 'content-type': 'application/json' };
  const bad = { authorization: 'Bearer x.y.z' };
  const kinds: Record<string, [path: string, init?: RequestInit]> = {
    'a bad token': [`${API_ROOT}/auth/me`, { headers: bad }],
    'a token of another form': [`${API_ROOT}/auth/me`, { headers: { authorization: 'Basic eDp5' } }],
    'no token': [`${API_ROOT}/auth/me`],
    'malformed JSON': [`${API_ROOT}/auth/login`, { method: 'POST', body: '{', headers: json }],
    'a path of nobody': ['/nothing'],
    'a path of nobody, with a token': [`${API_ROOT}/nothing`, { headers: bad }],
    'a method of nobody': ['/health', { method: 'PUT' }],
    'the document': [`${API_ROOT}/openapi.json`],
    'the document, with a token': [`${API_ROOT}/openapi.json`, { headers: bad }],
    'the docs page': [`${API_ROOT}/docs`],
    'a file of the docs': [`${API_ROOT}/docs/swagger-ui.css`, { method: 'HEAD' }],
    'the root': ['/'],
    'a preflight': ['/api/v3/auth/me', { method: 'OPTIONS', headers: { origin: 'https://x.example' } }],
    'the monitor': ['/monitor/'],
    health: ['/health'],
    'health of the framework': ['/__healthcheck'],
    readiness: ['/ready'],
    'a join without a token': [
      '/matchmake/joinOrCreate/campaign',
      { method: 'POST', body: '{}', headers: json },
    ],
    'a join of no method': ['/matchmake/reconnect/campaign-1', { method: 'POST', body: '{}', headers: json }],
    'an unreadable join': ['/matchmake/joinOrCreate/campaign', { method: 'POST', body: 'x' }],
  };
  for (const [kind, [path, init]] of Object.entries(kinds)) {
    it(`S-3 ${kind}: counted by the network, and refused with Retry-After`, async () => {
      const ip = newNetwork();
      const refusals: number[] = [];
      for (let at = 1; at <= LIMIT + 1; at++) {
        const { status } = await call(ip, path, init);
        if (status === 429) refusals.push(at);
      }
      assert.equal(refusals.at(-1), LIMIT + 1, 'the last one is refused');
      const refused = await call(ip, path, init);
      assert.equal(refused.status, 429);
      const seconds = Number(refused.headers.get('retry-after'));
      assert.ok(seconds > 0 && seconds <= 60);
      assert.match(refused.headers.get('x-request-id') ?? '', /^[\w-]+$/);
      assert.match(refused.headers.get('vary') ?? '', /origin/i);
      const told =
        init?.method === 'HEAD' ? undefined : (JSON.parse(refused.text) as Record<string, unknown>);
      if (told?.['success'] === false) {
        assert.deepEqual(
          [told['code'], told['message']],
          ['RATE_LIMITED', 'Too many requests, please slow down'],
        );
        assert.match(String(told['timestamp']), /Z$/);
      } else if (told !== undefined) {
        assert.deepEqual([told['code'], String(told['error']).split(':')[0]], [429, 'RATE_LIMITED']);
      }
      const elsewhere = await call(newNetwork(), path, init);
      assert.notEqual(elsewhere.status, 429, 'another network is not refused');
    });
  }

  it('S-3 the diners of a house do not wait for each other, nor for strangers in it; but a house has a limit', async () => {
    const tokens = await Promise.all(['13900000001', '13900000002', '13900000003', '13900000004'].map(logIn));
    const house = newNetwork();
    const ask = (token: string) =>
      call(house, `${API_ROOT}/points/account`, { headers: { authorization: `Bearer ${token}` } });
    for (let at = 0; at < LIMIT; at++) await call(house, '/nothing');
    assert.equal((await call(house, '/nothing')).status, 429);
    const statuses: number[] = [];
    for (const token of tokens) for (let at = 0; at < LIMIT; at++) statuses.push((await ask(token)).status);
    const answered = statuses.filter((status) => status === 200).length;
    // What was refused to the stranger is not taken from the house.
    assert.deepEqual([answered, statuses.at(0), statuses.at(-1)], [NETWORK - LIMIT, 200, 429]);
    assert.equal((await call(house, '/ready')).status, 200, 'a probe from there is answered');
  });

  it('S-3 nobody uses up the share of a house by being refused: strangers, a diner, a diner who joins', async () => {
    const [flooding, other] = await Promise.all(['13900000005', '13900000006'].map(logIn));
    const house = newNetwork();
    const as = (token: string) => ({ headers: { ...json, authorization: `Bearer ${token}` } });
    const account = (token: string) => call(house, `${API_ROOT}/points/account`, as(token));
    const join = { ...as(flooding!), method: 'POST', body: '{"campaign_id":1}' };
    for (let at = 0; at < 5 * LIMIT; at++) await call(house, '/nothing');
    for (let at = 0; at < 5 * LIMIT; at++) await account(flooding!);
    for (let at = 0; at < 5 * LIMIT; at++) await call(house, '/matchmake/joinOrCreate/campaign', join);
    assert.equal((await account(flooding!)).status, 429);
    assert.equal((await account(other!)).status, 200);
  });

  it('S-3 what costs more counts for more', async () => {
    const ip = newNetwork();
    const first = await call(ip, `${API_ROOT}/lottery/campaigns/1/fairness-log`);
    const second = await call(ip, `${API_ROOT}/lottery/campaigns/1/fairness-log`);
    assert.deepEqual([first.status, second.status], [200, 429]);
  });

  it('S-3 a caller that is refused is refused before its body is read', async () => {
    const ip = newNetwork();
    for (let at = 0; at <= LIMIT; at++) await call(ip, '/nothing');
    const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
    const init = { method: 'POST', headers: json, body, duplex: 'half' } as RequestInit;
    for (const path of [`${API_ROOT}/auth/login`, '/matchmake/joinOrCreate/campaign']) {
      const { status } = await call(ip, path, init).catch(() => ({ status: 429 }));
      assert.equal(status, 429);
    }
  });

  it('S-3 a body is read for whoever may call the route, and for nobody else', async () => {
    const init = { method: 'POST', body: '{', headers: { ...json, 'idempotency-key': 'k' } };
    const { text } = await call(newNetwork(), `${API_ROOT}/points/consume`, init);
    assert.equal((JSON.parse(text) as { code: string }).code, 'UNAUTHENTICATED');
  });
});

describe('a budget of calls', () => {
  const isRefused = (budget: CallBudget, caller: string) => {
    try {
      budget.spend(caller, 1);
      return false;
    } catch (error) {
      assert.equal((error as AppError).code, 'RATE_LIMITED');
      return true;
    }
  };

  it('DRAW-7 keeps so many callers; who comes when they are full shares one window, and the others keep theirs', () => {
    const budget = new CallBudget(2);
    assert.deepEqual([isRefused(budget, 'first'), isRefused(budget, 'first')], [false, false]);
    for (let at = 1; at < LIMITS.callers; at++) budget.spend(`caller ${at}`, 1);
    assert.deepEqual(
      [isRefused(budget, 'a'), isRefused(budget, 'b'), isRefused(budget, 'c')],
      [false, false, true],
    );
    assert.equal(isRefused(budget, 'first'), true);
    assert.equal(isRefused(budget, 'caller 1'), false);
  });

  it('S-3 a large one is not spent at once, a small one may be', async () => {
    const windowMs = 1200;
    const large = new CallBudget(20_000, windowMs);
    for (let at = 0; at < 2000; at++) large.spend('a', 1);
    assert.equal(isRefused(large, 'a'), true);
    assert.equal(isRefused(large, 'b'), false);
    large.giveBack('a', 2);
    assert.deepEqual(
      [isRefused(large, 'a'), isRefused(large, 'a'), isRefused(large, 'a')],
      [false, false, true],
    );
    await new Promise((resolve) => setTimeout(resolve, windowMs / 10));
    assert.equal(isRefused(large, 'a'), false);
    const small = new CallBudget(1000);
    for (let at = 0; at < 1000; at++) small.spend('a', 1);
    assert.equal(isRefused(small, 'a'), true);
  });

  it('S-3 gives everything back after its window', async () => {
    const budget = new CallBudget(1, 30);
    assert.deepEqual([isRefused(budget, 'a'), isRefused(budget, 'a')], [false, true]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(isRefused(budget, 'a'), false);
  });
});
