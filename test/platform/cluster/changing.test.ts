/** A full house draws on three nodes while the campaign is changed, paused, restocked and ended, and its owner dies. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import type { CampaignSeat } from '../../../src/client/campaignSeat.ts';
import { KaijiangClient } from '../../../src/client/kaijiangClient.ts';
import { KaijiangError } from '../../../src/client/kaijiangError.ts';
import { Balancer } from '../../client/balancer.ts';
import { campaignBody } from '../../lottery/manage/operators.ts';
import { createUsers } from '../../support/factories.ts';
import { eventually } from '../../support/seat.ts';
import { needs } from '../../support/shared.ts';
import { assertClean, loginAs, startNodes, type Nodes } from './nodes.ts';

const DINERS = 200;
const JOINING_AT_ONCE = 20;
const BETWEEN_MS = 1500;
const POINTS = 1_000_000_00;

describe('a campaign that is changed while 200 diners draw', function () {
  this.timeout(240_000);
  needs('mariadbd', 'redis-server');
  let cluster: Nodes;
  let balancer: Balancer;
  let tokens: { author: string; second: string };
  let campaignId: number;
  let dinnerId: number;
  const seats: CampaignSeat[] = [];
  /** What each diner has been shown. */
  const seen: Set<string>[] = [];
  let drawn = 0;
  let isOver = false;

  before(async () => {
    cluster = await startNodes({ environment: { CAMPAIGN_CLIENT_LIMIT: '70' } });
    balancer = await Balancer.start();
    balancer.pointTo(...cluster.nodes.map(({ origin }) => origin));
    tokens = {
      author: await loginAs(cluster.nodes, '13800000001'),
      second: await loginAs(cluster.nodes, '13800000000'),
    };
    const created = await call('POST', '/admin/campaigns', campaignBody(), tokens.author);
    campaignId = created.campaign_id;
    dinnerId = created.prizes[0].prize_id;
    await agree(
      await call('POST', `/admin/campaigns/${campaignId}/status`, { status: 'active' }, tokens.author),
    );
    await sit();
  });
  after(async () => {
    await Promise.all(seats.map((seat) => seat.leave().catch(() => undefined)));
    await balancer?.close();
    await cluster?.close();
  });

  /** At any node, and again where it is not answered or moves. */
  const call = async (method: string, path: string, body: unknown, token: string): Promise<any> => {
    for (let attempt = 0; attempt < 100; attempt++) {
      const answer = (await fetch(`${balancer.origin}/api/v3${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
          'idempotency-key': `${path.replace(/\W/g, '-')}-${JSON.stringify(body ?? '').length}`,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      })
        .then((response) => response.json())
        .catch(() => ({ code: 'BUSY' }))) as { code: string; data: any };
      if (answer.code === 'OK') return answer.data;
      assert.ok(['BUSY', 'MOVED'].includes(answer.code), `${path}: ${JSON.stringify(answer)}`);
      await sleep(100);
    }
    return assert.fail(`${path} was never answered`);
  };
  const agree = ({ approval_id: id }: { approval_id: number }) =>
    call('POST', `/admin/approvals/${id}`, { decision: 'approve', reason: 'seen' }, tokens.second);
  const setStatus = (status: string) =>
    call('POST', `/admin/campaigns/${campaignId}/status`, { status }, tokens.author);

  const sit = async () => {
    const userIds = await createUsers(cluster.database, DINERS, { points: POINTS });
    const rows = await cluster.database.readCurrent<{ mobile: string }>(
      'SELECT mobile FROM users WHERE user_id IN (?)',
      [userIds],
    );
    const mobiles = rows.map(({ mobile }) => mobile);
    while (mobiles.length > 0)
      await Promise.all(
        mobiles.splice(0, JOINING_AT_ONCE).map(async (mobile) => {
          const client = new KaijiangClient({ url: balancer.origin });
          await client.login(mobile, '123456');
          seats.push(await client.joinCampaign(campaignId));
        }),
      );
  };

  const play = async (seat: CampaignSeat) => {
    while (!isOver) {
      try {
        const { draws } = await seat.draw();
        drawn += draws.length;
      } catch (error) {
        assert.ok(error instanceof KaijiangError, String(error));
        if (error.code !== 'CAMPAIGN_NOT_ACTIVE') throw error;
      }
      await sleep(100 + Math.random() * 100);
    }
  };
  const watch = async (seat: CampaignSeat, shown: Set<string>) => {
    while (!isOver) {
      const { status, name, prizes } = seat.state;
      shown.add(status).add(name);
      for (const { prize_id, total } of prizes) if (prize_id === dinnerId) shown.add(`${total} dinners`);
      await sleep(50);
    }
  };

  it('RL-5 RL-6 L-12 every diner sees each change, nothing is drawn outside of its time, and all of it verifies', async () => {
    const playing = Promise.all(seats.map(play));
    const watching = Promise.all(seats.map((seat) => watch(seat, seen[seen.push(new Set()) - 1]!)));
    const edited = await call(
      'PUT',
      `/admin/campaigns/${campaignId}`,
      {
        version: 1,
        name: 'A better weekend',
        free_draws_per_day: 2,
        prizes: [{ key: 'dinner', stock: 120 }, { key: 'dessert' }],
      },
      tokens.author,
    );
    await sleep(BETWEEN_MS);
    await setStatus('paused');
    await sleep(BETWEEN_MS);
    await call('POST', `/admin/prizes/${dinnerId}/stock`, { delta: 7 }, tokens.author);
    await agree(edited);
    await sleep(BETWEEN_MS);
    await setStatus('active');
    await sleep(BETWEEN_MS);
    const owner = await cluster.ownerOf(campaignId);
    await owner.end('SIGKILL');
    const others = cluster.nodes.filter((node) => node !== owner);
    balancer.pointTo(...others.map(({ origin }) => origin));
    const before = drawn;
    await eventually(() => assert.ok(drawn > before + DINERS, 'nobody draws any more'), 30_000);
    await sleep(BETWEEN_MS);
    await setStatus('ended');
    await eventually(
      () =>
        assert.deepEqual(
          seats.map(({ state }) => state.status),
          seats.map(() => 'ended'),
        ),
      30_000,
    );
    await sleep(BETWEEN_MS);
    isOver = true;
    await playing;
    await watching;

    for (const shown of seen) {
      const told = [
        'active',
        'paused',
        'ended',
        'A weekend',
        'A better weekend',
        '100 dinners',
        '127 dinners',
      ];
      assert.deepEqual(
        told.filter((what) => !shown.has(what)),
        [],
      );
    }
    await assertActiveOnly();
    await assertClean({ ...cluster, nodes: others }, campaignId);
  });

  /** By the order of the log: between the pause and what follows it, and after the end, nothing is drawn. */
  const assertActiveOnly = async () => {
    const statuses = await cluster.database.readCurrent<{ event_data: string; created_at: Date }>(
      "SELECT event_data, created_at FROM business_events WHERE event_type = 'lottery:campaign_status' ORDER BY event_id",
    );
    const told = statuses
      .map(({ event_data, created_at }) => ({ ...JSON.parse(event_data), at: new Date(created_at) }))
      .filter((event) => event.campaign_id === campaignId);
    assert.deepEqual(
      told.map(({ status }) => status),
      ['active', 'paused', 'active', 'ended'],
    );
    const [, paused, active, ended] = told;
    const [row] = await cluster.database.readCurrent<{ inside: number | string; draws: number | string }>(
      `SELECT COUNT(*) AS draws, SUM(draw_time > ? AND draw_time < ? OR draw_time > ?) AS inside
       FROM lottery_draws WHERE campaign_id = ?`,
      [paused.at, active.at, ended.at, campaignId],
    );
    assert.ok(Number(row!.draws) >= drawn && drawn > DINERS);
    assert.equal(Number(row!.inside), 0);
  };
});
