import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { openDataSources } from '../../../src/platform/database/dataSource.ts';
import { Database } from '../../../src/platform/database/transaction.ts';
import { LIMITS } from '../../../src/platform/limits.ts';
import { payBill } from '../../../src/points/bills/bills.ts';
import { seedRules } from '../../../src/points/rules/ruleBook.ts';
import { billPolicyOf } from '../../../src/points/settings.ts';
import { dataOf, type Answer } from '../../identity/serveRoutes.ts';
import { forEachDatabase, urlOf } from '../../support/databases.ts';
import { createUser } from '../../support/factories.ts';
import { POINTS_CONFIG, servePoints } from '../servedPoints.ts';

const ADMIN = 1_000_001;

forEachDatabase('the rules of points and their routes', (open) => {
  const served = servePoints(open, 1_000_000_000);
  const { clock, tokenOf } = served;
  let database: Database;
  let userId: number;
  before(async () => {
    database = served.database;
    await database.transaction((tx) => seedRules(tx, true, clock.nowMs()));
    userId = await createUser(database);
  });

  const asAdmin = (method: 'POST' | 'PUT' | 'GET', path: string, body?: object) =>
    served.call(method, `/admin/rules${path}`, { token: tokenOf(ADMIN, 'admin'), ...(body && { body }) });
  const make = async (definition: object, type = 'rebate') => {
    const made = await asAdmin('POST', '', { type, name: '试用', definition });
    assert.equal(made.status, 201);
    return made.data as { rule_id: number; version: number; published_version: null };
  };
  const change = async (ruleId: number, verb: string, version: number) =>
    dataOf(await asAdmin('POST', `/${ruleId}/${verb}`, { version }));
  const previewed = async (body: object = {}) =>
    dataOf(await asAdmin('POST', '/preview', { type: 'rebate', user_id: userId, bill_amount: 100, ...body }));
  /** What a rule would give now for a bill of 100; undefined: nothing of it holds. */
  const givenBy = async (ruleId: number) => {
    const { explain } = await previewed();
    return explain.find((rule: { rule_id: number }) => rule.rule_id === ruleId)?.points as number | undefined;
  };
  const actions = async (ruleId: number) => {
    const rows = await database.read<{ action: string }>(
      "SELECT action FROM admin_audit_logs WHERE target_type = 'rule' AND target_id = ? ORDER BY audit_id",
      [String(ruleId)],
    );
    return rows.map(({ action }) => action);
  };
  const pathsOf = ({ code, details }: Answer) => {
    assert.equal(code, 'VALIDATION_FAILED');
    return [...new Set((details as { path: string }[]).map(({ path }) => path))];
  };

  it('P-11 a rule is a draft, is published, edited, returned to and withdrawn; each is in the log, what changes nothing is not', async () => {
    const { rule_id: id, version, published_version } = await make({ amount: '100' });
    assert.deepEqual([version, published_version, await givenBy(id)], [1, null, undefined]);
    assert.equal((await change(id, 'publish', 1)).published_version, 1);
    assert.equal((await change(id, 'publish', 1)).published_version, 1);
    assert.equal(await givenBy(id), 1);
    const edited = dataOf(await asAdmin('PUT', `/${id}`, { version: 1, definition: { amount: '250' } }));
    assert.deepEqual([edited.version, edited.published_version, await givenBy(id)], [2, 1, 1]);
    await change(id, 'publish', 2);
    assert.equal(await givenBy(id), 2.5);
    const returned = await change(id, 'return', 1);
    assert.deepEqual([returned.version, returned.published_version, await givenBy(id)], [3, 3, 1]);
    const withdrawn = await change(id, 'withdraw', 3);
    assert.deepEqual([withdrawn.published_version, await givenBy(id)], [null, undefined]);
    await change(id, 'withdraw', 3);
    const { versions } = dataOf(await asAdmin('GET', `/${id}`));
    // What was published once stays as it was (RP-4), also when it is published again.
    clock.advance(1000);
    await change(id, 'publish', 3);
    await change(id, 'withdraw', 3);
    assert.deepEqual(dataOf(await asAdmin('GET', `/${id}`)).versions, versions);
    assert.deepEqual(
      versions.map((one: any) => [one.version, one.definition.amount, one.published_by]),
      [
        [3, '100', ADMIN],
        [2, '250', ADMIN],
        [1, '100', ADMIN],
      ],
    );
    assert.deepEqual(await actions(id), [
      'rule.create',
      'rule.publish',
      'rule.edit',
      'rule.publish',
      'rule.return',
      'rule.withdraw',
      'rule.publish',
      'rule.withdraw',
    ]);
  });

  it('P-11 whoever edits or publishes what somebody has changed meanwhile is shown what is there', async () => {
    const { rule_id: id } = await make({ amount: '100' });
    dataOf(await asAdmin('PUT', `/${id}`, { version: 1, name: '新名', definition: { amount: '200' } }));
    const stale = await asAdmin('PUT', `/${id}`, { version: 1, name: '新名', definition: { amount: '300' } });
    assert.deepEqual([stale.status, stale.code], [409, 'CONFLICT']);
    assert.deepEqual(stale.details.fields, ['definition']);
    assert.deepEqual(
      [stale.details.current.version, stale.details.current.name, stale.details.current.definition.amount],
      [2, '新名', '200'],
    );
    for (const verb of ['publish', 'withdraw'])
      assert.deepEqual((await asAdmin('POST', `/${id}/${verb}`, { version: 1 })).details.fields, ['version']);
    assert.equal((await asAdmin('POST', `/${id}/return`, { version: 1 })).code, 'NOT_FOUND');
    assert.equal((await asAdmin('GET', '/2000000000')).code, 'NOT_FOUND');
    assert.deepEqual(await actions(id), ['rule.create', 'rule.edit']);
  });

  it('RA-1 whoever returns to a version is shown what somebody has published meanwhile, where they say what they have seen', async () => {
    const { rule_id: id } = await make({ amount: '100' });
    await change(id, 'publish', 1);
    dataOf(await asAdmin('PUT', `/${id}`, { version: 1, definition: { amount: '200' } }));
    await change(id, 'publish', 2);
    const returned = (seen_version: number, version = 1) =>
      asAdmin('POST', `/${id}/return`, { version, seen_version });
    const stale = await returned(1);
    assert.deepEqual([stale.status, stale.code, stale.details.fields], [409, 'CONFLICT', ['version']]);
    assert.deepEqual([stale.details.current.version, await givenBy(id)], [2, 2]);
    assert.equal((await returned(2, 9)).code, 'NOT_FOUND');
    assert.deepEqual([dataOf(await returned(2)).version, await givenBy(id)], [3, 1]);
    // The same once more was seen before it.
    assert.equal((await returned(2)).code, 'CONFLICT');
    assert.equal(dataOf(await returned(3, 3)).version, 3);
    assert.equal((await actions(id)).filter((action) => action === 'rule.return').length, 1);
    await change(id, 'withdraw', 3);
  });

  const BAD = [
    '1 +',
    'true',
    '1.5',
    'unknown',
    'streak',
    '"a".matches("a") ? 1 : 0',
    `1${' + 1'.repeat(10_000)}`,
  ];
  for (const amount of BAD) {
    it(`P-11 refuses the amount ${amount.slice(0, 30)} with its path wherever it is given`, async () => {
      const { rule_id: id } = await make({ amount: '100' });
      const definition = { amount };
      const asked = { type: 'rebate', user_id: userId, bill_amount: 1, definition };
      for (const answer of [
        await asAdmin('POST', '', { type: 'rebate', name: 'n', definition }),
        await asAdmin('PUT', `/${id}`, { version: 1, definition }),
        await asAdmin('POST', '/preview', asked),
      ])
        assert.deepEqual(pathsOf(answer), ['definition.amount']);
      assert.deepEqual(await actions(id), ['rule.create']);
    });
  }

  it('P-11 refuses other definitions with their paths, and a task without what it counts', async () => {
    const of = async (definition: object, type = 'rebate') =>
      pathsOf(await asAdmin('POST', '', { type, name: 'n', definition }));
    assert.deepEqual(await of({ amount: '1', condition: '1' }), ['definition.condition']);
    assert.deepEqual(await of({ amount: '1', priority: -1 }), ['definition.priority']);
    assert.deepEqual(await of({ amount: '1', caps: { day: 1e21, week: null, month: null } }), [
      'definition.caps.day',
    ]);
    assert.deepEqual(await of({ amount: '1', caps: { day: 0.001, week: null, month: null } }), [
      'definition.caps.day',
    ]);
    assert.deepEqual(await of({ amount: '1', other: 1 }), ['definition.other']);
    assert.deepEqual(await of({ amount: '1' }, 'task'), ['definition.task']);
  });

  it('P-11 what cannot be worked out refuses its own rule alone, and says why', async () => {
    const failing = [
      '1 / (bill_amount - bill_amount)',
      'bill_amount * 9223372036854775807',
      '0 - 1',
      'bill_amount * 1000000000',
    ];
    for (const amount of failing) {
      const { points, explain } = await previewed({ definition: { amount } });
      const [draft] = explain.filter((rule: { rule_id: number }) => rule.rule_id === 0);
      assert.deepEqual([draft.reason, draft.points], ['failed', 0], amount);
      assert.ok(draft.failure.length > 0 && points >= 1, amount);
    }
  });

  it('RP-10 a preview takes a draft in the place of its rule, and the facts of its type alone', async () => {
    const { rule_id: id } = await make({ amount: '100' });
    await change(id, 'publish', 1);
    const { explain } = await previewed({ rule_id: id, definition: { amount: '700' } });
    const ours = explain.filter((rule: { rule_id: number }) => rule.rule_id === id);
    assert.deepEqual(
      ours.map((rule: any) => [rule.version, rule.points]),
      [[2, 7]],
    );
    assert.equal(await givenBy(id), 1);
    await change(id, 'withdraw', 1);
    const preview = (body: object) => asAdmin('POST', '/preview', { user_id: userId, ...body });
    assert.deepEqual(pathsOf(await preview({ type: 'rebate' })), ['bill_amount']);
    assert.deepEqual(pathsOf(await preview({ type: 'check_in', facts: { streak: 'x', multiplier: 1 } })), [
      'facts.streak',
    ]);
    assert.deepEqual(pathsOf(await preview({ type: 'birthday', bill_amount: 1, facts: { year: 2026 } })), [
      'facts.bill_amount',
    ]);
    const checkIn = dataOf(await preview({ type: 'check_in', facts: { streak: 3, multiplier: 3 } }));
    assert.equal(checkIn.points, 30);
    assert.equal(
      (await preview({ type: 'birthday', facts: { year: 2026 }, rule_id: id, definition: { amount: '1' } }))
        .code,
      'NOT_FOUND',
    );
    assert.equal(
      (await asAdmin('POST', '/preview', { type: 'first_login', user_id: 2_000_000_000 })).code,
      'NOT_FOUND',
    );
  });

  it('P-11 everybody sees what holds for them, the levels, and how much may be given away', async () => {
    const { items, level, levels, transfers } = dataOf(
      await served.call('GET', '/points/rules', { token: tokenOf(userId) }),
    );
    const types = new Set(items.map(({ type }: { type: string }) => type));
    for (const type of ['check_in', 'task', 'rebate', 'level_up', 'birthday', 'first_login'])
      assert.ok(types.has(type));
    assert.deepEqual(
      [level, levels[0], levels[1]],
      [1, { level: 1, experience: 0 }, { level: 2, experience: 20_000 }],
    );
    assert.deepEqual(transfers, { per_day: 100, review_from: 40 });
    const drafts = dataOf(await asAdmin('GET', '?type=rebate&limit=100')).items.filter(
      (one: any) => one.published_version === null,
    );
    assert.ok(drafts.length > 0);
    for (const { rule_id } of drafts) assert.ok(!items.some((one: any) => one.rule_id === rule_id));
  });

  it('RP-4 another node follows a publish at its next bill, and each row names the version of then', async () => {
    const other = new Database(await openDataSources({ url: urlOf(database), replicaUrls: [], poolSize: 2 }));
    try {
      const { rule_id: id } = await make({ amount: '100', priority: 900, stacking: 'exclusive' });
      const pay = async (billNo: string) => {
        const payment = { payeeId: ADMIN, restaurantId: null, userId, billNo, billAmount: 100 };
        const policy = billPolicyOf(POINTS_CONFIG);
        return (await other.transaction((tx) => payBill(tx, payment, policy, clock.nowMs()))).bill.points;
      };
      await change(id, 'publish', 1);
      assert.equal(await pay('V1'), 100);
      const first = await database.read(
        'SELECT * FROM points_rule_versions WHERE rule_id = ? AND version = 1',
        [id],
      );
      await asAdmin('PUT', `/${id}`, {
        version: 1,
        definition: { amount: '200', priority: 900, stacking: 'exclusive' },
      });
      assert.equal(await pay('V2'), 100);
      await change(id, 'publish', 2);
      assert.equal(await pay('V3'), 200);
      const rows = await database.read<{ rule_version: number }>(
        "SELECT rule_version FROM points_transactions WHERE rule_id = ? AND transaction_type = 'rebate' ORDER BY transaction_id",
        [id],
      );
      assert.deepEqual(
        rows.map(({ rule_version }) => rule_version),
        [1, 1, 2],
      );
      const after = await database.read(
        'SELECT * FROM points_rule_versions WHERE rule_id = ? AND version = 1',
        [id],
      );
      assert.deepEqual(after, first);
      await change(id, 'withdraw', 2);
    } finally {
      await other.close();
    }
  });

  it('P-11 there are so many rules and no more, also when thirty are made at once', async () => {
    const counted = async () =>
      Number((await database.read<any>('SELECT COUNT(*) AS n FROM points_rules'))[0].n);
    for (let n = await counted(); n < LIMITS.pointsRules - 5; n++) await make({ amount: '0' });
    const body = { type: 'rebate', name: 'n', definition: { amount: '0' } };
    const answers = await Promise.all(Array.from({ length: 30 }, () => asAdmin('POST', '', body)));
    assert.equal(answers.filter(({ code }) => code === 'OK').length, 5);
    assert.equal(answers.filter(({ code }) => code === 'CONFLICT').length, 25);
    const answer = await asAdmin('POST', '', body);
    assert.deepEqual([answer.code, answer.details.limit], ['CONFLICT', LIMITS.pointsRules]);
    assert.equal(await counted(), LIMITS.pointsRules);
  });
});
