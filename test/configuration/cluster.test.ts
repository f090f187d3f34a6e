import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@colyseus/sdk';
import { after, before, describe, it } from 'mocha';
import { loginAs, startNodes, type Nodes } from '../platform/cluster/nodes.ts';
import type { ServerProcess } from '../platform/cluster/serverProcess.ts';
import { eventually } from '../support/seat.ts';
import { needs } from '../support/shared.ts';

/** Within which all nodes go by a change. */
const LIVE_MS = 1000;

describe('the configuration of a cluster', function () {
  this.timeout(120_000);
  needs('mariadbd', 'redis-server');
  let cluster: Nodes;
  let token: string;
  before(async () => {
    cluster = await startNodes();
    token = await loginAs(cluster.nodes, '13800000000');
  });
  after(() => cluster?.close());

  const call = async ({ origin }: ServerProcess, method: string, path: string, body?: object) => {
    const response = await fetch(`${origin}/api/v3${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as { code: string; data: any };
  };
  const read = async (node: ServerProcess) => (await call(node, 'GET', '/admin/config')).data;
  const put = async (node: ServerProcess, contact: string) => {
    const { version, config } = await read(node);
    const notices = { ...config.notices, contact };
    const changed = await call(node, 'PUT', '/admin/config', { version, config: { ...config, notices } });
    assert.equal(changed.code, 'OK');
  };
  const contactOf = async (node: ServerProcess) => (await call(node, 'GET', '/about')).data.contact as string;
  /** @returns after how many ms every node goes by it */
  const spread = async (contact: string): Promise<number> => {
    await put(cluster.nodes[0]!, contact);
    const madeMs = performance.now();
    const times = await Promise.all(
      cluster.nodes.map(async (node) => {
        while ((await contactOf(node)) !== contact) await sleep(10);
        return performance.now() - madeMs;
      }),
    );
    return Math.max(...times);
  };

  it('RA-11 R-6 every node goes by a change within a second, and each tells by which version', async () => {
    for (let count = 0; count < 5; count++) {
      const tookMs = await spread(`021-${count}`);
      assert.ok(tookMs < LIVE_MS, `${Math.round(tookMs)} ms`);
    }
    for (const node of cluster.nodes)
      await eventually(async () => {
        const { version, nodes } = await read(node);
        assert.deepEqual(
          nodes.map((one: any) => [one.version, one.bad_version]),
          cluster.nodes.map(() => [version, null]),
        );
      }, LIVE_MS);
  });

  it('RA-1 of changes of one version on all nodes at once one is made', async () => {
    const { version, config } = await read(cluster.nodes[0]!);
    const answers = await Promise.all(
      cluster.nodes.flatMap((node, at) =>
        [1, 2].map((n) => {
          const notices = { ...config.notices, contact: `${at} ${n}` };
          return call(node, 'PUT', '/admin/config', { version, config: { ...config, notices } });
        }),
      ),
    );
    assert.equal(answers.filter(({ code }) => code === 'OK').length, 1);
    assert.ok(answers.every(({ code }) => ['OK', 'CONFLICT'].includes(code)));
    assert.equal((await read(cluster.nodes[1]!)).version, version + 1);
  });

  it('R-6 who of the staff sits on any node is on line there, and nobody else', async () => {
    const online = async () => (await call(cluster.nodes[0]!, 'GET', '/admin/online')).data.items;
    assert.deepEqual(await online(), []);
    const sit = async (node: ServerProcess, mobile: string) => {
      const client = new Client(node.origin);
      client.auth.token = await loginAs(cluster.nodes, mobile);
      const room = await client.joinOrCreate('notifications', {});
      room.onMessage('*', () => {});
      room.reconnection.enabled = false;
      return room;
    };
    const [, second, third] = cluster.nodes as [ServerProcess, ServerProcess, ServerProcess];
    const rooms = [
      await sit(second, '13800000001'),
      await sit(third, '13800000001'),
      await sit(third, '13800000002'),
      await sit(third, '13900000001'),
    ];
    await eventually(async () => {
      const roles = (await online()).map(({ role, nodes }: any) => [role, nodes]);
      assert.deepEqual(roles.sort(), [
        ['admin', 2],
        ['staff', 1],
      ]);
    }, 8000);
    for (const room of rooms) await room.leave();
    await eventually(async () => assert.deepEqual(await online(), []), 8000);
  });

  it('RA-11 without Redis every node goes by a change within a second as well', async () => {
    await cluster.redis.kill();
    for (let count = 0; count < 3; count++) {
      const tookMs = await spread(`022-${count}`);
      assert.ok(tookMs < LIVE_MS, `${Math.round(tookMs)} ms`);
    }
  });
});
