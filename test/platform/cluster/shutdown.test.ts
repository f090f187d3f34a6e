import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Room } from '@colyseus/sdk';
import { createCampaign } from '../../support/factories.ts';
import { needs } from '../../support/shared.ts';
import { assertClean, assertExactlyOnce, login, startLoad, startNodes, type Nodes } from './nodes.ts';

const DINERS = 6;
const SEATS = 12;

describe('a whole cluster that starts and ends at once', function () {
  this.timeout(120_000);
  needs('mariadbd', 'redis-server');
  let cluster: Nodes;
  let campaign: number;

  before('three nodes start at once', async () => {
    cluster = await startNodes({ order: 'at once' });
    campaign = (await createCampaign(cluster.database, { campaign: { cost_per_draw: 1 } })).campaignId;
  });
  after(async () => {
    await cluster?.close();
  });

  it('S-5 three nodes that find an empty database together migrate it once and seed the demo once', async () => {
    const rows = await cluster.database.read<{ name: string; count: number | string }>(
      `SELECT name, COUNT(*) AS count FROM migrations GROUP BY name
       UNION ALL SELECT 'diners', COUNT(*) FROM users WHERE mobile LIKE '139000000%'
       UNION ALL SELECT 'campaigns', COUNT(*) FROM lottery_campaigns WHERE campaign_id <> ?`,
      [campaign],
    );
    const counts = new Map(rows.map(({ name, count }) => [name, Number(count)]));
    assert.deepEqual([counts.get('diners'), counts.get('campaigns')], [20, 1]);
    counts.delete('diners');
    assert.deepEqual(new Set(counts.values()), new Set([1]));
  });

  it('S-3 SIGTERM to all nodes, which have nothing to do, ends each with 0 within 10 s', async () => {
    await endAndStartAll(cluster);
  });

  it('S-3 a client that reserves a seat and never takes it does not hold up the end', async () => {
    await sit(cluster, campaign, 0);
    const response = await fetch(`${cluster.nodes[0]!.origin}/matchmake/joinOrCreate/campaign`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await login(cluster.nodes, 20)}`,
      },
      body: JSON.stringify({ campaign_id: campaign }),
    });
    assert.equal(response.status, 200);
    await endAndStartAll(cluster);
  });

  it('S-3 S-4 SIGTERM while Redis is away ends each with 0 as well', async () => {
    await sit(cluster, campaign, 0);
    await cluster.redis.kill();
    const ends = await Promise.all(cluster.nodes.map((node) => node.end('SIGTERM')));
    await cluster.redis.restart();
    await Promise.all([...cluster.nodes].map((node) => cluster.replace(node)));
    assert.deepEqual(
      ends.map(({ code }) => code),
      [0, 0, 0],
    );
  });

  it('S-3 clients that come and go all the time do not hold up the end', async () => {
    let isOver = false;
    const comeAndGo = async (at: number) => {
      while (!isOver) {
        // While the nodes end nobody gets a seat.
        const room = await sit(cluster, campaign, at).catch(() => undefined);
        await sleep(Math.random() * 30);
        if (at % 2 === 0) room?.connection.close();
        // Of a connection that the server has closed already, leaving would never be confirmed.
        else void room?.leave();
      }
    };
    for (let at = 0; at < SEATS; at++) void comeAndGo(at);
    await sleep(1500);
    try {
      await endAndStartAll(cluster);
    } finally {
      isOver = true;
    }
  });

  it('S-3 DRAW-2 DRAW-4 SIGTERM to all nodes under load: each ends with 0 and no acknowledged draw is lost', async () => {
    const load = await startLoad(cluster, campaign, DINERS);
    for (let at = 0; at < SEATS; at++) await sit(cluster, campaign, at);
    await sleep(1000);
    await endAndStartAll(cluster);
    await sleep(1000);
    const { acknowledged } = await load.finish();
    assert.ok(acknowledged.length > 50, `only ${acknowledged.length} draws were acknowledged`);
    await assertExactlyOnce(cluster, campaign, acknowledged);
    await assertClean(cluster, campaign);
  });
});

/** SIGTERM to all nodes at the same moment. Others run in their place afterwards, also when an end was not as it should be. */
async function endAndStartAll(cluster: Nodes): Promise<void> {
  const nodes = [...cluster.nodes];
  const ends = await Promise.all(nodes.map((node) => node.end('SIGTERM')));
  await Promise.all(nodes.map((node) => cluster.replace(node)));
  assert.deepEqual(
    ends.map(({ code }) => code),
    [0, 0, 0],
  );
  for (const { tookMs } of ends) assert.ok(tookMs < 10_000, `the end took ${tookMs} ms`);
}

/** A diner in the campaign's room. */
async function sit({ nodes }: Nodes, campaignId: number, at: number): Promise<Room> {
  const client = new Client(nodes[at % nodes.length]!.origin);
  client.auth.token = await login(nodes, 10 + (at % 10));
  const room: Room = await client.joinOrCreate('campaign', { campaign_id: campaignId });
  room.reconnection.enabled = false;
  room.onMessage('*', () => undefined);
  return room;
}
