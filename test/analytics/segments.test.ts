import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { User } from '../../entities/identity/User.ts';
import { detailsOf, ok, openMerging, outcomeOf, type Account, type Merging } from '../merges/merging.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';

forEachDatabase('segments by a condition', (_open, openUrl) => {
  let here: Merging;
  let member: Account;
  let other: Account;
  let keys = 0;
  before(async function () {
    this.timeout(60_000);
    here = await openMerging(await openUrl());
    [member, other] = [await here.recruit(), await here.recruit()];
    for (const one of [member, other]) await here.earn(one, 1000);
    for (let bill = 0; bill < 7; bill++) await pay(member, 10);
    await pay(other, 5);
  });
  after(() => here?.venue.close());

  const asAdmin = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) =>
    here.call(method, path, body, here.admin);
  const post = (path: string, by: { token: string; userId: number }, body?: object) =>
    here.call('POST', path, body, by, { headers: { 'Idempotency-Key': `segments-${++keys}` } });
  const pay = async ({ userId }: Account, yuan: number) => {
    const body = { user_id: userId, bill_no: `segment-bill-${++keys}`, bill_amount: yuan };
    return ok(await post('/points/pay', here.staff, body));
  };
  const CONDITIONS = '/admin/segment-conditions';
  const create = (name: string, condition: string) =>
    asAdmin('POST', CONDITIONS, { name, title: name, condition });
  const listed = async (name: string) =>
    ok(await asAdmin('GET', CONDITIONS)).data.items.find((one: { name: string }) => one.name === name);
  /** Once everybody was asked for, and what they did is counted. */
  const membersOf = async (name: string): Promise<number[]> => {
    const rows = await here.rows(
      'SELECT user_id FROM user_segments WHERE segment = ? ORDER BY user_id',
      name,
    );
    return rows.map(({ user_id: userId }) => userId);
  };
  const has = (name: string, userIds: number[]) =>
    eventually(async () => {
      assert.deepEqual(await membersOf(name), userIds);
      assert.equal((await listed(name)).members, userIds.length);
      assert.equal((await listed(name)).is_counting, false);
    });
  const logOf = (name: string) =>
    here.rows(
      `SELECT action, state_before, state_after FROM admin_audit_logs WHERE target_type = 'segment' AND target_id = ? ORDER BY audit_id`,
      name,
    );

  it('B-2 whoever meets a condition is a member soon, also by what they do afterwards', async () => {
    ok(await create('regulars', 'bills_90 >= 7'));
    await has('regulars', [member.userId]);
    const third = await here.recruit();
    for (let bill = 0; bill < 7; bill++) await pay(third, 1);
    await has('regulars', [member.userId, third.userId]);
    await here.merge(third, other);
    await has(
      'regulars',
      [member.userId, other.userId].sort((a, b) => a - b),
    );
    ok(await here.call('POST', '/auth/code', { mobile: other.mobile }, other));
    ok(await here.call('DELETE', '/auth/me', { code: '123456' }, other));
    assert.deepEqual(await membersOf('regulars'), [member.userId]);
    other = await here.recruit();
    await here.earn(other, 1000);
    assert.deepEqual(await membersOf('regulars'), [member.userId]);
  });

  it('RS-3 staff and test accounts are in no segment', async () => {
    const tester = await here.recruit();
    for (const yuan of [1, 2]) await pay(tester, yuan);
    await here.venue.context.database.transaction((tx) =>
      tx.manager.update(User, { user_id: tester.userId }, { is_test: true }),
    );
    ok(await create('all', 'true'));
    await eventually(async () => assert.equal((await listed('all')).is_counting, false));
    const all = await membersOf('all');
    for (const one of [tester, here.staff, here.admin, here.superAdmin]) assert.ok(!all.includes(one.userId));
    for (const one of [member, other]) assert.ok(all.includes(one.userId));
    // Who is one from now on is out soon.
    const later = await here.recruit();
    await eventually(async () => assert.ok((await membersOf('all')).includes(later.userId)));
    ok(await asAdmin('PUT', `/admin/users/${later.userId}/test`, { is_test: true }));
    await eventually(async () => assert.ok(!(await membersOf('all')).includes(later.userId)));
    const blocked = { status: 'disabled', reason: '测试' };
    ok(await asAdmin('POST', `/admin/users/${other.userId}/status`, blocked));
    await eventually(async () => assert.ok(!(await membersOf('all')).includes(other.userId)));
    ok(await asAdmin('POST', `/admin/users/${other.userId}/status`, { ...blocked, status: 'active' }));
    await eventually(async () => assert.deepEqual(await membersOf('all'), all));
    Object.assign(other, await here.venue.login(other.mobile));
    const { data } = ok(await asAdmin('POST', `${CONDITIONS}/preview`, { condition: 'true' }));
    assert.deepEqual([data.estimate, data.is_complete], [all.length, true]);
    assert.ok(data.sample.every(({ mobile }: { mobile: string }) => /^\d{3}\*{4}\d{4}$/.test(mobile)));
    ok(await asAdmin('DELETE', `${CONDITIONS}/${(await listed('all')).segment_id}`));
    await eventually(async () => assert.deepEqual(await membersOf('all'), []));
    await eventually(async () => assert.equal(await listed('all'), undefined));
    const put = { add: [member.userId] };
    ok(await asAdmin('PUT', '/admin/segments/all/members', put));
  });

  it('B-2 a list by hand and a condition do not share a name, and members of a condition are in nobody’s hand', async () => {
    const put = { add: [member.userId] };
    const byHand = (name: string) => asAdmin('PUT', `/admin/segments/${name}/members`, put);
    ok(await byHand('by hand'));
    assert.deepEqual(outcomeOf(await create('by hand', 'true')), [409, 'CONFLICT', 'name_taken']);
    assert.deepEqual(outcomeOf(await create('regulars', 'true')), [409, 'CONFLICT', 'name_taken']);
    assert.deepEqual(outcomeOf(await byHand('regulars')), [409, 'CONFLICT', 'has_condition']);
    ok(await create('nobody', 'level > 1000'));
    assert.deepEqual(outcomeOf(await byHand('nobody')), [409, 'CONFLICT', 'has_condition']);
  });

  const REFUSED: [string, RegExp][] = [
    ['', /./],
    ['   ', /./],
    ['bills_90', /is of type int, not bool/],
    ['"high"', /is of type string, not bool/],
    ['bills_90 >', /./],
    ['nothing_known == 1', /Unknown variable: nothing_known/],
    [`a${'7Zk_'.repeat(10)}bc == 1`, /Unknown variable: a7Zk_7Zk…$/],
    ['value == 3', /no such overload/],
    ['level == 1.5', /./],
    ['feature.matches("a*")', /must not call matches/],
    ['size(feature) > 2', /must not call size/],
    ['[1, 2].all(x, x > level)', /must not call all/],
    ['[1].exists(x, x == level)', /must not call exists/],
    ['feature.startsWith("d")', /must not call startsWith/],
    ['int("3") == level', /must not call int/],
    ['{"a": 1}.a == level', /must not use/],
    ['level == 1 ? 2 : 3', /is of type int, not bool/],
    [`level == ${'1 + '.repeat(210)}1`, /./],
    [`${'('.repeat(40)}true${')'.repeat(40)}`, /./],
    [`level == 1 ${'|| level == 1 '.repeat(200)}`, /./],
  ];
  it('B-2 what is no condition is refused with the reason, when it is made, edited and previewed', async () => {
    const { segment_id: id } = await listed('regulars');
    const edit = { version: 1, title: 'x', status: 'active' };
    for (const [condition, reason] of REFUSED) {
      const answers = [
        await create('refused', condition),
        await asAdmin('PUT', `${CONDITIONS}/${id}`, { ...edit, condition }),
        await asAdmin('POST', `${CONDITIONS}/preview`, { condition }),
      ];
      for (const answer of answers) {
        assert.equal(answer.code, 'VALIDATION_FAILED', condition);
        assert.match(detailsOf(answer)[0].message, reason, condition);
      }
    }
    assert.equal(await listed('refused'), undefined);
    assert.equal((await listed('regulars')).version, 1);
  });

  it('RA-1 RA-2 an edit names its version, what changes nothing is not logged, and a retried creation is one', async () => {
    const body = { name: 'edited', title: '一', condition: 'level == 1' };
    const keyed = { headers: { 'Idempotency-Key': 'edited' } };
    const first = ok(await here.call('POST', CONDITIONS, body, here.admin, keyed));
    assert.equal(first.status, 201);
    const again = ok(await here.call('POST', CONDITIONS, body, here.admin, keyed));
    assert.equal(again.data.segment_id, first.data.segment_id);
    const path = `${CONDITIONS}/${first.data.segment_id}`;
    const edit = { version: 1, title: '二', condition: 'level == 1', status: 'paused' };
    assert.equal(ok(await asAdmin('PUT', path, edit)).data.version, 2);
    assert.equal(ok(await asAdmin('PUT', path, { ...edit, version: 2 })).data.version, 2);
    const stale = await asAdmin('PUT', path, { ...edit, title: '三' });
    assert.equal(stale.code, 'CONFLICT');
    assert.deepEqual(detailsOf(stale).fields, ['title']);
    ok(await asAdmin('DELETE', path));
    await asAdmin('DELETE', path);
    assert.deepEqual(
      (await logOf('edited')).map(({ action }) => action),
      ['segment.create', 'segment.edit', 'segment.delete'],
    );
    const [, edited] = await logOf('edited');
    assert.deepEqual(JSON.parse(edited.state_after), { title: '二', status: 'paused' });
  });

  it('B-2 a campaign for a segment: a member draws, another does not, and the segment cannot be deleted', async () => {
    const conditions = { segments: ['regulars'] };
    const campaign_id = await here.campaignOf('coupon', { conditions });
    const draw = (by: Account) =>
      here.call('POST', '/lottery/draw', { campaign_id, draw_count: 1, request_id: `seg-${++keys}` }, by);
    ok(await draw(member));
    const refused = await draw(other);
    assert.equal(refused.code, 'NOT_ELIGIBLE');
    assert.deepEqual(detailsOf(refused), { condition: 'segments' });
    const { segment_id: id, uses } = await listed('regulars');
    assert.deepEqual(
      uses.campaigns.map((use: { id: number }) => use.id),
      [campaign_id],
    );
    assert.deepEqual(outcomeOf(await asAdmin('DELETE', `${CONDITIONS}/${id}`)), [409, 'CONFLICT', 'in_use']);
  });

  it('B-2 a rule and a task for a segment: a member is given points, another is not, and does not see them', async () => {
    const ruleFor = async (type: string, more: object = {}) => {
      const definition = { amount: '700', segments: ['regulars'], ...more };
      const body = { type, name: `${type} of regulars`, definition };
      const { rule_id: id } = ok(await here.call('POST', '/admin/rules', body, here.superAdmin)).data;
      ok(await here.call('POST', `/admin/rules/${id}/publish`, { version: 1 }, here.superAdmin));
      return id as number;
    };
    const earned = async (by: Account) => {
      const before = (await here.accountOf(by)).available_points;
      await pay(by, 1);
      return Math.round(100 * ((await here.accountOf(by)).available_points - before)) / 100;
    };
    const usual = await earned(other);
    const rule = await ruleFor('rebate');
    assert.deepEqual(
      [await earned(member), await earned(other)],
      [Math.round(100 * usual + 700) / 100, usual],
    );
    const task = { kind: 'basic', metric: 'bills', goal: 1, period: 'once' };
    const taskId = await ruleFor('task', { task });
    const idsOf = async (path: string, by: Account, id: string) =>
      ok(await here.call('GET', path, undefined, by)).data.items.map((one: any) => one[id]);
    assert.ok((await idsOf('/points/tasks', member, 'task_id')).includes(taskId));
    assert.ok(!(await idsOf('/points/tasks', other, 'task_id')).includes(taskId));
    assert.ok((await idsOf('/points/rules', member, 'rule_id')).includes(rule));
    assert.ok(!(await idsOf('/points/rules', other, 'rule_id')).includes(rule));
    assert.equal(ok(await post(`/points/tasks/${taskId}/claim`, member)).data.points, 7);
    assert.equal(detailsOf(await post(`/points/tasks/${taskId}/claim`, other)).reason, 'segments');
    const preview = { type: 'rebate', user_id: other.userId, bill_amount: 1 };
    const { explain } = ok(await here.call('POST', '/admin/rules/preview', preview, here.superAdmin)).data;
    assert.equal(explain.find((one: any) => one.rule_id === rule).reason, 'segments');
    assert.deepEqual(
      (await listed('regulars')).uses.rules.map(({ id }: { id: number }) => id),
      [rule, taskId],
    );
  });

  it('B-2 a broadcast to a segment reaches a member and nobody else', async () => {
    const text = { 'zh-CN': '老朋友专享', en: 'For regulars' };
    const body = { segment: 'regulars', kind: 'activity', type: 'offer', title: text, body: text };
    ok(await post('/admin/notifications', here.admin, body));
    const told = async (by: Account) =>
      ok(await here.call('GET', '/notifications?limit=100', undefined, by)).data.items.filter(
        (one: any) => one.type === 'offer',
      ).length;
    await eventually(async () => assert.equal(await told(member), 1));
    assert.equal(await told(other), 0);
    const nobody = { ...body, segment: 'unheard of' };
    assert.equal((await post('/admin/notifications', here.admin, nobody)).code, 'NOT_FOUND');
  });
});
