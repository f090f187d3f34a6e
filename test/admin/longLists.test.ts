import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { listRequests } from '../../src/approvals/approvals.ts';
import { listDeliveries } from '../../src/inventory/deliveries.ts';
import { listAuditLog } from '../../src/admin/readAdminLog.ts';
import { listLoginLogs } from '../../src/identity/login/loginLogs.ts';
import { findUsers } from '../../src/identity/people/userStore.ts';
import { sqlTime } from '../../src/platform/database/sqlValues.ts';
import type { LongPage, NumberedQuery } from '../../src/platform/database/numberedList.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { readLedger, readTransactions } from '../../src/points/account.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createCampaign } from '../support/factories.ts';
import { analyse, insertMany, writeManyRows } from '../support/manyRows.ts';
import { readingOf } from '../support/rowsRead.ts';

const ROWS = 12_000;
const MOVEMENTS = 5000;

forEachDatabase('lists over tables with many rows', (open) => {
  let database: Database;
  let heavy: number;
  let heaviest: number;
  before('writes them', async function () {
    this.timeout(120_000);
    database = await open();
    const { campaignId } = await createCampaign(database);
    heavy = await writeManyRows(database, { campaignId, diners: 1, movements: MOVEMENTS });
    heaviest = await writeManyRows(database, { campaignId, diners: 1, movements: ROWS });
    await writeManyRows(database, { campaignId, diners: ROWS, movements: ROWS });
    const at = `'${sqlTime(Date.now())}'`;
    await database.transaction(async (tx) => {
      await insertMany(tx, 'login_logs', ROWS, {
        ...{
          user_id: 'n % 100',
          mobile: `'139****0001'`,
          outcome: `CASE WHEN n <= 30 THEN 'BUSY' ELSE 'OK' END`,
        },
        ...{ flags: `'[]'`, ip: `'10.0.0.1'`, network: `'10.0.0.0'`, created_at: at },
      });
      await insertMany(tx, 'admin_audit_logs', ROWS, {
        ...{ actor_id: 'n % 10', action: `CASE WHEN n <= 30 THEN 'rare' ELSE 'user.role' END` },
        ...{ target_type: `'user'`, target_id: 'n', ip: `'10.0.0.1'`, request_id: `'r'`, created_at: at },
      });
    });
    await writeItems(database, at);
    await analyse(database, ['approvals', 'inventory_deliveries']);
    await analyse(database, ['users', 'login_logs', 'admin_audit_logs', 'points_transactions']);
  });

  const lists: Record<string, (query: NumberedQuery) => Promise<LongPage<object>>> = {
    users: (query) => findUsers(database, query),
    'login logs': (query) => listLoginLogs(database, query),
    'audit logs': (query) => listAuditLog(database, query),
    approvals: (query) => listRequests(database, { ...query, status: 'approved' }),
    deliveries: (query) => listDeliveries(database, query),
  };
  for (const [name, list] of Object.entries(lists)) {
    it(`DRAW-7 ${name} are counted to ${LIMITS.countedRows}, and the page says where the next begins`, async () => {
      const { rows } = await readingOf(database, async () => {
        const { total, isTotalExact } = await list({ page: 1, limit: 20 });
        assert.deepEqual([total, isTotalExact], [LIMITS.countedRows, false]);
      });
      assert.ok(rows < LIMITS.countedRows * 2 + 200, `${rows} rows`);
      const whole = await list({ page: 1, limit: 90 });
      const parts: object[] = [];
      let before: number | undefined;
      for (let page = 0; page < 3; page++) {
        const part = await list({ page: 1, limit: 30, before });
        parts.push(...part.items);
        before = part.next!;
      }
      assert.deepEqual(parts, whole.items);
      const third = await list({ page: 3, limit: 30 });
      assert.deepEqual(third.items, whole.items.slice(60));
    });
  }

  it('RW-11 a page far down a list is read along an index from its key, and no more is counted than is told of', async () => {
    const far = { page: 1, limit: 20, before: 2000 };
    for (const [index, list] of [
      ['approvals_status', () => listRequests(database, { ...far, status: 'approved' })],
      ['inventory_deliveries_status', () => listDeliveries(database, { ...far, status: 'delivered' })],
    ] as const) {
      const { rows, plans } = await readingOf(database, async () => {
        const { items, total, isTotalExact } = await list();
        assert.deepEqual([items.length, total, isTotalExact], [20, LIMITS.countedRows, false]);
      });
      assert.ok(rows < LIMITS.countedRows * 2 + 200, `${rows} rows`);
      const ofList = plans.filter((plan) => plan.includes(index));
      assert.equal(ofList.length, 2, plans.join('\n'));
      for (const plan of ofList) assert.doesNotMatch(plan, /filesort|TEMP B-TREE/);
      const [page] = ofList.filter((plan) => !plan.includes('counted') && !plan.includes('derived'));
      assert.match(page!, /"type":"range"|\(status=\? AND \w+<\?\)/);
    }
  });

  it('A-10 what few rows are asked for are all counted, and end with no next page', async () => {
    const logins = await listLoginLogs(database, { page: 1, limit: 100, outcome: 'BUSY' });
    assert.deepEqual(
      [logins.items.length, logins.total, logins.isTotalExact, logins.next],
      [30, 30, true, null],
    );
    const { rows } = await readingOf(database, async () => {
      const audits = await listAuditLog(database, { page: 1, limit: 100, action: 'rare' });
      assert.deepEqual([audits.items.length, audits.total, audits.next], [30, 30, null]);
    });
    assert.ok(rows < 300, `${rows} rows`);
  });

  it('R-2 RW-11 the ledger of somebody with many movements is counted to the bound alone, and paged along its index', async () => {
    const seen: number[] = [];
    let before: number | undefined;
    for (let page = 0; page < 3; page++) {
      const { rows, plans } = await readingOf(database, async () => {
        const part = await readLedger(database, heaviest, { page: 1, limit: 10, before, startMs: 0 });
        assert.deepEqual([part.total, part.isTotalExact], [LIMITS.countedRows, false]);
        seen.push(...part.items.map(({ transactionId }) => transactionId));
        before = part.next!;
      });
      assert.ok(rows < 2 * LIMITS.countedRows + 300, `${rows} rows`);
      const ofLedger = plans.filter((plan) => plan.includes('points_transactions_user_list'));
      assert.equal(ofLedger.length, 2);
      for (const plan of ofLedger)
        assert.match(plan, /Using index|COVERING INDEX points_transactions_user_list/);
    }
    const whole = await readTransactions(database, heaviest, { page: 1, limit: 30 });
    assert.deepEqual(
      seen,
      whole.items.map(({ transactionId }) => transactionId),
    );
    const none = await readLedger(database, heaviest, { page: 1, limit: 10, type: 'earn' });
    assert.deepEqual([none.total, none.isTotalExact, none.next], [0, true, null]);
    await assert.rejects(readLedger(database, 2_000_000_000, { page: 1, limit: 10 }), { code: 'NOT_FOUND' });
  });

  it('P-2 a page of many movements reads its own rows alone, and counts in the index', async () => {
    for (const filter of [
      {},
      { type: 'lottery_draw' },
      { type: 'earn' },
      { startMs: 0, endMs: Date.now() },
    ]) {
      const { rows, plans } = await readingOf(database, async () => {
        const { total } = await readTransactions(database, heavy, { page: 1, limit: 20, ...filter });
        assert.equal(total, 'type' in filter && filter.type === 'earn' ? 0 : MOVEMENTS);
      });
      assert.ok(rows < 2 * MOVEMENTS + 300, `${rows} rows`);
      assert.equal(plans.length, 2);
      for (const plan of plans)
        assert.match(plan, /Using index|COVERING INDEX points_transactions_user_list/);
    }
    const seen: number[] = [];
    let before: number | undefined;
    for (let page = 0; page < 3; page++) {
      const { items: movements } = await readTransactions(database, heavy, { page: 1, limit: 10, before });
      seen.push(...movements.map(({ transactionId }) => transactionId));
      before = seen.at(-1);
    }
    const whole = await readTransactions(database, heavy, { page: 1, limit: 30 });
    assert.deepEqual(
      seen,
      whole.items.map(({ transactionId }) => transactionId),
    );
    const last = await readTransactions(database, heavy, { page: 500, limit: 10 });
    assert.equal(last.items.length, 10);
  });
});

/** Requests that were decided, and things that were sent: nearly all of both are over. */
async function writeItems(database: Database, at: string): Promise<void> {
  await database.transaction(async (tx) => {
    await insertMany(tx, 'approvals', ROWS, {
      ...{ kind: `'campaign.start'`, subject_id: 'n', base_version: 1, proposed: `'{}'` },
      ...{ change_hash: `'${'ab'.repeat(32)}'`, created_at: at },
      status: `CASE WHEN n % 1000 = 0 THEN 'pending' ELSE 'approved' END`,
    });
    await insertMany(tx, 'user_inventories', ROWS, {
      ...{ inventory_id: 'n', user_id: 'n % 100', source: `'lottery'`, item_type: `'physical'` },
      ...{ item_name: `'A cup'`, item_value: 1, status: `'redeemed'`, created_at: at },
    });
    await insertMany(tx, 'inventory_deliveries', ROWS, {
      ...{ inventory_id: 'n', user_id: 'n % 100', created_at: at, updated_at: at },
      status: `CASE WHEN n % 1000 = 0 THEN 'requested' ELSE 'delivered' END`,
    });
  });
}
