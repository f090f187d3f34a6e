import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needs, sharedMariadb } from '../../support/shared.ts';
import { login } from './nodes.ts';
import { startServerProcess, type ServerProcess } from './serverProcess.ts';

const CLOCK_SHIFT = new URL('../../support/clockShift.ts', import.meta.url).href;
const HOUR_MS = 3_600_000;

describe('TIME-1 nodes whose clocks are hours apart', function () {
  this.timeout(120_000);
  needs('mariadbd');
  let name: string;
  let folder: string;
  const nodes: ServerProcess[] = [];

  before('one is right, one three hours ahead, one three hours behind', async () => {
    const mariadb = await sharedMariadb();
    name = await mariadb.createDatabase();
    folder = mkdtempSync(join(tmpdir(), 'kaijiang-clock-'));
    for (const hours of [0, 3, -3]) {
      const file = join(folder, `clock${hours}`);
      writeFileSync(file, String(hours * HOUR_MS));
      const shifted = { NODE_OPTIONS: `--import ${CLOCK_SHIFT}`, CLOCK_FILE: file };
      nodes.push(await startServerProcess(mariadb.url(name), shifted));
    }
  });
  after(async () => {
    await Promise.all(nodes.map((node) => node.end('SIGKILL')));
    rmSync(folder, { recursive: true });
    await (await sharedMariadb()).dropDatabase(name);
  });

  const call = async <Data>(node: ServerProcess, token: string, path: string, body?: object) => {
    const answer = await fetch(`${node.origin}/api/v3${path}`, {
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    const { code, data } = (await answer.json()) as { code: string; data: Data };
    assert.equal(code, 'OK');
    return data;
  };

  it('take one another’s tokens, which last for minutes', async () => {
    for (const [at, issuer] of nodes.entries()) {
      const token = await login([issuer], 11 + at);
      for (const node of nodes) await call(node, token, '/auth/me');
    }
  });

  it('write the same time', async () => {
    const token = await login([nodes[0]!], 14);
    const startMs = Date.now();
    for (const node of nodes) await call(node, token, '/points/consume', { amount: 1, reason: 'test' });
    const { items } = await call<{ items: { created_at: string }[] }>(
      nodes[0]!,
      token,
      '/points/transactions?limit=3',
    );
    const offMs = items.map(({ created_at: at }) => Date.parse(at) - startMs);
    assert.ok(items.length === 3 && offMs.every((ms) => Math.abs(ms) < HOUR_MS / 2), offMs.join());
  });
});
