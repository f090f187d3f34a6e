import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { dataOf, type Answer } from '../../identity/serveRoutes.ts';
import { assertBooksBalance } from '../../lottery/scene.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { createUser } from '../../support/factories.ts';
import { servePoints } from '../servedPoints.ts';

const ADMIN = 1_000_001;

forEachDatabase('rules that are refused, or fail when they are asked', (open) => {
  const served = servePoints(open, 1_000_000_000);
  const { tokenOf } = served;
  let database: Database;
  let userId: number;
  let keys = 0;
  before(async () => {
    database = served.database;
  });
  beforeEach(async () => {
    userId = await createUser(database);
  });
  afterEach(() => assertBooksBalance(database));

  const asAdmin = (method: 'POST' | 'PUT', path: string, body: object) =>
    served.call(method, path, { token: tokenOf(ADMIN, 'admin'), body, key: `k${++keys}` });
  const asUser = (method: 'POST' | 'GET', path: string) =>
    served.call(method, path, { token: tokenOf(userId), ...(method === 'POST' && { body: {} }) });
  const make = async (type: string, definition: object) =>
    (await asAdmin('POST', '/admin/rules', { type, name: '试用', definition })).data.rule_id as number;
  const change = async (ruleId: number, verb: string, version: number) =>
    dataOf(await asAdmin('POST', `/admin/rules/${ruleId}/${verb}`, { version }));
  const pathsOf = ({ status, code, details }: Answer) => {
    assert.deepEqual([status, code], [400, 'VALIDATION_FAILED']);
    return [...new Set((details as { path: string }[]).map(({ path }) => path))];
  };
  const ledger = () =>
    database.read('SELECT * FROM points_transactions WHERE user_id = ? ORDER BY transaction_id', [userId]);
  const account = () =>
    database.read(
      'SELECT total_points, available_points, history_total_points, experience_points FROM user_points_accounts WHERE user_id = ?',
      [userId],
    );

  const BAD = ['level >', '1', 'level >= "2"', 'unknown > 1', 'streak > 1', 'level', '"a".size() == 1', ''];
  for (const condition of BAD) {
    it(`P-11 refuses the condition ${condition || '(empty)'} at PUT and at a preview, and changes nothing`, async () => {
      const definition = { condition, amount: '100' };
      const id = await make('rebate', { amount: '100' });
      const rule = () => database.read('SELECT * FROM points_rules WHERE rule_id = ?', [id]);
      const stored = await rule();
      const previewed = { type: 'rebate', user_id: userId, bill_amount: 1, definition };
      for (const answer of [
        await asAdmin('PUT', `/admin/rules/${id}`, { version: 1, definition }),
        await asAdmin('POST', '/admin/rules/preview', previewed),
        await asAdmin('POST', '/admin/rules/preview', { ...previewed, rule_id: id }),
      ])
        assert.deepEqual(pathsOf(answer), ['definition.condition']);
      assert.deepEqual(await rule(), stored);
    });
  }

  it('P-11 what divides by zero for some is taken at PUT, and refused to those when it is claimed: nothing moves', async () => {
    const task = { metric: 'level', goal: 1 };
    const id = await make('task', { amount: '100', task });
    const edited = dataOf(
      await asAdmin('PUT', `/admin/rules/${id}`, {
        version: 1,
        definition: { amount: '1000 / (level - 1)', task },
      }),
    );
    await change(id, 'publish', edited.version);
    const before = await account();
    const refused = await asUser('POST', `/points/tasks/${id}/claim`);
    assert.deepEqual([refused.status, refused.code], [409, 'CONFLICT']);
    assert.equal(refused.details.reason, 'division by zero');
    assert.deepEqual([await account(), await ledger()], [before, []]);
    assert.deepEqual(await database.read('SELECT * FROM points_task_claims WHERE user_id = ?', [userId]), []);
    await change(id, 'withdraw', edited.version);
  });

  it('P-11 a condition or an amount that divides by zero gives nothing for a bill, which says so', async () => {
    const definitions = [{ amount: '1000 / (level - 1)' }, { amount: '1', condition: '1 / (level - 1) > 0' }];
    for (const definition of definitions) {
      const id = await make('rebate', { amount: '100' });
      await asAdmin('PUT', `/admin/rules/${id}`, { version: 1, definition });
      await change(id, 'publish', 2);
      const before = await account();
      const bill = { user_id: userId, bill_no: `F-${++keys}`, bill_amount: 10 };
      const paid = dataOf(await asAdmin('POST', '/points/pay', bill));
      assert.deepEqual([paid.points, paid.balance, paid.transaction_id], [0, 0, null]);
      const [shown] = dataOf(await asUser('GET', '/points/bills')).items;
      assert.deepEqual(
        shown.explain.map((rule: any) => [rule.rule_id, rule.reason, rule.failure]),
        [[id, 'failed', 'division by zero']],
      );
      assert.deepEqual([await account(), await ledger()], [before, []]);
      await change(id, 'withdraw', 2);
    }
  });

  it('RP-4 what was published stays as it was over a return and a withdrawal', async () => {
    const id = await make('rebate', { amount: '100' });
    await change(id, 'publish', 1);
    await asAdmin('PUT', `/admin/rules/${id}`, { version: 1, name: '新名', definition: { amount: '200' } });
    await change(id, 'publish', 2);
    const versions = () =>
      database.read(
        'SELECT * FROM points_rule_versions WHERE rule_id = ? AND version <= 2 ORDER BY version',
        [id],
      );
    const published = await versions();
    assert.equal(published.length, 2);
    served.clock.advance(1000);
    await change(id, 'return', 1);
    assert.deepEqual(await versions(), published);
    await change(id, 'withdraw', 3);
    await change(id, 'return', 2);
    await change(id, 'withdraw', 4);
    assert.deepEqual(await versions(), published);
  });
});
