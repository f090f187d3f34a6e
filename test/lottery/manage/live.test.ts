/** Changes of a campaign while its room is open. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'mocha';
import { verify } from '../../../src/books/verify.ts';
import type { LogEntry } from '../../../src/lottery/views.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { eventually } from '../../support/seat.ts';
import { campaignBody, openOperators, type Operators } from './operators.ts';

forEachDatabase('changes of a live campaign', (_open, openUrl) => {
  let here: Operators;
  let campaignId: number;
  before(async () => {
    here = await openOperators(await openUrl());
  });
  after(() => here?.server.close());
  beforeEach(async () => {
    campaignId = (await here.createActive()).campaign_id;
  });

  const draw = async (requestId: string, drawCount = 1) => {
    const body = { campaign_id: campaignId, request_id: requestId, draw_count: drawCount };
    const { data, code } = await here.call('POST', '/lottery/draw', here.diner, body);
    assert.equal(code, 'OK');
    return data as {
      draws: { prize: object | null; points_cost: number }[];
      streak: number;
      guarantee_in: number;
    };
  };
  const logOf = async () =>
    (await here.call('GET', `/lottery/campaigns/${campaignId}/fairness-log?limit=1000`, here.diner)).data
      .items as LogEntry[];
  const assertVerifies = async () => {
    const lines: string[] = [];
    const code = await verify({ campaignId, url: here.server.origin }, (line) => lines.push(line));
    assert.equal(code, 0, lines.join('\n'));
  };
  const prizesWith = (changes: Record<string, object>) =>
    ['dinner', 'dessert'].map((key) => ({ key, ...changes[key] }));

  it('RL-1 what is better for diners is shown in the room and enters the log, and verify replays it', async () => {
    const room = await here.server.joinCampaign(here.diner.token, campaignId);
    await draw('before', 10);
    const endsAt = new Date(Date.now() + 60 * 86_400_000).toISOString();
    const waiting = await here.edit(campaignId, {
      name: 'A better weekend',
      ends_at: endsAt,
      cost_per_draw: 5,
      prizes: [
        ...prizesWith({ dinner: { stock: 150, probability: 0.2 }, dessert: { value: 30 } }),
        { key: 'car', name: 'A car', type: 'physical', value: 1000, stock: 1, probability: 0.001 },
      ],
    });
    assert.equal(waiting.status, 202, JSON.stringify(waiting));
    assert.equal((await here.read(campaignId)).name, 'A weekend', 'nothing is changed yet');
    await here.decide(waiting.data.approval_id);
    await eventually(() => {
      const state = room.state;
      assert.deepEqual(
        [state.name, state.ends_at, state.cost_per_draw, state.prizes.length],
        ['A better weekend', endsAt, 5, 3],
      );
      assert.deepEqual([...state.prizes].map((prize: any) => prize.probability).sort(), [0.001, 0.2, 0.4]);
    }, 1000);
    const { draws } = await draw('after', 10);
    assert.ok(draws.every(({ points_cost }) => points_cost === 5));
    const log = await logOf();
    const configs = log.flatMap((entry) => (entry.kind === 'config' ? [entry] : []));
    assert.deepEqual(
      configs.map(({ table_version, config }) => [table_version, config['change_hash']]),
      [
        [1, undefined],
        [2, waiting.data.change_hash],
      ],
    );
    const [stock] = log.filter((entry) => entry.kind === 'stock');
    assert.deepEqual((stock as { delta: number }).delta, 50);
    await assertVerifies();
    await room.leave();
  });

  it('RL-1 what is worse for diners is refused, by path', async () => {
    const before = await here.read(campaignId);
    const worse: [string, object][] = [
      ['ends_at', { ends_at: new Date(Date.now() + 86_400_000).toISOString() }],
      ['cost_per_draw', { cost_per_draw: 11 }],
      ['guarantee', { guarantee: { threshold: 11, prize: 'dessert' } }],
      ['prizes.dinner', { prizes: prizesWith({ dinner: { probability: 0.09 } }) }],
      ['prizes.dinner.value', { prizes: prizesWith({ dinner: { value: 199 } }) }],
      ['prizes.dinner.stock', { prizes: prizesWith({ dinner: { stock: 99 } }) }],
      ['conditions', { conditions: { min_level: 2 } }],
      ['wins_per_user', { wins_per_user: 5 }],
      ['disclosures.contact', { disclosures: {} }],
    ];
    for (const [path, change] of worse) {
      const refused = await here.edit(campaignId, change);
      assert.equal(refused.code, 'CONFLICT', path);
      assert.match(JSON.stringify(refused.details), new RegExp(path), path);
    }
    const lost = await here.edit(campaignId, { prizes: [{ key: 'dessert' }] });
    assert.equal(lost.code, 'VALIDATION_FAILED');
    assert.deepEqual(await here.read(campaignId), before);
    assert.equal((await logOf()).filter(({ kind }) => kind === 'config').length, 1);
  });

  it('RL-2 a draft does not start without what diners must be told, nor with a prize that is worth too much', async () => {
    const { campaign_id: bare } = await here.create({ disclosures: { contact: 'here' } });
    const refused = await here.setStatus(bare, 'active');
    assert.equal(refused.code, 'CONFLICT');
    const { missing } = refused.details as unknown as { missing: string[] };
    assert.deepEqual(missing.toSorted(), [
      'claim_place',
      'claim_terms',
      'claim_time',
      'conditions',
      'draw_method',
      'draw_time',
      'forfeiture',
      'organiser',
    ]);
    const [dinner, dessert] = campaignBody()['prizes'] as object[];
    const { campaign_id: dear } = await here.create({ prizes: [{ ...dinner, value: 50_000.01 }, dessert] });
    const tooDear = await here.setStatus(dear, 'scheduled');
    assert.equal(tooDear.code, 'CONFLICT');
    assert.match(JSON.stringify(tooDear.details), /prizes\.dinner\.value/);
  });

  it('RL-15 a lower threshold keeps the streak', async () => {
    const lose = (await here.createActive({ prizes: LOSING, guarantee: { threshold: 10, prize: 'dessert' } }))
      .campaign_id;
    campaignId = lose;
    assert.deepEqual(
      await draw('lost', 4).then(({ streak, guarantee_in }) => [streak, guarantee_in]),
      [4, 6],
    );
    await here.change(lose, { guarantee: { threshold: 5, prize: 'dessert' } });
    const { draws, streak } = await draw('given');
    assert.ok(draws[0]!.prize !== null);
    assert.equal(streak, 0);
    await assertVerifies();
  });

  it('RL-6 what is restocked while a change waits is not taken away by it, nor counted twice', async () => {
    const dinner = (await here.read(campaignId)).prizes[0]!;
    const waiting = await here.edit(campaignId, { prizes: prizesWith({ dinner: { stock: 120 } }) });
    const restock = () =>
      here.call(
        'POST',
        `/admin/prizes/${dinner.prize_id}/stock`,
        here.author,
        { delta: 7 },
        { 'Idempotency-Key': `more-${campaignId}` },
      );
    assert.equal((await restock()).data.remaining, 107);
    assert.equal((await restock()).headers.get('Idempotency-Replayed'), 'true');
    assert.equal((await here.decide(waiting.data.approval_id)).status, 200);
    const { stock, remaining } = (await here.read(campaignId)).prizes[0]!;
    assert.deepEqual([stock, remaining], [127, 127]);
    const taken = await here.call('POST', `/admin/prizes/${dinner.prize_id}/stock`, here.author, {
      delta: -1,
    });
    assert.equal(taken.code, 'CONFLICT', 'RL-1 stock of what is published only grows');
    await assertVerifies();
  });

  it('L-12 a second change takes the place of the first, and what is paused or over is changed or not', async () => {
    const first = await here.edit(campaignId, { free_draws_per_day: 1 });
    const second = await here.edit(campaignId, { free_draws_per_day: 2 });
    assert.equal((await here.decide(first.data.approval_id)).code, 'CONFLICT');
    await here.setStatus(campaignId, 'paused');
    assert.equal((await here.decide(second.data.approval_id)).status, 200);
    assert.equal((await here.read(campaignId)).free_draws_per_day, 2);
    const third = await here.edit(campaignId, { free_draws_per_day: 3 });
    await here.setStatus(campaignId, 'ended');
    assert.equal((await here.decide(third.data.approval_id)).code, 'CONFLICT');
    assert.equal((await here.edit(campaignId, { free_draws_per_day: 4 })).code, 'CONFLICT');
    await assertVerifies();
  });
});

/** Nothing is won but by the guarantee. */
const LOSING = [
  { key: 'dessert', name: 'A dessert', type: 'virtual', value: 20, stock: null, probability: 0.00000001 },
];
