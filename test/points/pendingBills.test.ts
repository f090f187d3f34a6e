import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { User } from '../../entities/identity/User.ts';
import { activateDue } from '../../src/points/bills/activation.ts';
import { expireAll } from '../../src/points/expiry.ts';
import { seedRules } from '../../src/points/rules/ruleBook.ts';
import { assertBooksBalance } from '../lottery/scene.ts';
import { dataOf } from '../identity/serveRoutes.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { POINTS_CONFIG, servePoints } from './servedPoints.ts';
import { STAFF, tillOf } from './till.ts';

const DAY_MS = 86_400_000;

forEachDatabase('bills that may be returned', (open) => {
  const settings = { pointsReturnDays: 7, pointsLifetimeDays: 30 };
  const served = servePoints(open, 1_000_000_000, settings);
  const { clock, tokenOf } = served;
  const services = () => ({ database: served.database, clock, config: { ...POINTS_CONFIG, ...settings } });
  let keys = 0;
  before(() => served.database.transaction((tx) => seedRules(tx, true, clock.nowMs())));

  it('RP-15 pending points are shown apart, cannot be spent, are what a refund takes first, and come once', async () => {
    const userId = await createUser(served.database);
    const call = async (method: 'GET' | 'POST', path: string, body?: object) =>
      served.call(method, path, {
        token: path.startsWith('/points/pay') ? tokenOf(STAFF, 'staff') : tokenOf(userId),
        ...(body && { body, key: `r${++keys}` }),
      });
    const account = async () => {
      const { available_points, total_points, pending_points } = dataOf(await call('GET', '/points/account'));
      return [available_points, total_points, pending_points];
    };
    const paid = dataOf(
      await call('POST', '/points/pay', { user_id: userId, bill_no: 'R1', bill_amount: 1000 }),
    );
    assert.deepEqual([paid.points, paid.balance, paid.transaction_id], [10, 0, null]);
    assert.equal(paid.activates_at, '2026-03-08T16:00:00.000Z');
    assert.deepEqual(await account(), [0, 0, 10]);
    assert.equal(
      (await call('POST', '/points/consume', { amount: 0.01, reason: 'tea' })).code,
      'POINTS_INSUFFICIENT',
    );
    const part = dataOf(await call('POST', '/points/pay/R1/refund', { amount: 250 }));
    assert.deepEqual([part.points, part.debt, part.balance, part.transaction_id], [2.5, 0, 0, null]);
    assert.deepEqual(await account(), [0, 0, 7.5]);
    clock.set(Date.parse('2026-03-08T15:59:59.999Z'));
    await activateDue(services());
    assert.deepEqual(await account(), [0, 0, 7.5]);
    clock.advance(1);
    await Promise.all([activateDue(services()), activateDue(services()), activateDue(services())]);
    assert.deepEqual(await account(), [7.5, 7.5, 0]);
    const list = dataOf(await call('GET', '/points/expiring?days=60'));
    // They live from when they come.
    assert.deepEqual(list.items, [{ expires_at: '2026-04-08T15:59:59.999Z', amount: 7.5 }]);
    const rest = dataOf(await call('POST', '/points/pay/R1/refund', {}));
    assert.deepEqual([rest.points, rest.refunded, rest.balance], [7.5, 750, 0]);
    await expireAll(services());
    await assertBooksBalance(served.database);
  });

  it('RP-15 A-11 to a closed account nothing comes, to a blocked one it does; the till may refund what was cancelled', async () => {
    const { database } = served;
    const [closed, blocked] = [await createUser(database), await createUser(database)];
    let dinerId = closed;
    const till = tillOf(served, () => dinerId);
    const bill = till.nextBill();
    dataOf(await till.pay(bill, 1000));
    dinerId = blocked;
    dataOf(await till.pay(till.nextBill(), 1000));
    const setStatus = (user_id: number, status: 'closed' | 'disabled') =>
      database.transaction((tx) => tx.manager.update(User, { user_id }, { status }));
    await setStatus(closed, 'closed');
    await setStatus(blocked, 'disabled');
    clock.advance(9 * DAY_MS);
    await Promise.all([activateDue(services()), activateDue(services())]);
    await activateDue(services());
    const accounts = () =>
      database.read<any>(
        'SELECT user_id, total_points, history_total_points, debt_points, experience_points FROM user_points_accounts WHERE user_id IN (?)',
        [[closed, blocked]],
      );
    const after = await accounts();
    const totals = new Map(after.map((row) => [row.user_id, Number(row.total_points)]));
    assert.deepEqual([totals.get(closed), totals.get(blocked)], [0, 10]);
    const bills = await database.read<any>('SELECT status FROM points_bills WHERE user_id = ?', [closed]);
    assert.deepEqual(
      bills.map(({ status }) => status),
      ['cancelled'],
    );
    await assertBooksBalance(database);
    const part = dataOf(await till.refund(bill, { amount: 300 }, till.nextKey()));
    assert.deepEqual([part.refunded, part.debt, part.balance, part.transaction_id], [300, 0, 0, null]);
    assert.equal(dataOf(await till.refund(bill)).left, 0);
    assert.deepEqual(await accounts(), after);
    await assertBooksBalance(database);
  });

  it('RP-3 RP-15 what is refunded before it comes and after it takes all that came, and its experience', async () => {
    const { database } = served;
    const userId = await createUser(database);
    const till = tillOf(served, () => userId);
    const bill = 'R2';
    const nextKey = () => `r${++keys}`;
    dataOf(await till.pay(bill, 10_000, nextKey()));
    dataOf(await till.refund(bill, { amount: 2_500 }, nextKey()));
    clock.advance(9 * DAY_MS);
    await activateDue(services());
    const experience = async () => (await till.account()).experience_points;
    assert.equal(await experience(), 75);
    dataOf(await till.refund(bill, { amount: 2_500 }, nextKey()));
    assert.equal(await experience(), 50);
    assert.equal(dataOf(await till.refund(bill)).left, 0);
    assert.equal(await experience(), 0);
    const rows = await till.rows();
    assert.deepEqual(
      rows.map(({ type, amount, status }) => [type, amount, status]),
      [
        ['refund', -50, 'completed'],
        ['refund', -25, 'completed'],
        ['rebate', 75, 'rolled_back'],
      ],
    );
    await assertBooksBalance(database);
  });

  it('RP-8 what a level brings lives as long as what was earned', async () => {
    const userId = await createUser(served.database);
    const earned = await served.call('POST', '/points/earn', {
      token: tokenOf(STAFF, 'staff'),
      body: { user_id: userId, amount: 20_000, reason: 'r', source: 'test' },
      key: `r${++keys}`,
    });
    dataOf(earned);
    const path = '/points/expiring?days=60';
    const { items } = dataOf(await served.call('GET', path, { token: tokenOf(userId) }));
    assert.deepEqual(
      items.map(({ amount }: { amount: number }) => amount),
      [20_100],
    );
  });
});
