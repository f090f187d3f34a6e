import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { RedisClients } from '../../src/platform/cluster/redisClients.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { StartError } from '../../src/platform/startError.ts';
import { startServerProcess } from '../platform/cluster/serverProcess.ts';
import { makeCertificates, type Certificates } from '../support/certificates.ts';
import { onSqlite } from '../support/databases.ts';
import { logSearch } from '../support/logs.ts';
import { freePort, startRedis, type RedisServer } from '../support/services.ts';
import { needs } from '../support/shared.ts';

const logger = createLogger('debug', logSearch.destination);

describe('S-4 Redis over TLS', function () {
  this.timeout(60_000);
  needs('redis-server', 'openssl');
  let certificates: Certificates;
  let redis: RedisServer;
  let port: number;
  before('a Redis with a certificate of an authority of its own', async () => {
    certificates = makeCertificates('IP:127.0.0.1');
    port = await freePort();
    const { ca, cert, key } = certificates;
    const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', ca];
    redis = await startRedis(['--tls-port', String(port), ...files, '--tls-auth-clients', 'no']);
  });
  after('it is stopped', async () => {
    await redis?.stop();
    certificates?.remove();
  });

  async function assertTold(url: string, what: RegExp): Promise<void> {
    await assert.rejects(RedisClients.connect(url, logger), (error) => {
      assert.ok(error instanceof StartError, String((error as Error).stack));
      assert.match(error.message, /^REDIS_URL: [^\n]+$/);
      assert.match(error.message, what);
      return true;
    });
  }

  it('is refused with one line where the certificate is not to be trusted, or does not name the host', async () => {
    const { ca } = certificates;
    await assertTold(`rediss://127.0.0.1:${port}`, /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED/);
    await assertTold(`rediss://localhost:${port}?ssl_ca=${ca}`, /ERR_TLS_CERT_ALTNAME_INVALID/);
    await assertTold(`rediss://127.0.0.1:${port}?ssl_ca=${ca}.old`, /no such place/);
    writeFileSync(`${ca}.empty`, 'BEGIN CERTIFICATE');
    await assertTold(`rediss://127.0.0.1:${port}?ssl_ca=${ca}.empty`, /no certificate/);
    await assertTold(`rediss://127.0.0.1:${redis.port}?ssl_ca=${ca}`, /./);
    await assertTold(`redis://127.0.0.1:${port}`, /./);
  });

  onSqlite('S-4 a node', (_open, openUrl) => {
    it('is connected by TLS and nothing else', async () => {
      const node = await startServerProcess(await openUrl(), {
        REDIS_URL: `rediss://127.0.0.1:${port}/3?ssl_ca=${certificates.ca}`,
      });
      try {
        assert.equal((await fetch(`${node.origin}/ready`)).status, 200);
        const list = String(await redis.command('CLIENT', 'LIST'));
        const addresses = [...list.matchAll(/ laddr=127\.0\.0\.1:(\d+) .* db=(\d+) .*cmd=(?!client)/g)];
        assert.ok(addresses.length >= 6, list);
        for (const [, own, db] of addresses) assert.deepEqual([Number(own), db], [port, '3'], list);
      } finally {
        await node.end('SIGKILL');
      }
    });
  });
});
