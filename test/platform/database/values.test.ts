import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bigintColumn, pointsColumn } from '../../../entities/columns.ts';
import { LotteryCampaign } from '../../../entities/lottery/LotteryCampaign.ts';
import { LotteryDraw } from '../../../entities/lottery/LotteryDraw.ts';
import { LotteryPrize } from '../../../entities/lottery/LotteryPrize.ts';
import { PointsTransaction } from '../../../entities/points/PointsTransaction.ts';
import { UserInventory } from '../../../entities/inventory/UserInventory.ts';
import { insertAll } from '../../../src/platform/database/bulk.ts';
import { fromSqlPoints, fromSqlTime, sqlPoints, sqlTime } from '../../../src/platform/database/sqlValues.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { LIMITS } from '../../../src/platform/limits.ts';
import { createCampaign } from '../../support/factories.ts';
import { forEachDatabase } from '../../support/databases.ts';

const LARGEST = LIMITS.pointsPerAccount;
const AMOUNTS = [0, 1, -1, 10, 29, 57, 99, 100, 101, 1_005, 123_456_789, LARGEST - 1, LARGEST, -LARGEST];
const TIMES = [
  '1970-01-01T00:00:01.000Z',
  '2026-02-28T23:59:59.999Z',
  '2026-03-01T00:00:00.000Z',
  '2026-03-29T01:30:00.001Z',
  '2038-01-19T03:14:08.010Z',
].map((text) => Date.parse(text));

describe('values in statements', () => {
  it('PTS-1 points survive the way to DECIMAL(15,2) and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -LARGEST, max: LARGEST }), (hundredths) => {
        assert.equal(fromSqlPoints(sqlPoints(hundredths)), hundredths);
        // MySQL returns the decimal as text, with both decimals.
        assert.equal(fromSqlPoints(sqlPoints(hundredths).toFixed(2)), hundredths);
        // What either driver sends is the shortest text of the number; it must have no third decimal.
        assert.match(String(sqlPoints(hundredths)), /^-?\d+(\.\d{1,2})?$/);
      }),
      { numRuns: 2000, seed: 5 },
    );
  });

  it('times survive as text in UTC', () => {
    const times = fc.date({
      min: new Date(0),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(times, (time) => assert.equal(fromSqlTime(sqlTime(time.getTime())), time.getTime())),
    );
    assert.equal(sqlTime(Date.parse('2026-03-01T04:05:06.007Z')), '2026-03-01 04:05:06.007');
    assert.equal(fromSqlTime(new Date(5)), 5);
  });

  it('column transformers keep zero, null and undefined apart', () => {
    for (const { transformer } of [pointsColumn, bigintColumn]) {
      assert.ok(transformer !== undefined && !Array.isArray(transformer));
      assert.deepEqual([0, null, undefined].map(transformer.to), [0, null, undefined]);
      assert.deepEqual([0, '0', null].map(transformer.from), [0, 0, null]);
    }
  });
});

