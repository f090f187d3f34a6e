/** What waits for a second person, and who that may be. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, beforeEach, it } from 'mocha';
import { canonicalJson } from '../../../src/verifier/canonicalJson.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { openOperators, type Operators } from './operators.ts';

forEachDatabase('approvals of campaigns', (_open, openUrl) => {
  let here: Operators;
  let draftId: number;
  const clock = new TestClock(Date.now());
  before(async () => {
    here = await openOperators(await openUrl(), { clock });
  });
  after(() => here?.server.close());
  beforeEach(async () => {
    draftId = (await here.create()).campaign_id;
  });

  const pendingOf = async (campaignId: number) => {
    const { data } = await here.call('GET', '/admin/approvals?status=pending&limit=100', here.author);
    return (data.items as { campaign_id: number; approval_id: number }[]).filter(
      (item) => item.campaign_id === campaignId,
    );
  };
  const statusOf = async (approvalId: number) =>
    (await here.call('GET', `/admin/approvals/${approvalId}`, here.author)).data.status as string;

  it('RL-3 a draft starts when a second person agrees to exactly what it is', async () => {
    const waiting = await here.setStatus(draftId, 'active');
    assert.equal(waiting.status, 202);
    const { approval_id: approvalId, change_hash: changeHash } = waiting.data;
    assert.equal((await here.read(draftId)).status, 'draft');
    const { data: shown } = await here.call('GET', `/admin/approvals/${approvalId}`, here.second);
    const bound = `campaign.start|${draftId}|1|${canonicalJson(shown.change)}`;
    assert.equal(hash('sha256', bound, 'hex'), changeHash);
    assert.deepEqual(
      (await pendingOf(draftId)).map((item) => item.approval_id),
      [approvalId],
    );
    const decided = await here.decide(approvalId);
    assert.deepEqual([decided.status, decided.data.status], [200, 'approved']);
    assert.equal((await here.read(draftId)).status, 'active');
    assert.equal((await here.decide(approvalId)).code, 'CONFLICT');
  });

  it('RL-3 the author, the last editor, those who gain by it and machines never decide', async () => {
    const reasonOf = (answer: { code: string; details: unknown }) => {
      assert.equal(answer.code, 'FORBIDDEN');
      return (answer.details as { reason: string }).reason;
    };
    const { data } = await here.setStatus(draftId, 'active');
    for (const decision of ['approve', 'reject'] as const)
      assert.match(reasonOf(await here.decide(data.approval_id, decision, here.author)), /asked for it/);
    // Edited by one, its start asked for by the other: neither.
    await here.edit(draftId, { name: 'Edited' }, here.second);
    const { data: again } = await here.setStatus(draftId, 'active');
    for (const party of [here.author, here.second])
      assert.match(reasonOf(await here.decide(again.approval_id, 'approve', party)), /edited it/);

    const active = await here.createActive();
    const { campaign_id: campaignId } = active;
    const bonus = { name: 'Better', free_draws_per_day: 1 };
    const asked = await here.edit(campaignId, bonus);
    const before = await here.call('POST', '/lottery/draw', here.second, {
      campaign_id: campaignId,
      request_id: 'the-second',
    });
    assert.equal(before.code, 'POINTS_INSUFFICIENT');
    await here.server.context.database.transaction((tx) =>
      tx.execute(
        `INSERT INTO lottery_user_counters (campaign_id, user_id, streak, draws, wins, prize_value, business_day, draws_today,
           first_draw_no, updated_at) VALUES (?, ?, 0, 0, 0, 0, '2026-01-01', 0, 0, '2026-01-01')`,
        [campaignId, here.second.userId],
      ),
    );
    assert.match(reasonOf(await here.decide(asked.data.approval_id)), /your own advantage/);
    assert.equal(await statusOf(asked.data.approval_id), 'pending');

    const key = await here.call('POST', '/admin/api-keys', here.second, {
      name: 'a machine',
      permissions: ['approvals:decide', 'approvals:read', 'campaigns:edit', 'campaigns:operate'],
    });
    const machine = { token: key.data.key as string, userId: 0 };
    assert.match(reasonOf(await here.decide(asked.data.approval_id, 'approve', machine)), /machine/);
    // What a key asks for, whoever made the key asks for.
    const other = await here.create();
    const { data: byKey } = await here.setStatus(other.campaign_id, 'active', machine);
    assert.match(reasonOf(await here.decide(byKey.approval_id)), /asked for it/);
  });

  it('RL-3 nobody agrees to what an unknown person has edited', async () => {
    const { data } = await here.setStatus(draftId, 'active');
    await here.server.context.database.transaction((tx) =>
      tx.execute('UPDATE approvals SET editor_id = NULL WHERE approval_id = ?', [data.approval_id]),
    );
    const refused = await here.decide(data.approval_id);
    assert.equal(refused.code, 'FORBIDDEN');
    assert.match(JSON.stringify(refused.details), /not known/);
  });

  it('RL-3 an edit, another request, a changed base and a changed text void it', async () => {
    const first = await here.setStatus(draftId, 'active');
    await here.edit(draftId, { name: 'Edited after' });
    assert.equal(await statusOf(first.data.approval_id), 'void');
    assert.equal((await here.decide(first.data.approval_id)).code, 'CONFLICT');
    const second = await here.setStatus(draftId, 'scheduled');
    const third = await here.setStatus(draftId, 'active');
    assert.equal((await here.decide(second.data.approval_id)).code, 'CONFLICT');
    const { database } = here.server.context;
    await database.transaction((tx) =>
      tx.execute(
        'UPDATE approvals SET proposed = REPLACE(proposed, \'"active"\', \'"scheduled"\') WHERE approval_id = ?',
        [third.data.approval_id],
      ),
    );
    const tampered = await here.decide(third.data.approval_id);
    assert.equal(tampered.code, 'CONFLICT');
    assert.match(JSON.stringify(tampered.details), /not what was asked for/);
    assert.equal((await here.read(draftId)).status, 'draft');
    const fourth = await here.setStatus(draftId, 'active');
    await database.transaction((tx) =>
      tx.execute('UPDATE lottery_campaigns SET version = version + 1 WHERE campaign_id = ?', [draftId]),
    );
    const outdated = await here.decide(fourth.data.approval_id);
    assert.equal(outdated.code, 'CONFLICT');
    assert.match(JSON.stringify(outdated.details), /another version/);
  });

  it('RL-3 two who decide at once: one does', async () => {
    const { data } = await here.setStatus(draftId, 'active');
    const answers = await Promise.all([
      here.decide(data.approval_id),
      here.decide(data.approval_id, 'reject'),
      here.decide(data.approval_id),
    ]);
    assert.deepEqual(answers.map(({ code }) => code).sort(), ['CONFLICT', 'CONFLICT', 'OK']);
    const approved = (await statusOf(data.approval_id)) === 'approved';
    assert.equal((await here.read(draftId)).status, approved ? 'active' : 'draft');
  });

  it('RL-3 what is rejected changes nothing, and says why', async () => {
    const { data } = await here.setStatus(draftId, 'active');
    const rejected = await here.decide(data.approval_id, 'reject');
    assert.deepEqual(
      [rejected.data.status, rejected.data.reason, rejected.data.decided_by],
      ['rejected', 'seen', here.second.userId],
    );
    assert.equal((await here.read(draftId)).status, 'draft');
  });

  it('RL-3 a super admin who is alone breaks the glass after a delay, and it is logged as that', async () => {
    const { campaign_id: campaignId } = await here
      .call('POST', `/admin/campaigns/${draftId}/clone`, here.second)
      .then(({ data }) => data as { campaign_id: number });
    const { data } = await here.setStatus(campaignId, 'scheduled', here.second);
    const breakGlass = (by = here.second) =>
      here.call('POST', `/admin/approvals/${data.approval_id}`, by, {
        decision: 'approve',
        reason: 'I am alone',
        break_glass: true,
      });
    const refusedBecause = async (pattern: RegExp) => {
      const { code, details } = await breakGlass();
      assert.equal(code, 'FORBIDDEN');
      assert.match(JSON.stringify(details), pattern);
    };
    await refusedBecause(/somebody else/);
    const away = await here.call('POST', `/admin/users/${here.author.userId}/status`, here.second, {
      status: 'disabled',
      reason: 'on leave',
    });
    assert.equal(away.status, 200, JSON.stringify(away));
    await refusedBecause(/waited/);
    clock.advance(60 * 60_000);
    assert.equal((await breakGlass()).data.status, 'approved');
    assert.equal(
      (await here.call('GET', `/admin/campaigns/${campaignId}`, here.second)).data.status,
      'scheduled',
    );
    const log = await here.call('GET', '/admin/audit-logs?action=approval.break_glass', here.second);
    assert.equal(log.data.items.length, 1, JSON.stringify(log));
    await here.call('POST', `/admin/users/${here.author.userId}/status`, here.second, {
      status: 'active',
      reason: 'is back',
    });
  });
});
