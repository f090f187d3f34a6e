import assert from 'node:assert/strict';
import { AdminAuditLog } from '../../../entities/admin/AdminAuditLog.ts';
import { RolePermission } from '../../../entities/identity/RolePermission.ts';
import { UserDevice } from '../../../entities/identity/UserDevice.ts';
import { LotteryUserCounter } from '../../../entities/lottery/LotteryUserCounter.ts';
import { BusinessEvent } from '../../../entities/platform/BusinessEvent.ts';
import { PointsTransaction } from '../../../entities/points/PointsTransaction.ts';
import { insertAll, insertOne, upsertAll } from '../../../src/platform/database/bulk.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { startKeysAt } from '../../support/factories.ts';

const NOW = new Date('2026-03-01T00:00:00.000Z');

const eventRow = (event_type: string, user_id: number | null, event_data: string) => {
  return { event_type, user_id, event_data, created_at: NOW };
};
const eventRows = (type: string, count: number) =>
  Array.from({ length: count }, (_, at) => eventRow(type, at % 7 === 0 ? null : at, `{"at":${at}}`));
const counterRow = (userId: number, streak: number): LotteryUserCounter => ({
  campaign_id: 1,
  user_id: userId,
  streak,
  draws: 2,
  wins: 3,
  prize_value: 4_50,
  business_day: '2026-03-01',
  draws_today: 1,
  free_today: 0,
  first_draw_no: 9_999_999_999,
  updated_at: NOW,
});

interface EventRow {
  event_id: number;
  user_id: number | null;
  event_data: string;
}