forEachDatabase('values in columns', (open) => {
  let database: Database;
  before('opens a database', async () => {
    database = await open();
  });

  const transactionRow = (amount: number) => ({
    user_id: 1,
    transaction_type: 'test',
    amount,
    balance_before: 0,
    balance_after: amount,
    source: 'test',
    reason: 'test',
    created_at: new Date(0),
  });

  it('PTS-1 points written by a repository are read by a repository and by a statement', async () => {
    for (const amount of AMOUNTS) {
      const { transaction_id } = await database.transaction(({ manager }) =>
        manager.save(PointsTransaction, transactionRow(amount)),
      );
      const found = await database.reader.findOneByOrFail(PointsTransaction, { transaction_id });
      assert.deepEqual([found.amount, found.balance_before, found.balance_after], [amount, 0, amount]);
      assert.equal(found.related_id, null);
      const sql = 'SELECT amount FROM points_transactions WHERE transaction_id = ?';
      const [row] = await database.read<{ amount: string | number }>(sql, [transaction_id]);
      assert.equal(fromSqlPoints(row!.amount), amount);
    }
  });

  it('PTS-1 points written by a statement are read and found by a repository', async () => {
    const rows = AMOUNTS.map((amount) => ({ ...transactionRow(amount), user_id: 2 }));
    await database.transaction((tx) => insertAll(tx, PointsTransaction, rows));
    const keys: number[] = [];
    for (const amount of AMOUNTS) {
      const found = await database.reader.findOneByOrFail(PointsTransaction, { user_id: 2, amount });
      assert.equal(found.amount, amount);
      keys.push(found.transaction_id);
    }
    assert.deepEqual(
      keys,
      keys.toSorted((a, b) => a - b),
    );
  });

  it('PTS-1 a repository changes points to zero and back', async () => {
    const { campaignId } = await createCampaign(database);
    for (const cost of [0, 5, LARGEST, 0]) {
      await database.transaction(({ manager }) =>
        manager.update(LotteryCampaign, campaignId, { cost_per_draw: cost }),
      );
      const found = await database.reader.findOneByOrFail(LotteryCampaign, { campaign_id: campaignId });
      assert.equal(found.cost_per_draw, cost);
    }
  });

  it('counters beyond 32 bits come back as exact numbers, null as null', async () => {
    const values = [
      0,
      1,
      2 ** 31,
      2 ** 32,
      999_999_999_999,
      21_474_836_470_000_000_000 / 1e4,
      Number.MAX_SAFE_INTEGER,
    ];
    for (const [at, value] of values.entries()) {
      const draw = drawRow(at + 1, value);
      await database.transaction(({ manager }) => manager.insert(LotteryDraw, draw));
      const found = await database.reader.findOneByOrFail(LotteryDraw, { draw_id: value });
      assert.deepEqual({ ...found }, draw);
    }
    const item = {
      user_id: 1,
      source: 's',
      item_type: 't',
      item_name: 'n',
      item_value: 0,
      created_at: new Date(0),
    };
    for (const drawId of [null, 0, 10 ** 10 + 1]) {
      const { inventory_id } = await database.transaction(({ manager }) =>
        manager.save(UserInventory, { ...item, draw_id: drawId }),
      );
      const found = await database.reader.findOneByOrFail(UserInventory, { inventory_id });
      assert.deepEqual([found.draw_id, found.item_value, found.campaign_id], [drawId, 0, null]);
    }
  });

  it('probabilities are exact to 10⁻⁸', async () => {
    const chances = [0, 1, 3, 7, 10, 12_345_678, 29_000_000, 33_333_333, 57_999_999, 99_999_999, 100_000_000];
    const { prizeIds } = await createCampaign(database, {
      prizes: chances.map((win_probability) => ({ win_probability, prize_value: win_probability })),
    });
    for (const [at, chance] of chances.entries()) {
      const found = await database.reader.findOneByOrFail(LotteryPrize, { prize_id: prizeIds[at]! });
      assert.deepEqual([found.win_probability, found.prize_value], [chance, chance]);
    }
  });

  it('times are the same moment for statements and repositories', async () => {
    const { prizeIds } = await createCampaign(database);
    const prize_id = prizeIds[0]!;
    for (const timeMs of TIMES) {
      await database.transaction(({ manager }) =>
        manager.update(LotteryPrize, prize_id, { created_at: new Date(timeMs) }),
      );
      await database.transaction((tx) =>
        tx.execute('UPDATE lottery_prizes SET updated_at = ? WHERE prize_id = ?', [
          sqlTime(timeMs),
          prize_id,
        ]),
      );
      const found = await database.reader.findOneByOrFail(LotteryPrize, { prize_id });
      assert.deepEqual([found.created_at.getTime(), found.updated_at.getTime()], [timeMs, timeMs]);
      const sql =
        'SELECT created_at, updated_at, created_at = updated_at AS same FROM lottery_prizes WHERE prize_id = ? AND created_at <= ?';
      const [row] = await database.read<{ created_at: Date; updated_at: Date; same: number }>(sql, [
        prize_id,
        sqlTime(timeMs),
      ]);
      assert.ok(row !== undefined);
      assert.deepEqual([fromSqlTime(row.created_at), fromSqlTime(row.updated_at)], [timeMs, timeMs]);
      assert.equal(Number(row.same), 1);
    }
  });
});

function drawRow(logNo: number, value: number) {
  return {
    draw_id: value,
    campaign_id: 1,
    draw_no: value,
    log_no: logNo,
    user_id: 1,
    request_id: 'r',
    client_seed: '1',
    fairness_epoch: 1,
    table_version: 1,
    level_bp: 0,
    period_bp: 0,
    pity_bp: 0,
    streak_before: 0,
    roll: value,
    interval_from: 0,
    interval_to: 1_000_000_000_000,
    rolled_prize_id: null,
    prize_id: null,
    is_winner: false,
    is_guarantee: true,
    points_cost: 0,
    chain_hash: 'a'.repeat(64),
    draw_time: new Date('2026-03-01T00:00:00.123Z'),
  };
}
