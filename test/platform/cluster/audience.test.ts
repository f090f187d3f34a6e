import assert from 'node:assert/strict';
import type { CampaignSeat } from '../../../src/client/campaignSeat.ts';
import { KaijiangClient } from '../../../src/client/kaijiangClient.ts';
import type { DrawReply } from '../../../src/lottery/messages.ts';
import { Balancer } from '../../client/balancer.ts';
import { eventually } from '../../support/seat.ts';
import { createCampaign } from '../../support/factories.ts';
import { needs } from '../../support/shared.ts';
import { assertClean, login, loginAs, post, startNodes, type Nodes } from './nodes.ts';

const CLIENT_LIMIT = 3;
const DINERS = 12;

describe('audience rooms of a cluster', function () {
  this.timeout(60_000);
  needs('mariadbd', 'redis-server');
  let cluster: Nodes;
  let balancer: Balancer;
  let campaign: number;
  const seats: CampaignSeat[] = [];
  const losses: number[] = [];

  before(async () => {
    cluster = await startNodes({ environment: { CAMPAIGN_CLIENT_LIMIT: String(CLIENT_LIMIT) } });
    campaign = (await createCampaign(cluster.database, { campaign: { cost_per_draw: 1 } })).campaignId;
    balancer = await Balancer.start();
    balancer.pointTo(...cluster.nodes.map(({ origin }) => origin));
    for (let diner = 1; diner <= DINERS; diner++) {
      const accessToken = await login(cluster.nodes, diner);
      const client = new KaijiangClient({ url: balancer.origin, accessToken });
      const seat = await client.joinCampaign(campaign);
      seat.onStatus(({ status }) => {
        if (status === 'lost') losses.push(diner);
      });
      seats.push(seat);
    }
  });
  after(async () => {
    await Promise.all(seats.map((seat) => seat.leave()));
    await balancer?.close();
    await cluster?.close();
  });

  /** Client counts by room id, as the listings tell. */
  async function seated(): Promise<Record<string, { clients: number; processId: string }>> {
    const rows = (await cluster.redis.command('HGETALL', 'roomcaches')) as string[];
    const listings = rows.filter((_, at) => at % 2 === 1).map((row) => JSON.parse(row) as Listing);
    const ours = listings.filter(({ roomId }) => roomId.split('-')[1] === String(campaign));
    return Object.fromEntries(ours.map(({ roomId, clients, processId }) => [roomId, { clients, processId }]));
  }

  const drawAll = async (requestId: string): Promise<DrawReply[]> =>
    Promise.all(seats.map((seat) => seat.draw({ requestId, drawCount: 2 })));
  const allShow = (drawNo: number) =>
    eventually(() =>
      assert.deepEqual(
        seats.map(({ state }) => [state.draw_no, state.online]),
        seats.map(() => [drawNo, DINERS]),
      ),
    );

  it('S-5 the campaign keeps its limit, and the others are spread over the nodes', async () => {
    const { [`campaign-${campaign}`]: main, ...audiences } = await seated();
    assert.equal(main?.clients, CLIENT_LIMIT);
    const others = Object.values(audiences);
    assert.equal(
      others.reduce((sum, { clients }) => sum + clients, 0),
      DINERS - CLIENT_LIMIT,
    );
    assert.ok(others.every(({ clients }) => clients <= CLIENT_LIMIT));
    assert.equal(new Set(others.map(({ processId }) => processId)).size, 3);
  });

  it('L-8 draws from every room show in every room', async () => {
    const replies = await drawAll('first');
    const drawNos = replies.flatMap(({ draws }) => draws.map((draw) => draw.draw_no));
    assert.deepEqual(
      drawNos.sort((a, b) => a - b),
      Array.from({ length: 2 * DINERS }, (_, at) => at + 1),
    );
    await allShow(2 * DINERS);
    const shown = seats.map(({ state }) => state.toJSON());
    for (const state of shown) assert.deepEqual(state, shown[0]);
  });

  it('RL-6 stock that is added on any node shows in every room within a second, and the log replays', async () => {
    const admin = await loginAs(cluster.nodes, '13800000001');
    const { prizes } = seats[0]!.state.toJSON() as { prizes: { prize_id: number; remaining: number }[] };
    const [{ prize_id: prizeId, remaining }] = prizes as [(typeof prizes)[0]];
    for (const [at, node] of cluster.nodes.entries()) {
      const added = await post(node, `/admin/prizes/${prizeId}/stock`, { delta: 10 }, admin);
      assert.equal(added.code, 'OK');
      await eventually(
        () =>
          seats.forEach(({ state }) => assert.equal(state.prizes[0]!.remaining, remaining + 10 * (at + 1))),
        1000,
      );
    }
    await assertClean(cluster, campaign);
  });

  it('S-5 the owner is killed with -9: the audience on other nodes keeps its seats and draws on', async () => {
    const { [`campaign-${campaign}`]: main, ...audiences } = await seated();
    const owner = await cluster.ownerOf(campaign);
    const atOthers = Object.values(audiences).filter(({ processId }) => processId !== main?.processId);
    const kept = atOthers.reduce((sum, { clients }) => sum + clients, 0);
    assert.ok(kept >= CLIENT_LIMIT);
    await owner.end('SIGKILL');
    await drawAll('second');
    await allShow(4 * DINERS);
    assert.equal(losses.length, DINERS - kept);
    const again = await drawAll('first');
    assert.ok(again.every(({ replayed }) => replayed));
    await assertClean(cluster, campaign);
  });
});

interface Listing {
  roomId: string;
  clients: number;
  processId: string;
}
