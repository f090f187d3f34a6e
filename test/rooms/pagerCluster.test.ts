import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { login, startNodes, type Nodes } from '../platform/cluster/nodes.ts';
import type { ServerProcess } from '../platform/cluster/serverProcess.ts';
import { eventually } from '../support/seat.ts';
import { needs } from '../support/shared.ts';
import { assertRefused, turnOn, type Asking, type Device } from './pagerSeat.ts';

/** Longer than a node takes to list a room again that it misses. */
const LISTED_AGAIN_MS = 1500;

describe('local rooms of a cluster', function () {
  this.timeout(60_000);
  needs('mariadbd', 'redis-server');
  let cluster: Nodes;
  let own: Omit<Asking, 'origin'>;
  let devices: Device[] = [];
  before(async () => {
    cluster = await startNodes({ main: 'test/rooms/pagerNode.ts' });
    own = personOf(await login(cluster.nodes, 1));
  });
  afterEach(async () => {
    for (const { room } of devices) if (room.connection.isOpen) await room.leave();
    devices = [];
  });
  after(() => cluster?.close());

  const turnOnAt = async (node: ServerProcess, call?: string) => {
    const device = await turnOn({ ...own, origin: node.origin }, call);
    devices.push(device);
    return device;
  };
  /** Nodes that listen to the person's topic, and nodes that have a room of theirs. */
  const listening = async () => {
    const [, topic, , rooms] = (await cluster.redis.command(
      'PUBSUB',
      'NUMSUB',
      `pager:${own.userId}`,
      `$pager-${own.userId}`,
    )) as number[];
    return { topic, rooms };
  };
  const publishFromOutside = (text: string) =>
    cluster.redis.command('PUBLISH', `pager:${own.userId}`, JSON.stringify({ text }));

  it('ROOM-5 each device sits on the node it asked, however the calls are mixed', async () => {
    const calls = ['joinOrCreate/pager', 'join/pager', `joinById/pager-${own.userId}`];
    for (const [at, node] of cluster.nodes.entries()) {
      const { reservation, room } = await turnOnAt(node, calls[at]);
      assert.equal(`http://${reservation.publicAddress}`, node.origin);
      assert.equal(room.roomId, `pager-${own.userId}`);
    }
    assert.equal(new Set(devices.map(({ reservation }) => reservation.processId)).size, 3);
    assert.deepEqual(await listening(), { topic: 3, rooms: 3 });
  });

  it('ROOM-5 what is published once reaches each device once', async () => {
    const [first, second] = cluster.nodes as [ServerProcess, ServerProcess];
    const [phone] = [await turnOnAt(first), await turnOnAt(second), await turnOnAt(second)];
    await publishFromOutside('dinner');
    await phone.room.request('page', { text: 'dessert' });
    await publishFromOutside('coffee');
    for (const { pages } of devices)
      await eventually(() => assert.deepEqual([...pages].sort(), ['coffee', 'dessert', 'dinner']));
  });

  it('ROOM-5 no node lists its room', async () => {
    const [first, second] = cluster.nodes as [ServerProcess, ServerProcess];
    await turnOnAt(first);
    await turnOnAt(second);
    await sleep(LISTED_AGAIN_MS);
    assert.deepEqual(await cluster.redis.command('HKEYS', 'roomcaches'), []);
  });

  it('ROOM-5 everybody else is refused on every node, and nothing is opened for them', async () => {
    const token = await login(cluster.nodes, 2);
    for (const { origin } of cluster.nodes)
      for (const call of ['joinOrCreate/pager', `joinById/pager-${own.userId}`])
        await assertRefused({ origin, token, userId: own.userId }, 'FORBIDDEN', call);
    assert.deepEqual(await listening(), { topic: 0, rooms: 0 });
  });

  it('ROOM-7 a room closes with its last device, and the other nodes keep theirs', async () => {
    const [first, second] = cluster.nodes as [ServerProcess, ServerProcess];
    const [phone, tablet] = [await turnOnAt(first), await turnOnAt(second)];
    await phone.room.leave();
    await eventually(async () => assert.deepEqual(await listening(), { topic: 1, rooms: 1 }));
    await publishFromOutside('only you');
    await eventually(() => assert.deepEqual(tablet.pages, ['only you']));
    await tablet.room.leave();
    await eventually(async () => assert.deepEqual(await listening(), { topic: 0, rooms: 0 }));
  });

  it('ROOM-5 no room is opened while Redis is away; one that is open takes devices, and hears again', async () => {
    const [first, second] = cluster.nodes as [ServerProcess, ServerProcess];
    const phone = await turnOnAt(first);
    await cluster.redis.kill();
    try {
      await assertRefused({ ...own, origin: second.origin }, 'BUSY');
      await turnOnAt(first);
    } finally {
      await cluster.redis.restart();
    }
    await eventually(async () => assert.equal((await listening()).topic, 1));
    await publishFromOutside('back');
    await eventually(() => assert.deepEqual(phone.pages, ['back']));
  });
});

function personOf(token: string): { token: string; userId: number } {
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sub: string };
  return { token, userId: Number(claims.sub) };
}
