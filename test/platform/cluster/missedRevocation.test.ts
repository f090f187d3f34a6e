import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Room } from '@colyseus/sdk';
import { after, before, it } from 'mocha';
import { needs, sharedMariadb } from '../../support/shared.ts';
import { login } from './nodes.ts';
import { startServerProcess, type ServerProcess } from './serverProcess.ts';

const CLOCK_SHIFT = new URL('../../support/clockShift.ts', import.meta.url).href;
/** Longer than a node may be without a read before it refuses. */
const STILL_MS = 7000;
const LOGIN_REVOKED = 4401;
const SERVER_SHUTDOWN = 4001;
const HOUR_MS = 3_600_000;

describe('a node that stood still, without Redis', function () {
  this.timeout(120_000);
  needs('mariadbd');
  let name: string;
  let folder: string;
  let node: ServerProcess;
  let other: ServerProcess;
  before(async () => {
    const mariadb = await sharedMariadb();
    name = await mariadb.createDatabase();
    folder = mkdtempSync(join(tmpdir(), 'kaijiang-clock-'));
    setClock(0);
    const shifted = {
      NODE_OPTIONS: `--import ${CLOCK_SHIFT}`,
      CLOCK_FILE: join(folder, 'clock'),
    };
    other = await startServerProcess(mariadb.url(name));
    node = await startServerProcess(mariadb.url(name), shifted);
  });
  after(async () => {
    await Promise.all([node, other].map((started) => started?.end('SIGKILL')));
    if (folder !== undefined) rmSync(folder, { recursive: true });
    if (name !== undefined) await (await sharedMariadb()).dropDatabase(name);
  });

  const setClock = (aheadMs: number) => writeFileSync(join(folder, 'clock'), String(aheadMs));
  const ask = async (at: ServerProcess, token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${at.origin}/api/v3/auth/me`, { headers });
    const { code } = (await response.json()) as { code: string };
    return { code, retryAfter: response.headers.get('Retry-After') };
  };
  const logOut = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const { status } = await fetch(`${other.origin}/api/v3/auth/logout`, { method: 'POST', headers });
    assert.equal(status, 200);
  };
  const sit = async (token: string): Promise<Room> => {
    const client = new Client(node.origin);
    client.auth.token = token;
    const room = await client.joinOrCreate('campaign', { campaign_id: 1 });
    room.reconnection.enabled = false;
    room.onMessage('*', () => undefined);
    return room;
  };
  /** The answer when the node has read again. */
  const settled = async (token: string): Promise<string> => {
    for (let tries = 0; tries < 200; tries++) {
      const { code } = await ask(node, token);
      if (code !== 'BUSY') return code;
      await sleep(20);
    }
    return 'BUSY';
  };
  /** The login ends while the node is stopped; its clock may be another one when it goes on. */
  const endWhileStopped = async (token: string, stepMs: number) => {
    process.kill(node.pid, 'SIGSTOP');
    try {
      await logOut(token);
      setClock(stepMs);
      await sleep(STILL_MS);
    } finally {
      process.kill(node.pid, 'SIGCONT');
    }
  };

  for (const [title, stepMs] of [
    ['wakes up', 0],
    ['wakes up with its clock an hour ahead', HOUR_MS],
    ['wakes up with its clock an hour behind', -HOUR_MS],
  ] as const) {
    it(`TIME-1 refuses from the moment it ${title}, and never takes the ended login again`, async () => {
      const token = await login([other], 5);
      const staying = await login([other], 6);
      assert.equal((await ask(node, token)).code, 'OK');
      const room = await sit(token);
      const closed = new Promise<number>((resolve) => room.onLeave(resolve));
      await endWhileStopped(token, stepMs);
      // Many at once, so that some arrive before any timer of the node has run.
      const first = await Promise.all(Array.from({ length: 20 }, () => ask(node, token)));
      for (const { code, retryAfter } of first) {
        assert.ok(code === 'BUSY' || code === 'TOKEN_REVOKED', code);
        if (code === 'BUSY') assert.equal(retryAfter, '1');
      }
      // Without Redis the other node may have taken the campaign meanwhile, which closes the room by itself.
      assert.ok([LOGIN_REVOKED, SERVER_SHUTDOWN].includes(await closed));
      assert.equal(await settled(token), 'TOKEN_REVOKED');
      assert.equal(await settled(staying), 'OK');
      setClock(0);
      assert.equal(await settled(token), 'TOKEN_REVOKED');
      assert.equal(await settled(staying), 'OK');
    });
  }
});
