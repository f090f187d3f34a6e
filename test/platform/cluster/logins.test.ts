import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Room } from '@colyseus/sdk';
import { LOGIN_REVOKED } from '../../../rooms/kernel/roomAuth.ts';
import { createCampaign } from '../../support/factories.ts';
import { needs } from '../../support/shared.ts';
import { login, post, startNodes, type Nodes } from './nodes.ts';
import type { ServerProcess } from './serverProcess.ts';

const ROUNDS = 5;
const WITHIN_MS = 1000;

/** A login with a socket on every node. */
interface Seated {
  token: string;
  rooms: Room[];
  closed: Promise<{ codes: number[]; lastMs: number }>;
}

describe('logins in a cluster of three nodes', function () {
  this.timeout(120_000);
  needs('mariadbd', 'redis-server');
  let cluster: Nodes;
  /** One for each node, which owns it. */
  let campaigns: number[];
  const seats: Seated[] = [];

  before(async () => {
    cluster = await startNodes();
    const token = await login(cluster.nodes, 20);
    const owned = new Map<ServerProcess, number>();
    for (let at = 0; owned.size < cluster.nodes.length; at++) {
      // Whoever finds a running campaign without a room may open it, not only the node that is joined.
      assert.ok(at < 30, `${owned.size} of three nodes own a campaign`);
      const { campaignId } = await createCampaign(cluster.database);
      await (await join(token, campaignId, cluster.nodes[at % 3]!.origin)).leave();
      owned.set(await cluster.ownerOf(campaignId), campaignId);
    }
    campaigns = cluster.nodes.map((node) => owned.get(node)!);
  });
  after(async () => {
    // Without a goodbye: a node whose Redis is dead answers none.
    for (const { rooms } of seats) for (const room of rooms) room.connection.close();
    await cluster?.close();
  });

  async function join(token: string, campaignId: number, origin: string): Promise<Room> {
    const client = new Client(origin);
    client.auth.token = token;
    const room = await client.joinOrCreate('campaign', { campaign_id: campaignId });
    room.reconnection.enabled = false;
    room.onMessage('*', () => undefined);
    return room;
  }

  async function sit(diner: number): Promise<Seated> {
    const token = await login(cluster.nodes, diner);
    const rooms = await Promise.all(
      campaigns.map((campaignId, at) => join(token, campaignId, cluster.nodes[at]!.origin)),
    );
    const ends = rooms.map((room) => new Promise<number>((resolve) => room.onLeave(resolve)));
    const closed = Promise.all(ends).then((codes) => ({ codes, lastMs: performance.now() }));
    const seated = { token, rooms, closed };
    seats.push(seated);
    return seated;
  }

  /** Logs some out, each at another node, and returns how long it took until the last socket of each was closed. */
  async function logOut(leaving: readonly Seated[]): Promise<number[]> {
    const latencies: number[] = [];
    for (const [at, { token, closed }] of leaving.entries()) {
      // Not always at the same moment between two polls.
      await sleep(at * 90);
      const startMs = performance.now();
      const { code } = await post(cluster.nodes[at % 3]!, '/auth/logout', {}, token);
      assert.equal(code, 'OK');
      const { codes, lastMs } = await closed;
      assert.deepEqual(codes, [LOGIN_REVOKED, LOGIN_REVOKED, LOGIN_REVOKED]);
      latencies.push(lastMs - startMs);
    }
    return latencies.sort((a, b) => a - b);
  }

  function assertInTime(latencies: readonly number[]): void {
    const median = latencies[Math.floor(latencies.length / 2)]!;
    assert.ok(median <= WITHIN_MS, `closed after ${latencies.map((ms) => ms.toFixed()).join(', ')} ms`);
  }

  function assertSeated(staying: readonly Seated[]): void {
    for (const { rooms } of staying) assert.ok(rooms.every((room) => room.connection.isOpen));
  }

  async function seatRounds(): Promise<Seated[]> {
    const all: Seated[] = [];
    for (let round = 0; round < ROUNDS; round++) all.push(await sit(1 + (round % 2)));
    return all;
  }

  it('A-5 logging out closes the sockets of that login on every node within a second', async () => {
    const staying = [await sit(1), await sit(3)];
    assertInTime(await logOut(await seatRounds()));
    assertSeated(staying);
  });

  it('A-5 a revoked login is refused by every node, for REST and for joining', async () => {
    const leaving = await sit(4);
    await logOut([leaving]);
    for (const [at, node] of cluster.nodes.entries()) {
      assert.equal((await post(node, '/auth/logout', {}, leaving.token)).code, 'TOKEN_REVOKED');
      await assert.rejects(join(leaving.token, campaigns[at]!, node.origin), { code: 401 });
    }
  });

  it('A-5 without Redis the nodes find out by themselves, within a second as well', async () => {
    const staying = [await sit(1), await sit(3)];
    const leaving = await seatRounds();
    await cluster.redis.kill();
    assertInTime(await logOut(leaving));
    assertSeated(staying);
  });
});
