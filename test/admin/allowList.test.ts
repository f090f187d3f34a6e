import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import ipaddr from 'ipaddr.js';
import { after, before, describe, it } from 'mocha';
import { z } from 'zod';
import { normalNetwork } from '../../src/identity/access/allowList.ts';
import { isInside } from '../../src/identity/access/networks.ts';
import { configureHttp } from '../../src/platform/http/app.ts';
import { route } from '../../src/platform/http/route.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { logSearch } from '../support/logs.ts';
import { forEachDatabase } from '../support/databases.ts';
import { openAdministration, type Administration } from './administration.ts';

const LIST = '/admin/ip-allow-list';

forEachDatabase('the IP allow list', (_open, openUrl) => {
  let here: Administration;
  before(async () => {
    // The tests come from where they say, as if this machine were the proxy.
    here = await openAdministration(await openUrl(), { environment: { TRUSTED_PROXIES: '127.0.0.1' } });
  });
  after(() => here?.venue.close());

  const from = (ip: string) => ({ headers: { 'X-Forwarded-For': ip } });
  const add = (cidr: string, ip = '127.0.0.1') =>
    here.call('POST', LIST, { cidr, note: 'office' }, here.superAdmin, from(ip));
  const remove = (entryId: number, ip = '127.0.0.1') =>
    here.call('DELETE', `${LIST}/${entryId}`, undefined, here.superAdmin, from(ip));
  const entries = async () =>
    (await here.call('GET', LIST)).data.items as { entry_id: number; cidr: string }[];
  const clear = async () => {
    for (const { entry_id: id } of (await entries()).filter(({ cidr }) => cidr !== '127.0.0.0/8'))
      await remove(id);
    for (const { entry_id: id } of await entries()) await remove(id);
  };

  it('A-10 without entries every address may, with some only those inside', async () => {
    const asks = async (ip: string) =>
      (await here.call('GET', '/admin/users', undefined, here.admin, from(ip))).code;
    assert.equal(await asks('8.8.8.8'), 'OK');
    const { data } = await add('127.0.0.1/8');
    assert.equal(data.cidr, '127.0.0.0/8');
    assert.equal((await add('2001:db8:0::1/32')).data.cidr, '2001:db8::/32');
    assert.equal((await add('203.0.113.7')).data.cidr, '203.0.113.7/32');
    for (const [ip, code] of [
      ['127.0.0.1', 'OK'],
      ['203.0.113.7', 'OK'],
      ['::ffff:203.0.113.7', 'OK'],
      ['2001:db8:ffff::1', 'OK'],
      ['203.0.113.8', 'IP_NOT_ALLOWED'],
      ['8.8.8.8', 'IP_NOT_ALLOWED'],
      ['2001:db9::1', 'IP_NOT_ALLOWED'],
      ['unknown', 'IP_NOT_ALLOWED'],
      ["127.0.0.1' OR 1", 'IP_NOT_ALLOWED'],
    ] as const) {
      assert.equal(await asks(ip), code, ip);
    }
    const [row] = await here.audits();
    assert.deepEqual(
      [row?.action, row?.before, row?.after],
      ['ip_allow_list.add', null, { cidr: '203.0.113.7/32', note: 'office' }],
    );
    await clear();
    assert.equal(await asks('8.8.8.8'), 'OK');
  });

  it('A-10 nobody locks themself out', async () => {
    const refused = await add('10.0.0.0/8', '203.0.113.7');
    assert.equal(refused.code, 'CONFLICT');
    assert.equal((refused.details as any).your_address, '203.0.113.7');
    assert.deepEqual(await entries(), []);
    const own = await add('203.0.113.0/24', '203.0.113.7');
    const home = await add('127.0.0.0/8', '203.0.113.7');
    assert.equal((await remove(own.data.entry_id, '203.0.113.7')).code, 'CONFLICT');
    assert.equal((await remove(own.data.entry_id)).code, 'OK');
    assert.equal((await remove(own.data.entry_id)).code, 'NOT_FOUND');
    assert.equal((await remove(home.data.entry_id)).code, 'OK');
  });

  it('A-10 two removals at the same time leave neither caller outside', async () => {
    const [a, b] = [await add('127.0.0.0/8'), await add('127.0.0.1')];
    await add('10.0.0.0/8');
    const codes = (await Promise.all([remove(a.data.entry_id), remove(b.data.entry_id)])).map(
      ({ code }) => code,
    );
    assert.deepEqual(codes.sort(), ['CONFLICT', 'OK']);
    for (const { entry_id: id, cidr } of await entries()) if (cidr === '10.0.0.0/8') await remove(id);
    await clear();
  });

  it('A-10 what is no network is refused, what is listed too, and the list is bounded', async () => {
    for (const cidr of [
      '',
      '10',
      '10.0.0.0/33',
      '0x7f.1',
      '127.1',
      '::1/129',
      'fe80::1%eth0',
      '10.0.0.0/8/8',
      '10.0.0.0/-1',
      'localhost',
      '010.0.0.1',
    ]) {
      assert.equal((await add(cidr)).code, 'VALIDATION_FAILED', cidr);
    }
    await add('127.0.0.0/8');
    assert.equal((await add('127.9.9.9/8')).code, 'CONFLICT');
    const at = '2026-01-01 00:00:00.000';
    await here.venue.context.database.transaction(async (tx) => {
      for (let i = 0; i < 199; i++) {
        await tx.execute("INSERT INTO ip_allow_list (cidr, note, created_at) VALUES (?, '', ?)", [
          `10.0.0.${i}/32`,
          at,
        ]);
      }
    });
    assert.equal((await add('10.1.0.0/16')).code, 'CONFLICT');
    await here.venue.context.database.transaction((tx) =>
      tx.execute('DELETE FROM ip_allow_list WHERE cidr <> ?', ['127.0.0.0/8']),
    );
    await clear();
  });

  it('A-10 the list is not passed by another way to write a path, another method or a header', async () => {
    const { token } = here.superAdmin;
    await add('127.0.0.0/8');
    const outside = { authorization: `Bearer ${token}`, 'x-forwarded-for': '8.8.8.8' };
    const target = `/admin/users/${here.diner.userId}/status`;
    for (const [method, path, headers] of [
      ['GET', '/api/v3/admin/users', {}],
      ['HEAD', '/api/v3/admin/users', {}],
      ['GET', '/API/V3/ADMIN/USERS', {}],
      ['GET', '/api/v3/admin/users/', {}],
      ['GET', '/api/v3//admin/users', {}],
      ['GET', '//api/v3/admin/users', {}],
      ['GET', '/api/v3/%61dmin/users', {}],
      ['GET', '/api/v3/%2561dmin/users', {}],
      ['GET', '/api/v3/admin%2Fusers', {}],
      ['GET', '/api/v3/x/../admin/users', {}],
      ['GET', '/api/v3/./admin/users', {}],
      ['GET', '/api/v3/admin;x=1/users', {}],
      ['GET', 'http://127.0.0.1/api/v3/admin/users', {}],
      ['GET', '/api/v3/auth/me', { 'x-original-url': '/api/v3/admin/users' }],
      ['POST', `/api/v3${target}`, { 'x-http-method-override': 'GET' }],
      [
        'GET',
        '/api/v3/admin/users',
        { 'x-real-ip': '127.0.0.1', forwarded: 'for=127.0.0.1', 'x-client-ip': '127.0.0.1' },
      ],
      ['GET', '/api/v3/admin/users', { 'x-forwarded-for': '127.0.0.1, 8.8.8.8' }],
      ['GET', '/monitor', {}],
      ['GET', '/monitor/', {}],
      ['GET', '/MONITOR/api', { 'sec-fetch-site': 'same-origin' }],
      ['GET', '/monitor//api', { 'sec-fetch-site': 'same-origin' }],
      ['GET', '/%6donitor/api', { 'sec-fetch-site': 'same-origin' }],
    ] as const) {
      const { status, body } = await send(here.venue.origin, method, path, { ...outside, ...headers });
      const isOwn = path === '/api/v3/auth/me';
      assert.ok(isOwn ? status === 200 : status === 403 || status === 404, `${method} ${path} ${status}`);
      assert.doesNotMatch(body, /last_login_at|roomId/, path);
    }
    await clear();
  });
});

