/** Simulations of what is not stored yet. */
import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { forEachDatabase } from '../../support/databases.ts';
import { eventually } from '../../support/seat.ts';
import { campaignBody, openOperators, type Operators } from './operators.ts';

forEachDatabase('simulations of documents', (_open, openUrl) => {
  let here: Operators;
  before(async () => {
    here = await openOperators(await openUrl());
  });
  after(() => here?.server.close());

  const simulate = async (asked: object) => {
    const started = await here.call('POST', '/admin/campaigns/simulate', here.author, asked);
    assert.equal(started.status, 202, JSON.stringify(started));
    const id = started.data.simulation_id as number;
    const path = `/admin/simulations/${id}`;
    await eventually(async () => {
      assert.equal((await here.call('GET', path, here.author)).data.status, 'completed');
    });
    return { id, result: (await here.call('GET', path, here.author)).data.result };
  };

  it('L-11 a document is simulated as the campaign that it makes, and its prizes go by their keys', async () => {
    const asked = { draws: 2000, runs: 4, seed: 'document' };
    const { result } = await simulate({ config: campaignBody(), ...asked });
    const { campaign_id: campaignId } = await here.create();
    const { result: stored } = await simulate({ campaign_id: campaignId, ...asked });
    const wins = (of: { prizes: { key: string; wins: number }[] }) =>
      of.prizes.map(({ key, wins: won }) => [key, won]);
    assert.deepEqual(wins(result), wins(stored));
    assert.deepEqual(result.cost, stored.cost);
  });

  it('RL-11 a change that waits shows what was simulated of exactly that change', async () => {
    const { campaign_id: campaignId } = await here.createActive();
    const before = await here.read(campaignId);
    const changed = {
      ...campaignBody(),
      cost_per_draw: 5,
      starts_at: before.starts_at,
      ends_at: before.ends_at,
    };
    const { id } = await simulate({ config: changed, draws: 1000, runs: 2 });
    await simulate({ config: { ...changed, cost_per_draw: 4 }, draws: 1000, runs: 2 });
    const waiting = await here.edit(campaignId, { cost_per_draw: 5 });
    const { data } = await here.call('GET', `/admin/approvals/${waiting.data.approval_id}`, here.second);
    assert.deepEqual(
      data.simulations.map(({ simulation_id }: { simulation_id: number }) => simulation_id),
      [id],
    );
  });

  it('L-11 what could not be a campaign is told by its path', async () => {
    const [dinner, dessert] = campaignBody()['prizes'] as object[];
    const bad: [string, object][] = [
      ['campaign_id', { draws: 10 }],
      ['campaign_id', { draws: 10, campaign_id: 1, config: campaignBody() }],
      [
        'config.prizes',
        { draws: 10, config: campaignBody({ prizes: [{ ...dinner, probability: 0.7 }, dessert] }) },
      ],
      ['config.ends_at', { draws: 10, config: campaignBody({ ends_at: '2001-01-01T00:00:00Z' }) }],
    ];
    for (const [path, body] of bad) {
      const { code, details } = await here.call('POST', '/admin/campaigns/simulate', here.author, body);
      assert.equal(code, 'VALIDATION_FAILED', path);
      assert.ok(
        details.some((problem) => problem.path === path),
        JSON.stringify(details),
      );
    }
  });
});
