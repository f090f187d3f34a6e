import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, describe, it } from 'mocha';
import { faultsOf } from '../../../loadtest/rollout/judge.ts';
import { mostWithin } from '../../../loadtest/rollout/returns.ts';
import { runRollout } from '../../../loadtest/rollout/runRollout.ts';
import { needs } from '../../support/shared.ts';
import { startServerProcess, type ServerProcess } from './serverProcess.ts';

describe('a rollout', function () {
  this.timeout(180_000);
  needs('mariadbd', 'redis-server');

  it('RO-2 loses nothing, refuses nothing for good, and sends people back spread over time', async () => {
    const lines: string[] = [];
    const report = await runRollout({
      drawing: 20,
      talking: 50,
      waitMs: 600,
      spreadMs: 6000,
      rolls: 2,
      print: (line) => lines.push(line),
    });
    assert.deepEqual(faultsOf(report), [], lines.join('\n'));
    assert.equal(report.ends.length, 2);
  });

  it('RO-2 the most that come back within a second are counted wherever the second begins', () => {
    assert.equal(mostWithin([], 1000), 0);
    assert.equal(mostWithin([0, 900, 1000, 1500, 1899, 2100], 1000), 4);
  });
});

describe('a node that is told to end', function () {
  this.timeout(60_000);
  let folder: string;
  let server: ServerProcess;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kaijiang-drain-'));
  });
  afterEach(async () => {
    await server?.end('SIGKILL');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('RO-2 is not ready any more and serves, until it has waited or is told again', async () => {
    server = await startServerProcess(`sqlite:${join(folder, 'kj.db')}`, { DRAIN_WAIT_MS: '60000' });
    const ready = async () => {
      const response = await fetch(`${server.origin}/ready`);
      return [response.status, await response.json(), response.headers.get('connection')];
    };
    assert.deepEqual((await ready()).slice(0, 2), [200, { status: 'ready', missing: [] }]);
    process.kill(server.pid, 'SIGTERM');
    await sleep(300);
    assert.deepEqual(await ready(), [503, { status: 'leaving', missing: [] }, 'close']);
    assert.equal((await fetch(`${server.origin}/health`)).status, 200);
    assert.equal((await fetch(`${server.origin}/api/v3/about`)).status, 200);
    // What comes at once is the same signal.
    process.kill(server.pid, 'SIGTERM');
    await sleep(1200);
    assert.equal((await fetch(`${server.origin}/health`)).status, 200);
    const { code, tookMs } = await server.end('SIGTERM');
    assert.equal(code, 0);
    assert.ok(tookMs < 10_000, `${tookMs} ms`);
  });

  it('RO-2 ends by itself when it has waited', async () => {
    server = await startServerProcess(`sqlite:${join(folder, 'kj.db')}`, { DRAIN_WAIT_MS: '1500' });
    const { code, tookMs } = await server.end('SIGTERM');
    assert.equal(code, 0);
    assert.ok(tookMs >= 1500 && tookMs < 10_000, `${tookMs} ms`);
  });
});