describe('networks and addresses', () => {
  it('A-10 one network is written in one way', () => {
    for (const [given, cidr] of [
      ['10.1.2.3/8', '10.0.0.0/8'],
      ['10.1.2.3', '10.1.2.3/32'],
      ['0.0.0.0/0', '0.0.0.0/0'],
      ['2001:DB8:0:0::5', '2001:db8::5/128'],
      ['2001:db8::5/32', '2001:db8::/32'],
      ['::/0', '::/0'],
      ['::ffff:10.1.2.3', '10.1.2.3/32'],
      ['::ffff:10.1.2.3/104', '10.0.0.0/8'],
    ] as const) {
      assert.equal(normalNetwork(given), cidr, given);
      assert.equal(normalNetwork(cidr), cidr);
    }
    assert.ok(isInside('::ffff:10.9.9.9', [ipaddr.parseCIDR('10.0.0.0/8')]));
  });

  /** What the product takes for the client's address, for a connection from `host`. */
  const addressSeen = async (host: string, trustedProxies: string[], forwarded?: string) => {
    const app = express();
    const echo = route({
      method: 'get',
      path: '/echo',
      access: 'public',
      summary: 'The address of the caller',
      data: z.object({ ip: z.string() }),
      handle: async ({ ip }) => ({ data: { ip } }),
    });
    configureHttp(app, {
      routes: [echo],
      identify: async () => assert.fail('no token is sent'),
      access: { can: () => false, isAddressAllowed: () => true },
      trustedProxies,
      checkReady: async () => [],
      logger: createLogger('debug', logSearch.destination),
    });
    const server = app.listen(0, host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const headers: Record<string, string> = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    const { body } = await send(
      `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
      'GET',
      '/api/v3/echo',
      headers,
    );
    server.close();
    server.closeAllConnections();
    return (JSON.parse(body) as { data: { ip: string } }).data.ip;
  };

  it('A-10 X-Forwarded-For counts only as far as trusted proxies wrote it', async () => {
    const v4 = '127.0.0.1';
    for (const [proxies, forwarded, seen] of [
      [[], undefined, v4],
      [[], '1.2.3.4', v4],
      [['10.0.0.0/8'], '1.2.3.4', v4],
      [[v4], undefined, v4],
      [[v4], '1.2.3.4', '1.2.3.4'],
      [['127.0.0.0/8'], '6.6.6.6, 1.2.3.4', '1.2.3.4'],
      [[v4, '10.0.0.0/8'], '6.6.6.6, 1.2.3.4, 10.0.0.2', '1.2.3.4'],
      [[v4, '10.0.0.0/8'], '127.0.0.1, 1.2.3.4, 10.0.0.2, 10.0.0.3', '1.2.3.4'],
      [[v4, '10.0.0.0/8'], '10.0.0.9, 10.0.0.2', '10.0.0.9'],
      [[v4], '::ffff:1.2.3.4', '1.2.3.4'],
      [[v4], '2001:DB8::0:1', '2001:db8::1'],
      [[v4], 'x'.repeat(500), 'unknown'],
      [[v4], '10', 'unknown'],
    ] as const) {
      assert.equal(await addressSeen(v4, [...proxies], forwarded), seen, `${String(proxies)} ${forwarded}`);
    }
  });

  it('A-10 IPv4 over an IPv6 socket is IPv4, for the proxies too', async () => {
    const mapped = '::ffff:127.0.0.1';
    assert.equal(await addressSeen(mapped, []), '127.0.0.1');
    assert.equal(await addressSeen(mapped, [], '1.2.3.4'), '127.0.0.1');
    assert.equal(await addressSeen(mapped, ['127.0.0.1'], '1.2.3.4'), '1.2.3.4');
    assert.equal(await addressSeen(mapped, ['127.0.0.0/8'], '1.2.3.4'), '1.2.3.4');
  });
});

/** By hand, since fetch would tidy up the path. */
async function send(origin: string, method: string, path: string, headers: Record<string, string>) {
  const { hostname, port } = new URL(origin);
  const call = request({ host: hostname.replace(/[[\]]/g, ''), port, method, path, headers });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  let body = '';
  for await (const part of response) body += String(part);
  return { status: response.statusCode!, body };
}
