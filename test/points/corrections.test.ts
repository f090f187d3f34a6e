import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import type { Database } from '../../src/platform/database/transaction.ts';
import { assertBooksBalance } from '../lottery/scene.ts';
import { dataOf } from '../identity/serveRoutes.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { servePoints } from './servedPoints.ts';

const ADMIN = 1_000_000;

forEachDatabase('corrections of points', (open) => {
  const served = servePoints(open);
  const { tokenOf } = served;
  let database: Database;
  let userId: number;
  before(() => {
    database = served.database;
  });
  beforeEach(async () => {
    userId = await createUser(database, { points: 100_00 });
  });
  afterEach(() => assertBooksBalance(database));

  const correct = (path: string, body: object, key?: string) =>
    served.call('POST', path, {
      token: tokenOf(ADMIN, 'admin'),
      body: { reason: 'as asked', ...body },
      ...(key === undefined ? {} : { key }),
    });
  const account = async () => {
    const data = dataOf(await served.call('GET', '/points/account', { token: tokenOf(userId) }));
    return [data.available_points, data.frozen_points, data.debt_points];
  };
  const spend = async (amount: number, key: string) =>
    dataOf(
      await served.call('POST', '/points/consume', {
        token: tokenOf(userId),
        body: { amount, reason: 'tea' },
        key,
      }),
    ).transaction_id as number;
  const actions = async () =>
    (
      await database.read<{ action: string }>(
        'SELECT action FROM admin_audit_logs WHERE target_id = ? ORDER BY audit_id',
        [String(userId)],
      )
    ).map(({ action }) => action);

  it('P-4 points are frozen, released and consumed, and each is in the log', async () => {
    const frozen = dataOf(await correct('/points/freeze', { user_id: userId, amount: 60 }, 'f'));
    assert.deepEqual(dataOf(await correct('/points/freeze', { user_id: userId, amount: 60 }, 'f')), frozen);
    assert.deepEqual([frozen.balance, frozen.frozen], [40, 60]);
    assert.equal(
      (await correct('/points/freeze', { user_id: userId, amount: 40.01 })).code,
      'POINTS_INSUFFICIENT',
    );
    dataOf(await correct('/points/unfreeze', { user_id: userId, amount: 25 }));
    dataOf(await correct('/points/consume-frozen', { user_id: userId, amount: 30 }));
    assert.deepEqual(await account(), [65, 5, 0]);
    for (const path of ['/points/unfreeze', '/points/consume-frozen'])
      assert.equal((await correct(path, { user_id: userId, amount: 5.01 })).code, 'POINTS_INSUFFICIENT');
    assert.deepEqual(await actions(), ['points.freeze', 'points.unfreeze', 'points.consume-frozen']);
  });

  it('P-5 a row is taken back in parts until nothing is left, and what is spent is owed', async () => {
    const spent = await spend(30, `tea-${userId}`);
    const path = `/points/transactions/${spent}/rollback`;
    assert.equal(dataOf(await correct(path, { amount: 12.5 })).balance, 82.5);
    assert.equal((await correct(path, { amount: 17.51 })).code, 'CONFLICT');
    const rest = dataOf(await correct(path, {}));
    assert.deepEqual([rest.amount, rest.balance, rest.on_restore_expired], [17.5, 100, 'grace_days']);
    assert.equal((await correct(path, {})).code, 'CONFLICT');
    const given = dataOf(
      await correct('/admin/points/adjust', { user_id: userId, amount: 20 }),
    ).transaction_id;
    await spend(110, `feast-${userId}`);
    const owed = dataOf(await correct(`/points/transactions/${given}/rollback`, {}));
    assert.deepEqual([owed.balance, owed.debt], [0, 10]);
    assert.deepEqual(await account(), [0, 0, 10]);
    dataOf(await correct('/admin/points/adjust', { user_id: userId, amount: 25 }));
    assert.deepEqual(await account(), [15, 0, 0]);
    assert.equal((await correct('/points/transactions/999999999/rollback', {})).code, 'NOT_FOUND');
  });

  it('RP-5 what is refused moves nothing', async () => {
    const before = await account();
    const amounts = [0, -1, 0.001, 1e21, '5', null, 200, Number.MAX_SAFE_INTEGER];
    const paths = ['/points/freeze', '/points/unfreeze', '/points/consume-frozen'];
    for (const path of paths)
      for (const amount of amounts) {
        const { status } = await correct(path, { user_id: userId, amount });
        assert.ok(status >= 400 && status < 500, `${path} ${String(amount)}: ${status}`);
      }
    for (const amount of [0, -100.01, 0.001, -1e21, '5', null]) {
      const { status } = await correct('/admin/points/adjust', { user_id: userId, amount });
      assert.ok(status >= 400 && status < 500, `adjust ${String(amount)}: ${status}`);
    }
    assert.deepEqual(await account(), before);
    assert.deepEqual(await actions(), []);
  });

  it('A-9 none of it is a diner’s or the staff’s to do', async () => {
    for (const role of ['user', 'staff'] as const)
      for (const path of [
        '/points/freeze',
        '/points/unfreeze',
        '/points/consume-frozen',
        '/admin/points/adjust',
      ]) {
        const body = { user_id: userId, amount: 1, reason: 'r' };
        assert.equal(
          (await served.call('POST', path, { token: tokenOf(ADMIN, role), body })).code,
          'FORBIDDEN',
        );
      }
  });
});
