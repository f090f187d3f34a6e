import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { after, before, it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import { TestClock } from '../support/clock.ts';
import type { Login } from '../support/server.ts';
import { openAdministration, type Administration } from './administration.ts';

const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };

forEachDatabase('the monitor', (_open, openUrl) => {
  const clock = new TestClock(Date.now());
  let here: Administration;
  before(async () => {
    here = await openAdministration(await openUrl(), {
      clock,
      environment: { TRUSTED_PROXIES: '127.0.0.1' },
    });
  });
  after(() => here?.venue.close());

  const open = async (by: Login = here.superAdmin, headers: Record<string, string> = {}) => {
    const answer = await here.call('POST', '/admin/monitor/session', undefined, by, { headers });
    const cookie = answer.headers.get('set-cookie') ?? '';
    return { code: answer.code, data: answer.data, cookie, sent: cookie.split(';')[0]! };
  };
  const get = async (
    path: string,
    cookie: string | undefined,
    headers: Record<string, string> = OWN_PAGE,
    method = 'GET',
  ) => {
    const response = await fetch(`${here.venue.origin}${path}`, {
      method,
      headers: { ...headers, ...(cookie === undefined ? {} : { cookie }) },
      redirect: 'manual',
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
    const body = isJson ? JSON.parse(text) : {};
    return {
      status: response.status,
      headers: response.headers,
      text,
      body,
      code: body.code as string | undefined,
    };
  };
  const callPath = (method: string, args: unknown[], roomId = 'campaign-1') =>
    `/monitor/api/room/call?${new URLSearchParams({ roomId, method, args: JSON.stringify(args) })}`;

  it('R-7 without the cookie there is nothing, also with a bearer token', async () => {
    for (const path of [
      '/monitor',
      '/monitor/',
      '/monitor/api',
      '/monitor/assets/x.js',
      '/monitor/nowhere',
    ]) {
      const { status, code } = await get(path, undefined);
      assert.deepEqual([status, code], [401, 'UNAUTHENTICATED'], path);
      const bearer = { ...OWN_PAGE, authorization: `Bearer ${here.superAdmin.token}` };
      assert.equal((await get(path, undefined, bearer)).code, 'UNAUTHENTICATED');
    }
    for (const value of ['', 'x', here.superAdmin.token]) {
      assert.equal((await get('/monitor/', `kaijiang_monitor=${value}`)).code, 'UNAUTHENTICATED', value);
    }
  });

  it('R-7 the cookie is for the monitor, for this site, and out of reach of scripts', async () => {
    const { data, cookie, sent } = await open();
    assert.deepEqual(data, { url: '/monitor/', expires_in: 900 });
    for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/monitor', 'Max-Age=900']) {
      assert.ok(cookie.split('; ').includes(part), `${part} in ${cookie}`);
    }
    assert.ok(!cookie.includes('Secure'));
    assert.ok((await open(here.superAdmin, { 'x-forwarded-proto': 'https' })).cookie.includes('; Secure'));
    const asBearer = await here.venue.api('GET', '/auth/me', { token: sent.split('=')[1]! });
    assert.equal(asBearer.code, 'UNAUTHENTICATED');
    for (const by of [here.admin, here.staff, here.diner]) {
      const refused = await open(by);
      assert.deepEqual([refused.code, refused.cookie], ['FORBIDDEN', '']);
    }
  });

  it('R-7 the page and all of its files come whole', async () => {
    const { sent } = await open();
    assert.equal((await get('/monitor', sent, {})).headers.get('location'), '/monitor/');
    const page = await get('/monitor/', sent, { 'sec-fetch-site': 'none' });
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-security-policy')!, /script-src 'self'.*frame-ancestors 'none'/);
    const files = [...page.text.matchAll(/"\.\/(assets\/[^"]+)"/g)].map(([, file]) => file!);
    assert.equal(files.length, 2);
    for (const file of files) {
      const { status, headers, text } = await get(`/monitor/${file}`, sent, {});
      assert.equal(status, 200, file);
      assert.equal(Buffer.byteLength(text), Number(headers.get('content-length')), file);
    }
  });

  it('R-7 rooms are listed and looked at', async () => {
    await here.venue.sit('13900000002');
    const { sent } = await open();
    const list = await get('/monitor/api', sent);
    assert.ok(
      list.body.rooms.some((room: any) => room.roomId === 'campaign-1'),
      list.text,
    );
    const room = await get('/monitor/api/room?roomId=campaign-1', sent);
    assert.deepEqual([room.body.clients.length, room.body.state.campaign_id], [1, 1]);
    assert.equal((await get(callPath('getInspectData', []), sent)).body.state.campaign_id, 1);
    assert.equal((await get('/monitor/api/room?roomId=campaign-999', sent)).code, 'NOT_FOUND');
    for (const roomId of ['', 'p:x', '*', '$campaign-1', '../campaign-1']) {
      const path = `/monitor/api/room?${new URLSearchParams({ roomId })}`;
      assert.equal((await get(path, sent)).code, 'VALIDATION_FAILED', roomId);
    }
  });

  it('R-7 a call from another page is refused', async () => {
    const { sent } = await open();
    const { host } = new URL(here.venue.origin);
    for (const [headers, isOwn] of [
      [{ 'sec-fetch-site': 'same-origin' }, true],
      [{ 'sec-fetch-site': 'same-site' }, false],
      [{ 'sec-fetch-site': 'cross-site' }, false],
      [{ 'sec-fetch-site': 'none' }, false],
      [
        { 'sec-fetch-site': 'cross-site', origin: `http://${host}`, referer: `http://${host}/monitor/` },
        false,
      ],
      [{}, false],
      [{ referer: `http://${host}/monitor/` }, true],
      [{ origin: `http://${host}` }, true],
      [{ origin: 'null' }, false],
      [{ origin: 'http://evil.example', referer: `http://${host}/` }, false],
      [{ referer: `http://${host}.evil.example/` }, false],
      [{ referer: `http://evil.example/${host}` }, false],
      [{ referer: `http://${host}@evil.example/` }, false],
    ] as [Record<string, string>, boolean][]) {
      for (const path of [
        '/monitor/api',
        '/monitor/api/room?roomId=campaign-1',
        callPath('getInspectData', []),
      ]) {
        const { status } = await send(path, { ...headers, cookie: sent });
        assert.equal(status, isOwn ? 200 : 403, `${path} ${JSON.stringify(headers)}`);
      }
    }
  });

  it('R-7 of a room nothing can be called but looking and kicking', async () => {
    const { sent } = await open();
    const before = await here.audits();
    for (const method of [
      'disconnect',
      'broadcast',
      '_sendMessageToClient',
      '_editStateProperty',
      '_deleteStateProperty',
      'onOwnerCall',
      '_reserveSeat',
      'setState',
      'constructor',
      '__proto__',
      '',
    ]) {
      assert.equal((await get(callPath(method, []), sent)).code, 'FORBIDDEN', method);
    }
    const harmless = callPath('getInspectData', []);
    const twice = await get(`${harmless}&method=disconnect`, sent);
    assert.equal(twice.code, 'FORBIDDEN');
    for (const [method, args] of [
      ['getInspectData', [1]],
      ['_forceClientDisconnect', []],
      ['_forceClientDisconnect', [{ sessionId: 'x' }]],
      ['_forceClientDisconnect', ['x', 'y']],
    ] as const) {
      assert.equal((await get(callPath(method, [...args]), sent)).code, 'VALIDATION_FAILED');
    }
    const notJson = callPath('getInspectData', []).replace('%5B%5D', 'x');
    assert.equal((await get(notJson, sent)).code, 'VALIDATION_FAILED');
    for (const path of [
      '/monitor/api/room/call/',
      '/monitor/api//room/call',
      '/monitor/API/room/call',
      '/monitor/api/room%2Fcall',
      '/monitor/%61pi/room/call',
    ]) {
      const { status } = await get(`${path}?roomId=campaign-1&method=disconnect&args=[]`, sent);
      assert.ok(status === 404 || status === 403, `${path} ${status}`);
    }
    for (const method of ['POST', 'PUT', 'DELETE']) {
      assert.equal((await get(callPath('getInspectData', []), sent, OWN_PAGE, method)).status, 404, method);
    }
    assert.equal((await here.audits()).length, before.length);
  });

  it('R-7 a client is kicked, and the audit log knows by whom', async () => {
    const seat = await here.venue.sit('13900000003');
    const left = new Promise<number>((resolve) => seat.room.onLeave(resolve));
    const { sent } = await open();
    assert.equal((await get(callPath('_forceClientDisconnect', ['nobody']), sent)).code, 'NOT_FOUND');
    const { sessionId } = seat.room;
    assert.equal((await get(callPath('_forceClientDisconnect', [sessionId]), sent)).status, 200);
    await left;
    const [row] = await here.audits();
    assert.deepEqual(
      [row?.action, row?.actor_id, row?.target_type, row?.target_id, row?.before],
      ['room.kick', here.superAdmin.userId, 'room', 'campaign-1', { client: sessionId }],
    );
  });

  it('R-7 the cookie ends with the login, the permission, the account and its time', async () => {
    const person = await here.recruit('admin');
    const grant = (isGranted: boolean) =>
      here.call('PUT', `/admin/users/${person.userId}/permissions`, {
        permission: 'monitor:use',
        is_granted: isGranted,
      });
    await grant(true);
    const { sent } = await open(person);
    assert.equal((await get('/monitor/', sent)).status, 200);
    await grant(false);
    assert.equal((await get('/monitor/', sent)).code, 'FORBIDDEN');
    await grant(true);
    assert.equal((await get('/monitor/api', sent)).status, 200);
    assert.equal((await here.call('DELETE', `/admin/users/${person.userId}/sessions`)).code, 'OK');
    assert.equal((await get('/monitor/api', sent)).code, 'TOKEN_REVOKED');
    const own = await open();
    assert.equal((await get('/monitor/', own.sent)).status, 200);
    clock.advance(900_000);
    assert.equal((await get('/monitor/', own.sent)).code, 'TOKEN_EXPIRED');
  });

  it('R-7 the allow list holds for the monitor', async () => {
    const { sent } = await open();
    const { data } = await here.call('POST', '/admin/ip-allow-list', { cidr: '127.0.0.1' });
    const outside = { ...OWN_PAGE, 'x-forwarded-for': '8.8.8.8' };
    for (const path of ['/monitor', '/monitor/api', callPath('getInspectData', [])]) {
      assert.equal((await get(path, sent, outside)).code, 'IP_NOT_ALLOWED', path);
      assert.equal((await get(path, undefined, outside)).code, 'IP_NOT_ALLOWED', path);
    }
    assert.equal((await get('/monitor/', sent)).status, 200);
    await here.call('DELETE', `/admin/ip-allow-list/${data.entry_id}`);
  });

  /** By hand: fetch adds Sec-Fetch headers of its own. */
  const send = async (path: string, headers: Record<string, string>) => {
    const call = request(`${here.venue.origin}${path}`, { headers });
    call.end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    response.resume();
    return { status: response.statusCode };
  };
});
