import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@colyseus/sdk';
import { after, before, describe, it } from 'mocha';
import { login, post, startNodes, type Nodes } from '../platform/cluster/nodes.ts';
import type { ServerProcess } from '../platform/cluster/serverProcess.ts';
import { needs } from '../support/shared.ts';

describe('the monitor of a cluster', function () {
  this.timeout(120_000);
  needs('mariadbd', 'redis-server');
  let cluster: Nodes;
  let token: string;
  before(async () => {
    cluster = await startNodes();
    const [node] = cluster.nodes as [ServerProcess];
    const { data } = await post(node, '/auth/login', { mobile: '13800000000', code: '123456' });
    token = (data as { access_token: string }).access_token;
  });
  after(() => cluster?.close());

  const cookieOf = async ({ origin }: ServerProcess) => {
    const url = `${origin}/api/v3/admin/monitor/session`;
    const response = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    return response.headers.get('set-cookie')!.split(';')[0]!;
  };
  const get = async ({ origin }: ServerProcess, path: string, cookie: string) => {
    const response = await fetch(`${origin}/monitor/api${path}`, {
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
    });
    return (await response.json()) as any;
  };
  const seatAt = async ({ origin }: ServerProcess, diner: number) => {
    const client = new Client(origin);
    client.auth.token = await login(cluster.nodes, diner);
    const room = await client.joinOrCreate('campaign', { campaign_id: 1 });
    room.onMessage('*', () => {});
    return room;
  };

  it('R-7 every node shows every room, and kicks a client wherever the room is, by a cookie of any node', async () => {
    const cookie = await cookieOf(cluster.nodes[0]!);
    for (const [at, node] of cluster.nodes.entries()) {
      const room = await seatAt(node, at + 1);
      const left = new Promise<number>((resolve) => room.onLeave(resolve));
      const list = await get(node, '', cookie);
      assert.ok(list.rooms.some(({ roomId }: { roomId: string }) => roomId === room.roomId));
      const shown = await get(node, `/room?roomId=${room.roomId}`, cookie);
      assert.equal(shown.state.campaign_id, 1);
      assert.deepEqual(
        shown.clients.map((client: { sessionId: string }) => client.sessionId),
        [room.sessionId],
      );
      const args = encodeURIComponent(JSON.stringify([room.sessionId]));
      await get(node, `/room/call?roomId=${room.roomId}&method=_forceClientDisconnect&args=${args}`, cookie);
      await left;
    }
    const [row] = await cluster.database.read<{ total: number | string }>(
      "SELECT COUNT(*) AS total FROM admin_audit_logs WHERE action = 'room.kick'",
    );
    assert.equal(Number(row?.total), 3);
  });

  it('R-7 what else the monitor adds to rooms does not come over Redis', async () => {
    const cookie = await cookieOf(cluster.nodes[0]!);
    const room = await seatAt(cluster.nodes[0]!, 10);
    let isTold = false;
    room.onMessage('*', () => (isTold = true));
    const inspect = () => get(cluster.nodes[1]!, `/room?roomId=${room.roomId}`, cookie);
    const { name } = (await inspect()).state as { name: string };
    for (const [method, args] of [
      ['_editStateProperty', [['name'], 'another']],
      ['_deleteStateProperty', [['name']]],
      ['_sendMessageToClient', [room.sessionId, 'campaign', { status: 'ended' }]],
      ['getInspectData', ['x']],
      ['_forceClientDisconnect', [{}]],
    ]) {
      await cluster.redis.command('PUBLISH', `$${room.roomId}`, JSON.stringify([method, 'r-1', args]));
    }
    await sleep(300);
    assert.equal((await inspect()).state.name, name);
    assert.deepEqual([isTold, room.connection.isOpen], [false, true]);
    await room.leave();
  });
});
