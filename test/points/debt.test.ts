import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { assertBooksBalance } from '../lottery/scene.ts';
import { dataOf } from '../identity/serveRoutes.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { servePoints } from './servedPoints.ts';

const ADMIN = 1_000_000;
const DAY_MS = 86_400_000;

forEachDatabase('debts, and what counts as earned', (open) => {
  const served = servePoints(open, 1_000_000_000);
  const { tokenOf, clock } = served;
  let database: Database;
  let userId: number;
  let calls = 0;
  before(() => {
    database = served.database;
  });
  beforeEach(async () => {
    userId = await createUser(database);
  });
  afterEach(() => assertBooksBalance(database));

  const ask = async (path: string, body: object, isOwn = false) => {
    const token = isOwn ? tokenOf(userId) : tokenOf(ADMIN, 'admin');
    return dataOf(await served.call('POST', path, { token, body, key: `k-${++calls}` }));
  };
  const earn = (amount: number, days?: number) =>
    ask('/points/earn', {
      user_id: userId,
      amount,
      reason: 'r',
      source: 'pos',
      ...(days === undefined ? {} : { expires_at: new Date(clock.nowMs() + days * DAY_MS).toISOString() }),
    });
  const spend = (amount: number) => ask('/points/consume', { amount, reason: 'r' }, true);
  const rollBack = (id: number, amount?: number) =>
    ask(`/points/transactions/${id}/rollback`, { reason: 'r', ...(amount === undefined ? {} : { amount }) });
  const mine = async (path: string) => dataOf(await served.call('GET', path, { token: tokenOf(userId) }));
  const account = async () => {
    const { available_points: available, debt_points: debt } = await mine('/points/account');
    return { available, debt };
  };

  it('RP-7 the diner sees the debt, what is earned next pays it, and the payment is a row of their own list', async () => {
    const { transaction_id: earned } = await earn(50);
    await spend(50);
    assert.equal((await rollBack(earned)).debt, 50);
    assert.deepEqual(await account(), { available: 0, debt: 50 });
    assert.equal((await earn(20)).balance, 0);
    assert.deepEqual(await account(), { available: 0, debt: 30 });
    assert.equal((await earn(45)).balance, 15);
    assert.deepEqual(await account(), { available: 15, debt: 0 });
    const { items } = await mine('/points/transactions?type=debt_repayment');
    assert.deepEqual(
      items.map(({ amount }: { amount: number }) => amount),
      [-30, -20],
    );
  });

  it('RP-7 what has paid a debt and is given back has the date that it was earned with', async () => {
    const { transaction_id: earned } = await earn(50);
    await spend(50);
    await rollBack(earned);
    await earn(80, 10);
    const [repaid] = (await mine('/points/transactions?type=debt_repayment')).items;
    const { restored } = await rollBack(repaid.transaction_id);
    assert.deepEqual(
      restored.map(({ amount, outcome }: { amount: number; outcome: string }) => [amount, outcome]),
      [[50, 'restored']],
    );
    const { items } = await mine('/points/expiring?days=30');
    assert.deepEqual([items.length, items[0].amount, (await account()).available], [1, 80, 80]);
    assert.equal(restored[0].expires_at, items[0].expires_at);
  });

  it('RP-14 what was earned stays earned: rolled back, spent, expired, frozen and given points take nothing off it', async () => {
    const earnedPoints = async () => (await mine('/points/leaderboard?period=month')).me.points;
    const { transaction_id: first } = await earn(100, 1);
    await earn(60);
    assert.equal(await earnedPoints(), 160);
    const { transaction_id: spent } = await spend(30);
    await rollBack(spent);
    await rollBack(first, 20);
    const other = await createUser(database);
    await ask('/points/transfer', { to_user_id: other, amount: 10 }, true);
    const hold = { user_id: userId, amount: 5, reason: 'r' };
    await ask('/points/freeze', hold);
    await ask('/points/unfreeze', hold);
    clock.advance(3 * DAY_MS);
    await spend(1);
    const { items } = await mine('/points/transactions?type=expire');
    assert.equal(items.length, 1);
    assert.equal(await earnedPoints(), 160);
    const given = await served.call('GET', '/points/leaderboard?period=month', { token: tokenOf(other) });
    assert.deepEqual(dataOf(given).me, { rank: null, points: 0 });
  });
});
