import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { after, before, describe, it } from 'mocha';
import { createAuthRateLimits, type Asker } from '../../../src/identity/login/rateLimits.ts';
import { networkOf, REGION } from '../../../src/platform/network.ts';
import { AppError } from '../../../src/platform/errors.ts';
import { startRedis, type RedisServer } from '../../support/services.ts';
import { needs, needsRedis, sharedRedis } from '../../support/shared.ts';
import { RATE_LIMITS } from '../loginDesk.ts';

const HOUR_SECONDS = 3600;
const limitedWithin = (seconds: number) => (error: unknown) =>
  error instanceof AppError &&
  error.code === 'RATE_LIMITED' &&
  error.retryAfterSeconds! > 0 &&
  error.retryAfterSeconds! <= seconds;

let askers = 0;
/** Who has never asked before, but for what is given. */
const asker = (given: Partial<Asker> = {}): Asker => {
  const index = askers++;
  const mobile = String(13_000_000_000 + index);
  return { ip: `192.0.2.${index}`, mobile, deviceId: `device ${index}`, ...given };
};

describe('auth rate limits', () => {
  it('A-2 codes per address and hour, logins per address and minute', async () => {
    const limits = createAuthRateLimits(
      { ...RATE_LIMITS, codesPerIpPerHour: 3, loginsPerIpPerMinute: 2 },
      undefined,
    );
    const here = { ip: '198.51.100.1' };
    for (let calls = 1; calls <= 3; calls++) await limits.countCode(asker(here));
    await assert.rejects(limits.countCode(asker(here)), limitedWithin(HOUR_SECONDS));
    await limits.countCode(asker({ ip: '198.51.100.2' }));
    for (let calls = 1; calls <= 2; calls++) await limits.countLogin(asker(here));
    await assert.rejects(limits.countLogin(asker(here)), limitedWithin(60));
  });

  it('A-6 codes and logins per number and hour, from wherever', async () => {
    const limits = createAuthRateLimits(
      { ...RATE_LIMITS, codesPerNumberPerHour: 3, loginsPerNumberPerHour: 2 },
      undefined,
    );
    const { mobile } = asker();
    for (let calls = 1; calls <= 3; calls++) await limits.countCode(asker({ mobile }));
    await assert.rejects(limits.countCode(asker({ mobile })), limitedWithin(HOUR_SECONDS));
    for (let calls = 1; calls <= 2; calls++) await limits.countLogin(asker({ mobile }));
    await assert.rejects(limits.countLogin(asker({ mobile })), limitedWithin(HOUR_SECONDS));
    await limits.countLogin(asker());
  });

  it('A-6 codes and logins per device and hour, for whatever number', async () => {
    const limits = createAuthRateLimits(
      { ...RATE_LIMITS, codesPerDevicePerHour: 3, loginsPerDevicePerHour: 2 },
      undefined,
    );
    const { deviceId } = asker();
    for (let calls = 1; calls <= 3; calls++) await limits.countCode(asker({ deviceId }));
    await assert.rejects(limits.countCode(asker({ deviceId })), limitedWithin(HOUR_SECONDS));
    for (let calls = 1; calls <= 2; calls++) await limits.countLogin(asker({ deviceId }));
    await assert.rejects(limits.countLogin(asker({ deviceId })), limitedWithin(HOUR_SECONDS));
    for (let calls = 1; calls <= 9; calls++) await limits.countLogin(asker({ deviceId: null }));
  });

  it('A-6 an address that is refused uses up nothing of a number any more', async () => {
    const limits = createAuthRateLimits(
      { ...RATE_LIMITS, loginsPerIpPerMinute: 1, loginsPerNumberPerHour: 2 },
      undefined,
    );
    const victim = asker({ ip: '198.51.100.3' });
    await limits.countLogin(victim);
    for (let calls = 1; calls <= 5; calls++) await assert.rejects(limits.countLogin(victim));
    await limits.countLogin({ ...victim, ip: '198.51.100.4' });
  });

  it('A-2 the addresses of one IPv6 network count as one', () => {
    const networks = {
      '192.0.2.1': ['192.0.2.1/32', '192.0.2.0/24'],
      '::ffff:192.0.2.1': ['192.0.2.1/32', '192.0.2.0/24'],
      '::FFFF:c000:201': ['192.0.2.1/32', '192.0.2.0/24'],
      '2001:db8::1': ['2001:db8::/64', '2001:db8::/48'],
      '2001:0DB8:0:0:ffff::2': ['2001:db8::/64', '2001:db8::/48'],
      '2001:db8:0:1::1': ['2001:db8:0:1::/64', '2001:db8::/48'],
      '2001:db8:5:1::1': ['2001:db8:5:1::/64', '2001:db8:5::/48'],
      '::1': ['::/64', '::/48'],
      'fe80::1%eth0': ['fe80::/64', 'fe80::/48'],
      unknown: ['unknown', 'unknown'],
      '192.0.2.1:8080': ['unknown', 'unknown'],
      '': ['unknown', 'unknown'],
    };
    for (const [ip, expected] of Object.entries(networks)) {
      assert.deepEqual([networkOf(ip), networkOf(ip, REGION)], expected, ip);
    }
  });

  describe('with Redis', () => {
    needsRedis();
    const settings = { ...RATE_LIMITS, loginsPerNumberPerHour: 2 };
    const clients: Redis[] = [];
    const connect = async (url: string) => {
      const client = new Redis(url, { maxRetriesPerRequest: 1 });
      client.on('error', () => undefined);
      clients.push(client);
      await client.ping();
      return client;
    };
    let url: string;
    before(async () => {
      url = (await sharedRedis()).url;
    });
    after(() => {
      for (const client of clients) client.disconnect();
    });

    it('A-2 nodes count together', async () => {
      const nodes = [
        createAuthRateLimits(settings, await connect(url)),
        createAuthRateLimits(settings, await connect(url)),
      ] as const;
      const { mobile } = asker();
      await nodes[0].countLogin(asker({ mobile }));
      await nodes[1].countLogin(asker({ mobile }));
      await assert.rejects(nodes[0].countLogin(asker({ mobile })), limitedWithin(HOUR_SECONDS));
    });

    it('A-6 counts outlive the process', async () => {
      const { mobile } = asker();
      const first = await connect(url);
      const before = createAuthRateLimits(settings, first);
      for (let calls = 1; calls <= 2; calls++) await before.countLogin(asker({ mobile }));
      first.disconnect();
      const restarted = createAuthRateLimits(settings, await connect(url));
      await assert.rejects(restarted.countLogin(asker({ mobile })), limitedWithin(HOUR_SECONDS));
      await restarted.countLogin(asker());
    });

    it('A-11 Redis has neither numbers nor device ids in clear', async () => {
      const client = await connect(url);
      const limits = createAuthRateLimits(settings, client);
      const here = asker({ ip: '203.0.113.9', deviceId: 'device-in-clear' });
      const before = new Set(await client.keys('limit:*'));
      await limits.countCode(here);
      await limits.countLogin(here);
      const keys = (await client.keys('limit:*')).filter((key) => !before.has(key));
      assert.equal(keys.length, 6);
      for (const key of keys) {
        assert.ok(!key.includes(here.mobile) && !key.includes('device-in-clear'), key);
        assert.match(key, /^limit:(code|login):(ip:203\.0\.113\.9\/32|(number|device):[\w-]{43})$/);
      }
    });
  });

  describe('when Redis dies', () => {
    needs('redis-server');
    let redis: RedisServer;
    let client: Redis;
    const answers = async () => {
      while (!(await client.ping().then(Boolean, () => false))) await sleep(10);
    };
    before(async () => {
      redis = await startRedis();
      client = new Redis(redis.url, { maxRetriesPerRequest: 1, enableOfflineQueue: false });
      client.on('error', () => undefined);
      await answers();
    });
    after(async () => {
      client?.disconnect();
      await redis?.stop();
    });

    it('A-6 a node goes on counting for itself, and with the others when Redis is back', async () => {
      const limits = createAuthRateLimits({ ...RATE_LIMITS, loginsPerNumberPerHour: 2 }, client);
      const { mobile } = asker();
      await limits.countLogin(asker({ mobile }));
      await redis.kill();
      for (let calls = 1; calls <= 2; calls++) await limits.countLogin(asker({ mobile }));
      await assert.rejects(limits.countLogin(asker({ mobile })), limitedWithin(HOUR_SECONDS));
      await redis.restart();
      await answers();
      await limits.countLogin(asker({ mobile }));
      assert.equal((await client.keys('limit:login:number:*')).length, 1);
    });
  });
});
