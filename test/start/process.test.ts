import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startServerProcess } from '../platform/cluster/serverProcess.ts';
import { logSearch } from '../support/logs.ts';
import { freePort, startRedis } from '../support/services.ts';
import { needs } from '../support/shared.ts';
import { LISTINGS } from '../../src/platform/cluster/roomListings.ts';

/** Of a process that is not told of its end any more; the machine may be busy. */
const PATIENCE_MS = 60_000;
const SECRETS = {
  JWT_SECRET: randomBytes(32).toString('hex'),
  SEED_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
};

/** Starts the product in an empty folder and waits for its end. */
async function startAndEnd(
  environment: Record<string, string>,
): Promise<{ code: number | null; lines: string[] }> {
  const cwd = mkdtempSync(join(tmpdir(), 'kaijiang-start-'));
  const loader = pathToFileURL(createRequire(import.meta.filename).resolve('tsx')).href;
  const child = spawn(process.execPath, ['--import', loader, resolve('src/index.ts')], {
    cwd,
    env: {
      PATH: process.env['PATH'],
      TSX_TSCONFIG_PATH: resolve('tsconfig.json'),
      PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    logSearch.follow(stream);
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await once(child, 'close');
  clearTimeout(timer);
  rmSync(cwd, { recursive: true });
  return { code: child.exitCode, lines: text.split('\n').filter((line) => line !== '') };
}

async function assertRefused(environment: Record<string, string>, told: RegExp): Promise<void> {
  const { code, lines } = await startAndEnd(environment);
  assert.deepEqual([code, lines.length], [1, 1], lines.join('\n'));
  assert.match(lines[0]!, told);
}

describe('a start that can not go on ends with 1 and one line', function () {
  this.timeout(2 * PATIENCE_MS);

  it('PORT is taken by another program', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await assertRefused({ PORT: String(port) }, /^PORT: \d+ is taken on 127\.0\.0\.1/);
    other.close();
  });

  it('HOST is no address of this machine, or no host at all', async () => {
    await assertRefused({ HOST: '192.0.2.1' }, /^HOST: 192\.0\.2\.1 is no address of this machine/);
    await assertRefused({ HOST: 'nowhere.invalid' }, /^HOST: .*host/);
  });

  it('a malformed setting', () => assertRefused({ REDIS_URL: 'redis://127.0.0.1:99999' }, /^REDIS_URL\b/));

  it('another SEED_ENCRYPTION_KEY than the one that the seeds are stored by', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kaijiang-start-'));
    const url = `sqlite:${join(folder, 'kj.db')}`;
    const first = await startServerProcess(url);
    await first.end('SIGTERM');
    await assertRefused({ DATABASE_URL: url, ...SECRETS }, /^SEED_ENCRYPTION_KEY: .*another key/);
    rmSync(folder, { recursive: true });
  });

  it('in production the line is JSON, as all of the log', async () => {
    const { code, lines } = await startAndEnd({ NODE_ENV: 'production', ...SECRETS, SMS_SENDER: 'pigeon' });
    assert.deepEqual([code, lines.length], [1, 1], lines.join('\n'));
    const { level, msg } = JSON.parse(lines[0]!) as { level: number; msg: string };
    assert.equal(level, 60);
    assert.match(msg, /^SMS_SENDER\b/);
  });

  describe('of several nodes', () => {
    needs('redis-server');

    it('one that cannot listen was never listed, and takes no room', async () => {
      const redis = await startRedis();
      const other = createServer();
      const port = await freePort();
      const seen = new Set<string>();
      let isOver = false;
      const watching = (async () => {
        while (!isOver) {
          for (const key of (await redis.command('KEYS', '*')) as string[]) seen.add(key);
          // Taken while the node opens what it needs: the look at the address before that was content.
          if (seen.has('ready:start') && !other.listening) other.listen(port, '127.0.0.1');
          await sleep(20);
        }
      })();
      await assertRefused({ REDIS_URL: redis.url, PORT: String(port) }, /^PORT: /);
      isOver = true;
      await watching;
      assert.ok(seen.has('ready:start'), 'the start never came to Redis');
      assert.ok(!seen.has('roomcount') && !seen.has(LISTINGS), [...seen].join(' '));
      other.close();
      await redis.stop();
    });
  });
});

describe('a start in production', function () {
  this.timeout(2 * PATIENCE_MS);

  it('S-6 prints nothing but JSON, no demo logins, and the console sender of a trial as a line of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kaijiang-start-'));
    const server = await startServerProcess(`sqlite:${join(folder, 'kj.db')}`, {
      NODE_ENV: 'production',
      ...SECRETS,
      SMS_SENDER: 'console',
      DRAIN_WAIT_MS: '0',
      DRAIN_SPREAD_MS: '0',
      HOST: '::1',
      NODE_PENDING_DEPRECATION: '1',
    });
    await fetch(`${server.origin}/api/v3/auth/code`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ mobile: '13900000001' }),
    });
    const { code } = await server.end('SIGTERM');
    assert.equal(code, 0);
    const lines = server.output.split('\n').filter((line) => line !== '');
    const texts = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    assert.ok(
      texts.some((text) => /^Kaijiang listens on http:\/\/\[::1\]:\d+$/.test(text)),
      texts.join('\n'),
    );
    assert.ok(
      texts.some((text) => /^SMS to \S+: your code is \d{6}$/.test(text)),
      texts.join('\n'),
    );
    assert.ok(!texts.some((text) => text.includes('Demo logins')));
    rmSync(folder, { recursive: true });
  });
});
