/** Diners draw on three nodes, and listen on two of them, while nodes that tell them are killed. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { KaijiangClient } from '../../../src/client/kaijiangClient.ts';
import type { NotificationSeat } from '../../../src/client/notificationSeat.ts';
import { Balancer } from '../../client/balancer.ts';
import { broadcastTo, join, OVER, toldOf } from '../../notifications/audiences.ts';
import { readBroadcast } from '../../../src/notifications/broadcasts/broadcasts.ts';
import { createCampaign, createUsers } from '../../support/factories.ts';
import { eventually } from '../../support/seat.ts';
import { needs } from '../../support/shared.ts';
import { startLoad, startNodes, type Nodes } from './nodes.ts';

const DINERS = 8;
const KILLS = 2;
const RECIPIENTS = 3000;

describe('notifications of a cluster', function () {
  this.timeout(240_000);
  needs('mariadbd', 'redis-server');
  let cluster: Nodes;
  const balancers: Balancer[] = [];
  const devices: { userId: number; seat: NotificationSeat; ids: number[] }[] = [];

  before(async () => {
    cluster = await startNodes();
    for (let device = 0; device < 2; device++) balancers.push(await Balancer.start());
    point();
  });
  after(async () => {
    await Promise.all(devices.map(({ seat }) => seat.leave().catch(() => undefined)));
    for (const balancer of balancers) await balancer.close();
    await cluster?.close();
  });

  /** Each device of a person at another node, and none where one is dying. */
  const point = (dying?: Nodes['nodes'][number]) => {
    const origins = cluster.nodes.filter((node) => node !== dying).map(({ origin }) => origin);
    balancers[0]!.pointTo(origins[0]!);
    balancers[1]!.pointTo(origins.at(-1)!);
  };
  const turnOn = async (mobile: string, { origin }: Balancer) => {
    const client = new KaijiangClient({ url: origin });
    await client.login(mobile, '123456');
    const [user] = await cluster.database.readCurrent<{ user_id: number }>(
      'SELECT user_id FROM users WHERE mobile = ?',
      [mobile],
    );
    const seat = await client.joinNotifications({ lastId: 0 });
    const device = { userId: user!.user_id, seat, ids: [] as number[] };
    seat.onNotification(({ id }) => device.ids.push(id));
    devices.push(device);
  };
  const kill = async (node: Nodes['nodes'][number]) => {
    point(node);
    await node.end('SIGKILL');
    await cluster.replace(node);
    point();
  };

  it('RC-10 RC-16 RC-13 each request of draws is told of once, and a broadcast to each of its audience, over two kills', async () => {
    const prize = { win_probability: 50_000_000, total_quantity: null, prize_type: 'virtual' } as const;
    const { campaignId } = await createCampaign(cluster.database, {
      campaign: { guarantee_threshold: null, cost_per_draw: 1_00 },
      prizes: [prize],
    });
    const audience = await createUsers(cluster.database, RECIPIENTS);
    await join(cluster.database, 'gold', audience);
    for (const diner of ['01', '02'])
      for (const balancer of balancers) await turnOn(`139000000${diner}`, balancer);
    const load = await startLoad(cluster, campaignId, DINERS);
    const broadcastId = await broadcastTo(cluster.database, { segment: 'gold' });
    for (let at = 0; at < KILLS; at++) {
      await sleep(3000);
      // Those that devices sit at.
      await kill(cluster.nodes[2 * at]!);
    }
    await sleep(3000);
    const { acknowledged } = await load.finish();
    assert.ok(acknowledged.length > 100, `${acknowledged.length} requests`);
    await eventually(async () => {
      const [open] = await cluster.database.readCurrent<{ count: number | string }>(
        `SELECT COUNT(*) AS count FROM business_events WHERE status <> 'completed'`,
      );
      assert.equal(Number(open!.count), 0);
      assert.ok(OVER.includes((await readBroadcast(cluster.database, broadcastId)).status));
    }, 60_000);
    await assertToldOnce(acknowledged.map(({ requestId }) => requestId));
    await assertGapless();
    const { status, sent } = await readBroadcast(cluster.database, broadcastId);
    assert.deepEqual([status, sent], ['completed', RECIPIENTS]);
    const told = await toldOf(cluster.database, broadcastId);
    assert.deepEqual([...told.keys()].sort(byNumber), audience);
    await eventually(async () => {
      for (const { userId, ids } of devices) assert.deepEqual(ids, await numbersOf(userId));
    }, 30_000);
  });

  const numbersOf = async (userId: number) => {
    const rows = await cluster.database.readCurrent<{ notification_no: number }>(
      'SELECT notification_no FROM notifications WHERE user_id = ? ORDER BY notification_no',
      [userId],
    );
    return rows.map(({ notification_no: no }) => no);
  };

  /** Of what it has cost, and where it has won anything of that. */
  const assertToldOnce = async (requestIds: readonly string[]) => {
    const rows = await cluster.database.readCurrent<{ type: string; data: string }>(
      `SELECT type, data FROM notifications WHERE type IN ('draw_paid', 'draw_won')`,
    );
    const counts = new Map<string, number>();
    for (const { type, data } of rows) {
      const name = `${type} ${(JSON.parse(data) as { request_id: string }).request_id}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const won = await cluster.database.readCurrent<{ request_id: string }>(
      'SELECT DISTINCT request_id FROM lottery_draws WHERE prize_id IS NOT NULL',
    );
    const winning = new Set(won.map(({ request_id: id }) => id));
    for (const requestId of requestIds) {
      assert.equal(counts.get(`draw_paid ${requestId}`), 1, requestId);
      assert.equal(counts.get(`draw_won ${requestId}`), winning.has(requestId) ? 1 : undefined, requestId);
    }
    assert.ok([...counts.values()].every((count) => count === 1));
  };

  const assertGapless = async () => {
    const rows = await cluster.database.readCurrent<{ user_id: number; count: number; last: number }>(
      `SELECT user_id, COUNT(*) AS count, MAX(notification_no) AS last FROM notifications GROUP BY user_id`,
    );
    for (const { user_id: userId, count, last } of rows)
      assert.equal(Number(count), Number(last), `${userId}`);
  };
});

function byNumber(a: number, b: number): number {
  return a - b;
}
