import assert from 'node:assert/strict';
import { insertRow, insertRows, upsertRows } from '../../../src/platform/database/bulk.ts';
import { sqlTime } from '../../../src/platform/database/sqlValues.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { startKeysAt } from '../../support/factories.ts';

const NOW = sqlTime(Date.parse('2026-03-01T00:00:00.000Z'));
const EVENTS = { table: 'business_events', columns: ['event_type', 'user_id', 'event_data', 'created_at'] };
const COUNTERS = {
  table: 'lottery_user_counters',
  columns: [
    'campaign_id',
    'user_id',
    'streak',
    'draws',
    'wins',
    'prize_value',
    'business_day',
    'draws_today',
    'first_draw_no',
    'updated_at',
  ],
};

const eventRows = (type: string, count: number) =>
  Array.from({ length: count }, (_, at) => [type, at % 7 === 0 ? null : at, `{"at":${at}}`, NOW]);
const counterRow = (userId: number, streak: number) => [
  1,
  userId,
  streak,
  2,
  3,
  4.5,
  '2026-03-01',
  1,
  9_999_999_999,
  NOW,
];

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

  it('DB-6 insertRows gives keys in the order of the rows', async () => {
    for (const count of [1, 2, 500]) {
      const type = `rows ${count}`;
      await database.transaction((tx) => insertRows(tx, EVENTS, eventRows(type, count)));
      await assertInOrder(type, count);
    }
  });

  it('DB-6 insertRows takes more values than SQLite binds in one statement', async () => {
    // 4 columns: 80,000 values, and a last statement that is not full.
    await database.transaction((tx) => insertRows(tx, EVENTS, eventRows('many', 20_001)));
    await assertInOrder('many', 20_001);
  });

  it('DB-10 insertRow returns the key of its row, beyond 32 bits as well', async () => {
    const insert = (type: string) =>
      database.transaction((tx) => insertRow(tx, EVENTS, [type, 1, '{}', NOW]));
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

  it('insertRows of no rows does nothing', async () => {
    await database.transaction((tx) => insertRows(tx, EVENTS, []));
    await database.transaction((tx) => upsertRows(tx, COUNTERS, ['campaign_id', 'user_id'], []));
  });

  it('insertRows keeps texts as they are', async () => {
    const texts = [`'; DROP TABLE users; --`, '\\', '"', '?', '🎁 奖品', '%_', '\u0000', ''];
    await database.transaction((tx) =>
      insertRows(
        tx,
        EVENTS,
        texts.map((text) => ['texts', 1, text, NOW]),
      ),
    );
    assert.deepEqual(
      (await eventsOf('texts')).map(({ event_data }) => event_data),
      texts,
    );
  });

  it('DB-6 upsertRows inserts new rows and overwrites known ones, many at once', async () => {
    const upsert = (rows: (string | number)[][]) =>
      database.transaction((tx) => upsertRows(tx, COUNTERS, ['campaign_id', 'user_id'], rows));
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

  it('a refused row leaves none of its batch', async () => {
    const rows = [...eventRows('refused', 12_000), ['refused', 1, null, NOW]];
    await assert.rejects(database.transaction((tx) => insertRows(tx, EVENTS, rows)));
    assert.deepEqual(await eventsOf('refused'), []);
  });
});
