/** A shop of one: FOUR_EYES is off. */
import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { onSqlite } from '../../support/databases.ts';
import { openOperators, type Operators } from './operators.ts';

onSqlite('campaigns of a shop of one', (_open, openUrl) => {
  let here: Operators;
  before(async () => {
    here = await openOperators(await openUrl(), { environment: { FOUR_EYES: 'off' } });
  });
  after(() => here?.server.close());

  it('RL-3 a draft starts at once, and the log says that nobody else has agreed', async () => {
    for (const status of ['scheduled', 'active']) {
      const { campaign_id: id } = await here.create({
        starts_at: new Date(Date.now() + 3_600_000).toISOString(),
      });
      const started = await here.setStatus(id, status);
      assert.deepEqual([started.status, started.data], [200, { campaign_id: id, status }]);
      const log = await here.call(
        'GET',
        `/admin/audit-logs?action=campaign.status&target_type=campaign&target_id=${id}`,
        here.second,
      );
      assert.deepEqual(
        log.data.items.map(({ after: state }: { after: object }) => state),
        [{ status, four_eyes: false }],
      );
    }
  });

  it('RL-2 RL-3 what diners must be told is asked for all the same, and what is published changes by two', async () => {
    const { campaign_id: bare } = await here.create({ disclosures: {} });
    assert.equal((await here.setStatus(bare, 'active')).code, 'CONFLICT');
    const { campaign_id: id } = await here.create();
    await here.setStatus(id, 'active');
    const changed = await here.edit(id, { free_draws_per_day: 1 });
    assert.equal(changed.status, 202);
    assert.equal((await here.decide(changed.data.approval_id, 'approve', here.author)).code, 'FORBIDDEN');
    assert.equal((await here.decide(changed.data.approval_id)).status, 200);
  });
});
