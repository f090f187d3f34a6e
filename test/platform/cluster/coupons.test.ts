/** Codes of a pool and those who redeem them, on three nodes whose owners are killed. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { createCampaign } from '../../support/factories.ts';
import { needs } from '../../support/shared.ts';
import {
  assertClean,
  assertExactlyOnce,
  login,
  loginAs,
  post,
  startLoad,
  startNodes,
  type Nodes,
} from './nodes.ts';

const CODES = 400;
const DINERS = 12;
const KILLS = 2;
const RACES = 15;

describe('coupons of a cluster', function () {
  this.timeout(180_000);
  needs('mariadbd', 'redis-server');
  let cluster: Nodes;
  let campaignId: number;
  let prizeId: number;
  let admin: string;

  before(async () => {
    cluster = await startNodes();
    const created = await createCampaign(cluster.database, {
      campaign: { cost_per_draw: 100 },
      prizes: [
        { prize_type: 'coupon', code_source: 'pool', win_probability: 80_000_000, total_quantity: null },
        { prize_type: 'virtual', win_probability: 10_000_000, total_quantity: null },
      ],
    });
    campaignId = created.campaignId;
    prizeId = created.prizeIds[0]!;
    admin = await loginAs(cluster.nodes, '13800000001');
    const codes = Array.from({ length: CODES }, (_, at) => `SPRING-${String(at + 1).padStart(4, '0')}`);
    const added = await post(cluster.nodes[1]!, `/admin/prizes/${prizeId}/coupons`, { codes }, admin);
    assert.equal(added.code, 'OK', JSON.stringify(added));
  });
  after(() => cluster?.close());

  const get = async (path: string, token: string): Promise<any> => {
    const response = await fetch(`${cluster.nodes[0]!.origin}/api/v3${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { code, data } = (await response.json()) as { code: string; data: unknown };
    assert.equal(code, 'OK', path);
    return data;
  };
  const redeem = (at: number, code: string, token: string) =>
    post(cluster.nodes[at % cluster.nodes.length]!, '/admin/redemptions', { code }, token);
  /** The codes that a diner has won. */
  const codesOf = async (diner: number): Promise<string[]> => {
    const token = await login(cluster.nodes, diner);
    const codes: string[] = [];
    for (let page = 1; ; page++) {
      const { items } = await get(`/lottery/my-prizes?limit=100&page=${page}`, token);
      for (const { item_id: itemId, type } of items)
        if (type === 'coupon')
          codes.push((await get(`/lottery/my-prizes/${itemId}/code`, token)).code as string);
      if (items.length < 100) return codes;
    }
  };

  it('RL-10 each code is given once while owners are killed with -9, and every coupon that was won has one', async () => {
    const load = await startLoad(cluster, campaignId, DINERS);
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(1500);
      const owner = await cluster.ownerOf(campaignId);
      await owner.end('SIGKILL');
      await cluster.replace(owner);
    }
    await sleep(1500);
    const { acknowledged } = await load.finish();
    await assertExactlyOnce(cluster, campaignId, acknowledged);
    const codes = (await Promise.all(Array.from({ length: DINERS }, (_, at) => codesOf(at + 1)))).flat();
    const { given } = await get(`/admin/prizes/${prizeId}/coupons`, admin);
    assert.ok(given >= 50, `${given} codes given`);
    // The n-th coupon that is won has the n-th code, whoever owned the campaign.
    const first = Array.from({ length: given }, (_, at) => `SPRING-${String(at + 1).padStart(4, '0')}`);
    assert.deepEqual(codes.sort(), first);
    await assertClean(cluster, campaignId);
  });

  it('RL-7 of two staff at two nodes one redeems a code, and the other is told by whom', async () => {
    const staff = [admin, await loginAs(cluster.nodes, '13800000002')];
    const codes = (await codesOf(1)).slice(0, RACES);
    assert.ok(codes.length > 5);
    for (const [at, code] of codes.entries()) {
      const both = await Promise.all(staff.map((token, who) => redeem(at + who, code, token)));
      assert.deepEqual(both.map((answer) => answer.code).sort(), ['CONFLICT', 'OK']);
    }
    await assertClean(cluster, campaignId);
  });

  it('RL-7 five wrong codes lock their scanner, whichever nodes they are shown to', async () => {
    const staff = await loginAs(cluster.nodes, '13800000002');
    for (let at = 0; at < 5; at++) assert.equal((await redeem(at, `WRONG-${at}`, staff)).code, 'NOT_FOUND');
    for (const at of [0, 1, 2])
      assert.equal((await redeem(at, 'SPRING-0001', staff)).code, 'RATE_LIMITED', `node ${at}`);
    assert.equal((await redeem(0, 'WRONG', admin)).code, 'NOT_FOUND', 'another scanner');
  });
});
