import assert from 'node:assert/strict';
import { it } from 'mocha';
import { compareBills } from '../../loadtest/points/bills.ts';
import { compareScale } from '../../loadtest/points/scale.ts';
import { plansOf } from '../../loadtest/points/plans.ts';
import { onMariadb, urlOf } from '../support/databases.ts';
import { writeManyPoints } from '../support/manyPoints.ts';
import { needsMariadb, sharedMariadb } from '../support/shared.ts';

const LEDGER = new Set(['points_transactions']);

describe('the bench of points', () => {
  needsMariadb();

  it('P-12 its large ledger balances, is read through the product, and every statement is explained', async () => {
    const few = { people: 30, rows: 30, regularRows: 60, times: 2, rounds: 1 };
    const { lines, holds } = await compareScale(await sharedMariadb(), few);
    const said = lines.join('\n');
    assert.ok(holds, said);
    assert.match(said, /audit: books balance; 31 users, 960 transactions/);
    assert.match(said, /transactions, last page( +[\d.]+){8}/);
    assert.match(said, /^[1-9]\d* statements explained, 0 look through a large table$/m);
  }).timeout(180_000);

  it('P-9 every bill of its tills earns once, also one that is sent twice', async () => {
    const few = { terminals: 5, seconds: 1, rounds: 1 };
    const { lines, holds } = await compareBills(await sharedMariadb(), few);
    const said = lines.join('\n');
    assert.ok(holds, said);
    assert.equal(said.match(/ bills, each has earned once; books balance/g)?.length, 3);
  }).timeout(180_000);
});

onMariadb('plans of statements', (open) => {
  it('P-12 tell who looks through a large table, and who does not', async () => {
    const database = await open();
    await writeManyPoints(database, { people: 3, visits: 400, nowMs: Date.now(), timezone: 'Asia/Shanghai' });
    const byKey = 'SELECT reason FROM points_transactions WHERE transaction_id = 7';
    const byReason = `SELECT t.amount FROM points_transactions t WHERE t.reason = 'Game'`;
    const counted = 'SELECT COUNT(*) FROM points_transactions';
    const plans = await plansOf(urlOf(database), LEDGER, async () => {
      for (const sql of [byKey, byReason, counted]) await database.readCurrent(sql);
    });
    const scans = new Map(plans.map(({ sql, scans: found }) => [sql, found]));
    assert.deepEqual(scans.get(byKey), []);
    assert.deepEqual(scans.get(byReason), ['ALL of points_transactions']);
    assert.deepEqual(scans.get(counted), ['index of points_transactions']);
  });
});
