import assert from 'node:assert/strict';
import { Redis } from 'ioredis';
import { after, before, describe, it } from 'mocha';
import { createAuthRateLimits, networkOf } from '../../src/auth/rateLimits.ts';
import { AppError } from '../../src/errors.ts';
import { needsRedis, sharedRedis } from '../support/shared.ts';

const config = { codesPerIpPerHour: 3, loginsPerIpPerMinute: 2 };
const limitedWithin = (seconds: number) => (error: unknown) =>
  error instanceof AppError &&
  error.code === 'RATE_LIMITED' &&
  error.retryAfterSeconds! > 0 &&
  error.retryAfterSeconds! <= seconds;

describe('auth rate limits', () => {
  it('A-2 codes per address and hour, logins per address and minute', async () => {
    const limits = createAuthRateLimits(config, undefined);
    for (let calls = 1; calls <= 3; calls++) await limits.countCode('192.0.2.1');
    await assert.rejects(limits.countCode('192.0.2.1'), limitedWithin(3600));
    await limits.countCode('192.0.2.2');
    for (let calls = 1; calls <= 2; calls++) await limits.countLogin('192.0.2.1');
    await assert.rejects(limits.countLogin('192.0.2.1'), limitedWithin(60));
  });

  it('A-2 the addresses of one IPv6 network count as one', () => {
    assert.equal(networkOf('192.0.2.1'), '192.0.2.1');
    assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1');
    assert.equal(networkOf('2001:db8::1'), networkOf('2001:0DB8:0:0:ffff::2'));
    assert.equal(networkOf('2001:db8::1'), '2001:db8:0:0');
    assert.notEqual(networkOf('2001:db8:0:1::1'), networkOf('2001:db8:0:2::1'));
    assert.equal(networkOf('::1'), '0:0:0:0');
    assert.equal(networkOf('fe80::1%eth0'), 'fe80:0:0:0');
  });

  describe('with Redis', () => {
    needsRedis();
    const clients: Redis[] = [];
    const connect = async (url: string) => {
      const client = new Redis(url);
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
        createAuthRateLimits(config, await connect(url)),
        createAuthRateLimits(config, await connect(url)),
      ] as const;
      await nodes[0].countLogin('192.0.2.9');
      await nodes[1].countLogin('192.0.2.9');
      await assert.rejects(nodes[0].countLogin('192.0.2.9'), limitedWithin(60));
    });

    it('A-2 while Redis is away a node counts for itself', async () => {
      const client = await connect(url);
      const limits = createAuthRateLimits(config, client);
      client.disconnect();
      await limits.countLogin('192.0.2.10');
      await limits.countLogin('192.0.2.10');
      await assert.rejects(limits.countLogin('192.0.2.10'), limitedWithin(60));
    });
  });
});
