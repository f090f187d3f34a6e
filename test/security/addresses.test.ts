import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { recordAccessChanges } from '../../src/identity/access/accessFeed.ts';
import { sqlTime } from '../../src/platform/database/sqlValues.ts';
import { forEachDatabase } from '../support/databases.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { MOBILES } from './people.ts';

/** What clients and proxies have ever written a client's address into. */
const ADDRESS_HEADERS = [
  'X-Forwarded-For',
  'X-Real-IP',
  'X-Client-IP',
  'X-Cluster-Client-IP',
  'X-Original-Forwarded-For',
  'CF-Connecting-IP',
  'True-Client-IP',
  'Fastly-Client-IP',
  'X-Appengine-User-IP',
  'Client-IP',
];
const allOf = (ip: string): Record<string, string> => ({
  ...Object.fromEntries(ADDRESS_HEADERS.map((name) => [name, ip])),
  Forwarded: `for=${ip}`,
});
const CODES_PER_HOUR = 3;
const LOGINS_PER_MINUTE = 8;
const ALLOWED = '203.0.113.0/24';

forEachDatabase("the client's address", (_open, openUrl) => {
  /** Number → its codes, as they were sent. */
  const sent = new Map<string, string[]>();
  let server: RunningServer;
  let lastMobile = 13_100_000_000;
  const nextMobile = () => String(++lastMobile);

  const start = async (environment: Record<string, string> = {}) => {
    server = await startServer(await openUrl(), {
      environment,
      sender: { send: async (mobile, code) => void sent.set(mobile, [...(sent.get(mobile) ?? []), code]) },
    });
  };
  const askCode = async (headers: Record<string, string>, mobile = nextMobile()) =>
    (await server.api('POST', '/auth/code', { body: { mobile }, headers })).code;
  const tryLogin = async (mobile: string, code: string, headers: Record<string, string>) =>
    (await server.api('POST', '/auth/login', { body: { mobile, code }, headers })).code;
  const allow = async (cidr: string) => {
    const { database, access } = server.context;
    await database.transaction(async (tx) => {
      const row = [cidr, 'test', sqlTime(Date.now())];
      await tx.execute('INSERT INTO ip_allow_list (cidr, note, created_at) VALUES (?, ?, ?)', row);
      await recordAccessChanges(tx, [{ kind: 'tables', subjectId: null }], Date.now());
    });
    await access.changed();
  };

  describe('without a proxy', () => {
    const limits = {
      AUTH_CODES_PER_IP_PER_HOUR: String(CODES_PER_HOUR),
      AUTH_LOGINS_PER_IP_PER_MINUTE: String(LOGINS_PER_MINUTE),
    };
    before(() => start(limits));
    after(() => server?.close());

    it('A-2 A-6 no header makes one address into many when it asks for codes', async () => {
      for (let n = 1; n <= CODES_PER_HOUR; n++) assert.equal(await askCode(allOf(`198.51.100.${n}`)), 'OK');
      for (const name of [...ADDRESS_HEADERS, 'Forwarded']) {
        const ip = name === 'Forwarded' ? 'for=192.0.2.9' : '192.0.2.9';
        assert.equal(await askCode({ [name]: ip }), 'RATE_LIMITED', name);
      }
      assert.equal(await askCode({ 'X-Forwarded-For': '127.0.0.1' }), 'RATE_LIMITED');
    });

    it('A-6 nor when it guesses codes', async () => {
      const mobile = MOBILES.otherDiner;
      const codes: string[] = [];
      for (let n = 1; n <= LOGINS_PER_MINUTE + 5; n++) {
        codes.push(await tryLogin(mobile, String(n).padStart(6, '0'), allOf(`198.51.100.${n}`)));
      }
      assert.ok(!codes.includes('OK'));
      assert.deepEqual(new Set(codes.slice(LOGINS_PER_MINUTE)), new Set(['RATE_LIMITED']));
    });
  });

  describe('without a proxy, the administration', () => {
    before(() => start());
    after(() => server?.close());

    it('A-10 is not opened by any header that names an allowed address', async () => {
      const { token } = await server.login(MOBILES.superAdmin);
      const rotate = (headers: Record<string, string>) =>
        server.api('POST', '/admin/campaigns/1/fairness/rotate', { token, headers });
      assert.equal((await rotate({})).code, 'OK');
      await allow(ALLOWED);
      const spoofs = ['203.0.113.7', '203.0.113.7, 127.0.0.1', '::ffff:203.0.113.7', '203.0.113.7:80', ''];
      for (const ip of spoofs) {
        for (const headers of [allOf(ip), { 'X-Forwarded-For': ip }, { Forwarded: `for="${ip}"` }]) {
          const { status, code } = await rotate(headers);
          assert.deepEqual([status, code], [403, 'IP_NOT_ALLOWED'], JSON.stringify(headers));
        }
      }
      // Diners are not the administration.
      assert.equal((await server.api('GET', '/points/account', { token })).code, 'OK');
      await allow('127.0.0.0/8');
      assert.equal((await rotate(allOf('192.0.2.1'))).code, 'OK');
    });
  });

  describe('behind a trusted proxy', () => {
    before(() => start({ TRUSTED_PROXIES: '127.0.0.1', AUTH_CODES_PER_IP_PER_HOUR: String(CODES_PER_HOUR) }));
    after(() => server?.close());

    it('A-2 each client counts as the address that the proxy has added last', async () => {
      const behind = (ip: string, spoofed: string) => ({
        ...allOf(spoofed),
        'X-Forwarded-For': `${spoofed}, ${ip}`,
      });
      for (let n = 1; n <= CODES_PER_HOUR; n++) {
        assert.equal(await askCode(behind('198.51.100.1', `192.0.2.${n}`)), 'OK');
      }
      assert.equal(await askCode(behind('198.51.100.1', '192.0.2.99')), 'RATE_LIMITED');
      assert.equal(await askCode({ 'X-Forwarded-For': '198.51.100.1' }), 'RATE_LIMITED');
      // A client that calls itself the proxy is still behind it.
      assert.equal(await askCode(behind('198.51.100.1', '127.0.0.1')), 'RATE_LIMITED');
      assert.equal(await askCode(behind('198.51.100.2', '198.51.100.1')), 'OK');
    });

    it('A-2 one IPv6 network counts as one address', async () => {
      const from = (ip: string) => askCode({ 'X-Forwarded-For': ip });
      for (let n = 1; n <= CODES_PER_HOUR; n++) assert.equal(await from(`2001:db8:1:2::${n}`), 'OK');
      assert.equal(await from('2001:db8:1:2:ffff::1'), 'RATE_LIMITED');
      assert.equal(await from('2001:db8:1:3::1'), 'OK');
    });

    it('A-2 A-6 a code cannot be guessed from many addresses', async () => {
      const mobile = nextMobile();
      const from = (n: number) => ({ 'X-Forwarded-For': `198.18.${n >> 8}.${n & 255}` });
      assert.equal(await askCode(from(1), mobile), 'OK');
      assert.equal(await askCode(from(2), mobile), 'RATE_LIMITED', 'one number has one code a minute');
      const right = sent.get(mobile)!.at(-1)!;
      for (let guess = 0; guess < 20; guess++) {
        const wrong = String((Number(right) + 1 + guess) % 1_000_000).padStart(6, '0');
        // The universal code of development is no guess.
        if (wrong === '123456') continue;
        assert.notEqual(await tryLogin(mobile, wrong, from(10 + guess)), 'OK');
      }
      assert.notEqual(await tryLogin(mobile, right, from(99)), 'OK', 'the right code after 20 wrong ones');
    });

    it('A-10 the allow list looks at the address that the proxy has added', async () => {
      const { token } = await server.login(MOBILES.superAdmin);
      await allow(ALLOWED);
      const from = async (headers: Record<string, string>) =>
        (await server.api('POST', '/admin/campaigns/1/fairness/rotate', { token, headers })).code;
      assert.equal(await from({ 'X-Forwarded-For': '203.0.113.7' }), 'OK');
      assert.equal(await from({ 'X-Forwarded-For': '198.51.100.1, 203.0.113.7' }), 'OK');
      for (const forwarded of ['203.0.113.7, 198.51.100.1', '198.51.100.1', '203.0.113.7, x', 'x', ', ,']) {
        assert.equal(
          await from({ ...allOf('203.0.113.7'), 'X-Forwarded-For': forwarded }),
          'IP_NOT_ALLOWED',
          forwarded,
        );
      }
      const { 'X-Forwarded-For': _, ...others } = allOf('203.0.113.7');
      assert.equal(await from(others), 'IP_NOT_ALLOWED');
    });
  });
});
