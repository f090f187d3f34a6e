/** Campaigns as documents: made, read, edited, cloned, deleted. */
import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { forEachDatabase } from '../../support/databases.ts';
import { campaignBody, openOperators, type Operators } from './operators.ts';

forEachDatabase('campaign documents', (_open, openUrl) => {
  let here: Operators;
  before(async () => {
    here = await openOperators(await openUrl());
  });
  after(() => here?.server.close());

  it('L-12 a draft is read as it was written, with what it does not say filled in', async () => {
    const body = campaignBody({ conditions: { min_level: 2 }, level_bonus_bp: { '2': 500 } });
    const { data, status } = await here.call('POST', '/admin/campaigns', here.author, body);
    assert.equal(status, 201);
    const read = await here.read(data.campaign_id);
    assert.deepEqual(read, data);
    assert.deepEqual([read.version, read.status, read.table_version], [1, 'draft', 0]);
    for (const [name, value] of Object.entries(body)) {
      if (name !== 'prizes') assert.deepEqual(read[name as 'name'], value, name);
    }
    const [dinner, dessert] = read.prizes;
    assert.deepEqual(
      [dinner!.key, dinner!.fallback, dinner!.remaining, dinner!.won, dessert!.stock, dessert!.sort_order],
      ['dinner', 'dessert', 100, 0, null, 1],
    );
    assert.equal((await here.call('GET', `/lottery/campaigns/${data.campaign_id}`, here.diner)).status, 404);
  });

  it('L-12 an edit says the version it was based on, and changes what it names', async () => {
    const { campaign_id: id } = await here.create();
    const edited = await here.edit(id, { cost_per_draw: 20, prizes: [{ key: 'dessert', stock: 5 }] });
    assert.equal(edited.status, 200, JSON.stringify(edited));
    const read = await here.read(id);
    assert.deepEqual([read.version, read.cost_per_draw, read.prizes.length], [2, 20, 1]);
    assert.deepEqual([read.prizes[0]!.stock, read.prizes[0]!.probability], [5, 0.4]);
    const same = await here.edit(id, { cost_per_draw: 20 });
    assert.deepEqual([same.status, same.data.version], [200, 2]);
    const stale = await here.call('PUT', `/admin/campaigns/${id}`, here.second, {
      version: 1,
      name: 'Other',
    });
    assert.equal(stale.code, 'CONFLICT');
    const { current, fields } = stale.details as unknown as {
      current: { version: number };
      fields: string[];
    };
    assert.deepEqual([current.version, fields], [2, ['name']]);
    const dessert = read.prizes[0]!.prize_id;
    const grown = await here.edit(id, {
      prizes: [
        { key: 'cake', name: 'A cake', type: 'virtual', value: 1, probability: 0.1 },
        { key: 'dessert' },
      ],
      guarantee: { threshold: 3, prize: 'cake' },
    });
    assert.equal(grown.status, 200, JSON.stringify(grown));
    assert.deepEqual(
      grown.data.prizes.map(({ key, prize_id }: { key: string; prize_id: number }) => [
        key,
        prize_id === dessert,
      ]),
      [
        ['cake', false],
        ['dessert', true],
      ],
    );
  });

  it('L-1 what is wrong with a document as a whole is told by path, and nothing is written', async () => {
    const [dinner, dessert] = campaignBody()['prizes'] as Record<string, unknown>[];
    const prizes = (...changes: object[]) => ({
      prizes: [dinner, dessert].map((prize, at) => ({ ...prize, ...changes[at] })),
    });
    const many = Array.from({ length: 101 }, (_, at) => ({ ...dessert, key: `p${at}`, probability: 0 }));
    const bad: [string, object][] = [
      ['prizes', prizes({ probability: 0.60000001 })],
      ['prizes.0.probability', prizes({ probability: 0.000000001 })],
      ['prizes.0.probability', prizes({ probability: 1.5 })],
      ['prizes.0.fallback', prizes({}, { fallback: 'dinner' })],
      ['prizes.0.fallback', prizes({ fallback: 'dinner' })],
      ['prizes.0.fallback', prizes({ fallback: 'lunch' })],
      ['prizes.1.key', prizes({ fallback: null }, { key: 'dinner' })],
      ['prizes.0.stock', prizes({ stock: -1 })],
      ['prizes.0.stock', prizes({ stock: 1.5 })],
      ['prizes.0.value', prizes({ value: 0.001 })],
      ['prizes.0.code_source', prizes({ code_source: 'pool' })],
      ['prizes.0.type', prizes({ type: 'car' })],
      ['prizes', { prizes: many }],
      ['prizes', { prizes: [] }],
      ['ends_at', { ends_at: new Date(Date.now() - 2 * 86_400_000).toISOString() }],
      ['starts_at', { starts_at: 'tomorrow' }],
      ['guarantee.prize', { guarantee: { threshold: 3, prize: 'lunch' } }],
      ['guarantee.threshold', { guarantee: { threshold: 0, prize: 'dessert' } }],
      ['pity.1.after', { pity: [1, 1].map((after) => ({ after, bonus_bp: 1 })) }],
      ['level_bonus_bp.99', { level_bonus_bp: { '99': 1 } }],
      ['conditions.max_level', { conditions: { min_level: 3, max_level: 2 } }],
      ['disclosures.mood', { disclosures: { mood: 'good' } }],
      ['cost_per_draw', { cost_per_draw: -1 }],
      ['type', { type: 'scratch' }],
      ['colour', { colour: 'red' }],
    ];
    const { total } = (await here.call('GET', '/admin/campaigns', here.author)).data;
    const draft = await here.create();
    for (const [path, overrides] of bad) {
      const created = await here.call('POST', '/admin/campaigns', here.author, campaignBody(overrides));
      const edited = await here.edit(draft.campaign_id, overrides);
      for (const { code, details } of [created, edited]) {
        assert.equal(code, 'VALIDATION_FAILED', path);
        assert.ok(
          details.some((problem) => problem.path === path),
          `${path}: ${JSON.stringify(details)}`,
        );
      }
    }
    const listed = (await here.call('GET', '/admin/campaigns', here.author)).data;
    assert.equal(listed.total, total + 1);
    // What the console's list shows of it.
    const { draws, value_given, limited_value, tightest } = listed.items[0];
    const limited = draft.prizes.filter(({ stock }: any) => stock !== null);
    const worth = limited.reduce((sum: number, { stock, value }: any) => sum + stock * value, 0);
    assert.deepEqual([draws, value_given, limited_value], [0, 0, { given: 0, total: worth }]);
    assert.ok(limited.length > 0 && limited.some(({ prize_id }: any) => prize_id === tightest.prize_id));
    assert.deepEqual(await here.read(draft.campaign_id), draft);
  });

  it('RL-4 a clone has no wins, counters, seeds, approvals, dates or codes of the other', async () => {
    const original = await here.createActive({ periods: [], level_bonus_bp: { '3': 100 } });
    const drawn = await here.call('POST', '/lottery/draw', here.diner, {
      campaign_id: original.campaign_id,
      request_id: 'before-the-clone',
      draw_count: 10,
    });
    assert.equal(drawn.status, 200, JSON.stringify(drawn));
    const waiting = await here.edit(original.campaign_id, {
      draws_per_user_per_day: null,
      name: 'Another name',
    });
    assert.equal(waiting.status, 202, JSON.stringify(waiting));
    const { data: clone, status } = await here.call(
      'POST',
      `/admin/campaigns/${original.campaign_id}/clone`,
      here.second,
    );
    assert.equal(status, 201);
    assert.deepEqual(
      [clone.status, clone.version, clone.table_version, clone.pending_approval_id, clone.author_id],
      ['draft', 1, 0, null, here.second.userId],
    );
    assert.ok(clone.starts_at !== original.starts_at && clone.ends_at !== original.ends_at);
    for (const [at, prize] of clone.prizes.entries()) {
      const { prize_id, remaining, won, codes, ...designed } = prize;
      const { prize_id: other, remaining: _, won: __, codes: ___, ...alike } = original.prizes[at]!;
      assert.notEqual(prize_id, other);
      assert.deepEqual([remaining, won, codes], [prize.stock, 0, 0]);
      assert.deepEqual(designed, alike);
    }
    const fairness = await here.call('GET', `/lottery/campaigns/${clone.campaign_id}/fairness`, here.diner);
    assert.equal(fairness.status, 404);
  });

  it('L-12 drafts are deleted, and nothing else is', async () => {
    const draft = await here.create();
    const path = `/admin/campaigns/${draft.campaign_id}`;
    const waiting = await here.setStatus(draft.campaign_id, 'active');
    assert.equal((await here.call('DELETE', path, here.author)).status, 200);
    assert.equal((await here.call('GET', path, here.author)).status, 404);
    assert.equal((await here.call('DELETE', path, here.author)).code, 'NOT_FOUND');
    assert.equal((await here.decide(waiting.data.approval_id)).status, 404);
    const active = await here.createActive();
    const refused = await here.call('DELETE', `/admin/campaigns/${active.campaign_id}`, here.author);
    assert.equal(refused.code, 'CONFLICT');
  });

  it('L-1 RW-1 a campaign is shown in one of three ways; one that was given another word before is read, edited and cloned', async () => {
    for (const type of ['grid', 'slot', 'wheel']) assert.equal((await here.create({ type })).type, type);
    const { campaign_id: campaignId } = await here.createActive();
    const { database } = here.server.context;
    await database.transaction((tx) =>
      tx.query('UPDATE lottery_campaigns SET campaign_type = ? WHERE campaign_id = ?', [
        'scratch',
        campaignId,
      ]),
    );
    const shown = await here.call('GET', `/lottery/campaigns/${campaignId}`, here.diner);
    assert.deepEqual([shown.status, shown.data.type], [200, 'scratch']);
    const changed = await here.change(campaignId, { description: 'Another one' });
    assert.deepEqual([changed.type, changed.description], ['scratch', 'Another one']);
    const clone = await here.call('POST', `/admin/campaigns/${campaignId}/clone`, here.author);
    assert.equal(clone.data.type, 'scratch');
    assert.equal((await here.edit(clone.data.campaign_id, { name: 'Old and new' })).data.type, 'scratch');
    const refused = await here.edit(clone.data.campaign_id, { type: 'scratch' });
    assert.deepEqual([refused.code, refused.details[0]!.path], ['VALIDATION_FAILED', 'type']);
    assert.equal((await here.edit(clone.data.campaign_id, { type: 'slot' })).data.type, 'slot');
  });

  it('L-12 the same key makes one campaign', async () => {
    const headers = { 'Idempotency-Key': 'one-campaign' };
    const body = campaignBody();
    const first = await here.call('POST', '/admin/campaigns', here.author, body, headers);
    const second = await here.call('POST', '/admin/campaigns', here.author, body, headers);
    assert.equal(first.data.campaign_id, second.data.campaign_id);
    const other = await here.call(
      'POST',
      '/admin/campaigns',
      here.author,
      campaignBody({ name: 'B' }),
      headers,
    );
    assert.equal(other.code, 'IDEMPOTENCY_KEY_REUSED');
  });
});