forEachDatabase('bulk statements', (open) => {
  let database: Database;
  before('opens a database', async () => {
    database = await open();
  });

  const eventsOf = (type: string) =>
    database.read<EventRow>(
      'SELECT event_id, user_id, event_data FROM business_events WHERE event_type = ? ORDER BY event_id',
      [type],
    );

  const assertInOrder = async (type: string, count: number) => {
    const rows = await eventsOf(type);
    assert.equal(rows.length, count);
    rows.forEach((row, at) => {
      const expected = {
        event_id: row.event_id,
        user_id: at % 7 === 0 ? null : at,
        event_data: `{"at":${at}}`,
      };
      assert.deepEqual({ ...row }, expected);
    });
  };

  it('DB-6 insertAll gives keys in the order of the rows', async () => {
    for (const count of [1, 2, 500]) {
      const type = `rows ${count}`;
      await database.transaction((tx) => insertAll(tx, BusinessEvent, eventRows(type, count)));
      await assertInOrder(type, count);
    }
  });

  it('DB-6 insertAll takes more values than SQLite binds in one statement', async () => {
    // 4 columns: 80,000 values, and a last statement that is not full.
    await database.transaction((tx) => insertAll(tx, BusinessEvent, eventRows('many', 20_001)));
    await assertInOrder('many', 20_001);
  });

  it('DB-10 insertOne returns the key of its row, beyond 32 bits as well', async () => {
    const insert = (type: string) =>
      database.transaction((tx) => insertOne(tx, BusinessEvent, eventRow(type, 1, '{}')));
    for (const [type, from] of [
      ['small', 0],
      ['beyond 31 bits', 2 ** 31],
      ['beyond 32 bits', 2 ** 32 + 5],
      ['beyond 52 bits', 2 ** 52 + 1],
    ] as const) {
      if (from > 0) await startKeysAt(database, 'business_events', from);
      const keys = [await insert(type), await insert(type)];
      assert.deepEqual(
        (await eventsOf(type)).map(({ event_id }) => event_id),
        keys,
      );
      assert.ok(keys.every((key) => typeof key === 'number' && key >= from));
    }
  });

  it('insertAll of no rows does nothing', async () => {
    await database.transaction((tx) => insertAll(tx, BusinessEvent, []));
    await database.transaction((tx) => upsertAll(tx, LotteryUserCounter, []));
  });

  it('insertAll keeps texts as they are', async () => {
    const texts = [`'; DROP TABLE users; --`, '\\', '"', '?', '🎁 奖品', '%_', '\u0000', ''];
    await database.transaction((tx) =>
      insertAll(
        tx,
        BusinessEvent,
        texts.map((text) => eventRow('texts', 1, text)),
      ),
    );
    assert.deepEqual(
      (await eventsOf('texts')).map(({ event_data }) => event_data),
      texts,
    );
  });

  it('DB-6 upsertAll inserts new rows and overwrites known ones, many at once', async () => {
    const upsert = (rows: LotteryUserCounter[]) =>
      database.transaction((tx) => upsertAll(tx, LotteryUserCounter, rows));
    const users = Array.from({ length: 5000 }, (_, at) => at + 1);
    await upsert(users.map((userId) => counterRow(userId, 1)));
    await upsert([4999, 5000, 5001].map((userId) => counterRow(userId, 7)));
    const rows = await database.read<{ user_id: number; streak: number; first_draw_no: number | string }>(
      'SELECT user_id, streak, first_draw_no FROM lottery_user_counters ORDER BY user_id',
    );
    assert.equal(rows.length, 5001);
    for (const { user_id, streak, first_draw_no } of rows) {
      assert.equal(streak, user_id < 4999 ? 1 : 7);
      assert.equal(Number(first_draw_no), 9_999_999_999);
    }
  });

  it('insertAll writes every kind of value as a repository does', async () => {
    const device = { user_id: 1, device_id: 'd', first_seen_at: NOW, last_seen_at: new Date(1) };
    const role = { role: 'staff' as const, permission: 'p', is_granted: false, updated_at: NOW };
    const recorded = {
      actor_id: 1,
      action: 'a',
      target_type: 't',
      target_id: '1',
      ip: '::1',
      request_id: 'r',
    };
    const entry = { ...recorded, state_before: { deep: ['奖'] }, state_after: [], created_at: NOW };
    const movement = { user_id: 1, transaction_type: 't', balance_before: 0, balance_after: 12_345_67 };
    const moved = { ...movement, amount: -29, source: 's', reason: 'r', related_id: null, created_at: NOW };
    await database.transaction(async (tx) => {
      await insertAll(tx, UserDevice, [device]);
      await insertAll(tx, RolePermission, [role, { ...role, permission: 'q', is_granted: true }]);
      await insertAll(tx, AdminAuditLog, [entry]);
      await tx.manager.insert(AdminAuditLog, { ...entry });
      await insertAll(tx, PointsTransaction, [moved]);
    });
    assert.deepEqual({ ...(await database.reader.findOneByOrFail(UserDevice, { user_id: 1 })) }, device);
    const granted = await database.reader.find(RolePermission, { order: { permission: 'ASC' } });
    assert.deepEqual(
      granted.map(({ is_granted }) => is_granted),
      [false, true],
    );
    for (const found of await database.reader.find(AdminAuditLog)) {
      assert.deepEqual({ ...found }, { audit_id: found.audit_id, ...entry });
    }
    const stored = await database.read<object>('SELECT * FROM admin_audit_logs');
    assert.deepEqual({ ...stored[0], audit_id: 0 }, { ...stored[1], audit_id: 0 });
    const { transaction_id, ...found } = await database.reader.findOneByOrFail(PointsTransaction, {
      user_id: 1,
    });
    const left = { status: 'completed', spent_from: null, rule_id: null, rule_version: null };
    assert.deepEqual({ transaction_id, ...found }, { transaction_id, ...left, ...moved });
  });

  it('rows of one statement give the same columns, and each of them a value', async () => {
    const row = eventRow('alike', 1, '{}');
    for (const other of [{ ...row, attempts: 1 }, { ...row, user_id: undefined }, { event_type: 'alike' }]) {
      const rows: Partial<BusinessEvent>[] = [row, other];
      await assert.rejects(
        database.transaction((tx) => insertAll(tx, BusinessEvent, rows)),
        /A row|Rows/,
      );
    }
    assert.deepEqual(await eventsOf('alike'), []);
  });

  it('a refused row leaves none of its batch', async () => {
    const rows = [...eventRows('refused', 12_000), eventRow('refused', 1, null as never)];
    await assert.rejects(database.transaction((tx) => insertAll(tx, BusinessEvent, rows)));
    assert.deepEqual(await eventsOf('refused'), []);
  });
});
