import assert from 'node:assert/strict';
import { Client } from '@colyseus/sdk';
import { after, before, describe, it } from 'mocha';
import { login, post, startNodes, type Nodes } from '../platform/cluster/nodes.ts';
import type { ServerProcess } from '../platform/cluster/serverProcess.ts';
import { eventually } from '../support/seat.ts';
import { needs } from '../support/shared.ts';

describe('the state of a cluster', function () {
  this.timeout(120_000);
  needs('mariadbd', 'redis-server');
  let cluster: Nodes;
  let token: string;
  before(async () => {
    cluster = await startNodes();
    const { data } = await post(cluster.nodes[0]!, '/auth/login', { mobile: '13800000000', code: '123456' });
    token = (data as { access_token: string }).access_token;
  });
  after(() => cluster?.close());

  const read = async ({ origin }: ServerProcess) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${origin}/api/v3/admin/system`, { headers });
    return ((await response.json()) as { data: any }).data;
  };

  it('R-8 S-5 every node tells of all that live: addresses, people, clients; one that was killed is gone at once', async () => {
    const rooms = await Promise.all(
      cluster.nodes.map(async ({ origin }, at) => {
        const client = new Client(origin);
        client.auth.token = await login(cluster.nodes, at + 1);
        const room = await client.joinOrCreate('campaign', { campaign_id: 1 });
        room.onMessage('*', () => {});
        return room;
      }),
    );
    const count = cluster.nodes.length;
    for (const node of cluster.nodes) {
      await eventually(async () => {
        const system = await read(node);
        assert.equal(system.nodes.length, count);
        assert.deepEqual(system.online, { people: count, clients: count });
        const addresses = new Set(system.nodes.map(({ told }: any) => told?.address));
        assert.equal(addresses.size, count);
        assert.ok(system.nodes.every(({ told }: any) => told.ms_ago < 10_000));
        assert.deepEqual(
          system.nodes.map(({ is_this }: any) => is_this),
          [true, ...Array<boolean>(count - 1).fill(false)],
        );
        assert.ok(system.redis.is_used && system.redis.round_trip_ms >= 0);
      }, 15_000);
    }
    for (const room of rooms) room.reconnection.enabled = false;
    await cluster.nodes.at(-1)!.end('SIGKILL');
    await eventually(async () => assert.equal((await read(cluster.nodes[0]!)).nodes.length, count - 1), 5000);
    for (const room of rooms) void room.leave().catch(() => undefined);
  });
});
