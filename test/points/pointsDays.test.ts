import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { it } from 'mocha';
import { PointsDay } from '../../entities/points/PointsDay.ts';
import { PointsTransaction } from '../../entities/points/PointsTransaction.ts';
import { ReportDay } from '../../entities/reports/ReportDay.ts';
import { businessDayOf } from '../../src/platform/clock.ts';
import type { Database, Tx } from '../../src/platform/database/transaction.ts';
import { postOne } from '../../src/points/ledger.ts';
import {
  countBatch,
  daysCountedToMs,
  LedgerDays,
  SETTLED_MS,
  startDaysAnew,
} from '../../src/points/statistics/countDays.ts';
import { readPointsDays } from '../../src/points/statistics/readPointsDays.ts';
import { isOwnDeed } from '../../src/points/transactionTypes.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase, onMariadb } from '../support/databases.ts';
import { createUser, createUsers } from '../support/factories.ts';
import { failCommits } from '../support/faults.ts';
import { insertMany } from '../support/manyRows.ts';
import { readingOf } from '../support/rowsRead.ts';

const businessTimezone = 'Asia/Shanghai';
const HOUR_MS = 3_600_000;
const FROM_MS = Date.parse('2026-03-01T15:30:00.000Z');

const posting = (tx: Tx, userId: number, type: string, amount: number, nowMs: number) =>
  postOne(
    tx,
    { userId, type, amountHundredths: amount, source: 'test', reason: 'r', relatedId: null },
    nowMs,
  );

/** What all rows add up to. */
async function bruteForce(database: Database) {
  const rows = await database.currentReader.find(PointsTransaction);
  const sums = new Map<string, { income: number; expense: number; entries: number }>();
  const diners = new Map<string, Set<number>>();
  for (const { transaction_type: type, amount, created_at, user_id } of rows) {
    const day = businessDayOf(created_at.getTime(), businessTimezone);
    const sum = sums.get(`${day} ${type}`) ?? { income: 0, expense: 0, entries: 0 };
    sum.income += Math.max(amount, 0);
    sum.expense += Math.max(-amount, 0);
    sum.entries += 1;
    sums.set(`${day} ${type}`, sum);
    if (isOwnDeed(type)) diners.set(day, (diners.get(day) ?? new Set()).add(user_id));
  }
  const people = [...diners].map(([day, { size }]) => `${day} ${size}`).sort();
  return { sums: [...sums].map(([key, sum]) => ({ key, ...sum })).sort(byKey), people };
}

async function counted(database: Database) {
  const rows = await database.currentReader.find(PointsDay);
  const days = await database.currentReader.find(ReportDay);
  return {
    sums: rows
      .map(({ day, transaction_type: type, income, expense, entries }) => ({
        ...{ key: `${day} ${type}`, income, expense, entries },
      }))
      .sort(byKey),
    people: days.map(({ day, diners }) => `${day} ${diners}`).sort(),
  };
}

const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);

forEachDatabase('the ledger by days', (open) => {
  const counting = async () => {
    const database = await open();
    const clock = new TestClock(FROM_MS);
    const services = { database, clock, businessTimezone };
    const count = async (days = new LedgerDays(services)) => {
      await days.count();
      clock.advance(SETTLED_MS);
      await days.count();
    };
    return { database, clock, services, count };
  };
  const posted = fc.record({
    who: fc.nat({ max: 4 }),
    type: fc.constantFrom('earn', 'consume', 'lottery_draw', 'expire', 'import', 'adjust', 'refund'),
    hundredths: fc.integer({ min: 1, max: 99_999 }),
    /** Clocks step back as well. */
    hours: fc.double({ min: -30, max: 60, noNaN: true }),
  });
  const step = fc.oneof(
    fc.array(posted, { minLength: 1, maxLength: 6 }),
    fc.constantFrom('count', 'two count', 'commit fails' as const, 'answer is lost' as const),
  );

  it('R-8 whatever is counted, crashes or is done twice, each row is in its day once, and each diner', async function () {
    this.timeout(120_000);
    const { database, clock, services, count } = await counting();
    const users = await createUsers(database, 5);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
        let nowMs = FROM_MS;
        for (const what of steps) {
          if (Array.isArray(what)) {
            for (const { who, type, hundredths, hours } of what) {
              nowMs += Math.round(hours * HOUR_MS);
              const loses = ['consume', 'lottery_draw', 'expire'].includes(type);
              await database.transaction(async (tx) => {
                if (loses) await posting(tx, users[who]!, 'adjust', hundredths, nowMs);
                await posting(tx, users[who]!, type, loses ? -hundredths : hundredths, nowMs);
              });
            }
          } else if (what === 'count') await count();
          else if (what === 'two count') {
            await Promise.all([new LedgerDays(services).count(), new LedgerDays(services).count()]);
            await Promise.all([count(), count()]);
          } else {
            const faults = [what];
            failCommits(database, faults);
            await count().catch(() => undefined);
            // Where there was nothing to count there was no commit.
            faults.length = 0;
          }
        }
        clock.advance(SETTLED_MS);
        await count();
        assert.deepEqual(await counted(database), await bruteForce(database));
      }),
      { numRuns: 5 },
    );
    await database.retryingTransaction(startDaysAnew);
    await count();
    assert.deepEqual(await counted(database), await bruteForce(database));
  });

  it('R-8 what people have together is what they had, and what has come and gone; transfers and holds are neither', async () => {
    const { database, count } = await counting();
    const userId = await createUser(database, { points: 0 });
    const post = (type: string, points: number, day: string, frozen = 0) =>
      database.transaction((tx) =>
        postOne(
          tx,
          {
            ...{ userId, type, amountHundredths: points * 100, source: 't', reason: 'r', relatedId: null },
            frozenHundredths: frozen * 100,
          },
          Date.parse(`${day}T04:00:00Z`),
        ),
      );
    await post('earn', 1000, '2026-03-01');
    await post('import', 500, '2026-03-01');
    await post('lottery_draw', -100, '2026-03-02');
    await post('exchange', -50, '2026-03-02');
    await post('freeze', -200, '2026-03-02', 200);
    await post('transfer_out', -30, '2026-03-02');
    await post('transfer_in', 30, '2026-03-02');
    await post('trade_out', -40, '2026-03-03');
    await post('trade_in', 36, '2026-03-03');
    await post('expire', -6, '2026-03-03');
    await post('refund', 10, '2026-03-03');
    await count();
    const days = await readPointsDays(database, ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04']);
    const nothing = { issued: 0, imported: 0, spent: 0, spentOnDraws: 0, fees: 0, expired: 0, corrected: 0 };
    assert.deepEqual(
      [...days.values()],
      [
        { ...nothing, issued: 1000_00, imported: 500_00, outstanding: 1500_00 },
        { ...nothing, spent: 150_00, spentOnDraws: 100_00, outstanding: 1350_00 },
        { ...nothing, fees: 4_00, expired: 6_00, corrected: 10_00, outstanding: 1350_00 },
        { ...nothing, outstanding: 1350_00 },
      ],
    );
    const [account] = await database.readCurrent<{ total: string }>(
      'SELECT total_points AS total FROM user_points_accounts WHERE user_id = ?',
      [userId],
    );
    assert.equal(Number(account!.total), 1350);
    // From any day on.
    const last = await readPointsDays(database, ['2026-03-03']);
    assert.equal(last.get('2026-03-03')!.outstanding, 1350_00);
  });

  it('R-8 however long the ledger is, one batch of it is read at a time, by its key', async function () {
    this.timeout(120_000);
    const { database, clock, services } = await counting();
    const rows = 20_000;
    await database.transaction((tx) =>
      insertMany(tx, 'points_transactions', rows, {
        ...{ user_id: 'n % 500 + 1', transaction_type: `'consume'`, amount: -1.5, balance_before: 9 },
        ...{ balance_after: 8, status: `'completed'`, source: `'t'`, reason: `'r'` },
        created_at: `'2026-03-02 04:00:00.000'`,
      }),
    );
    assert.equal(await daysCountedToMs(services), Date.parse('2026-03-02T04:00:00Z') > FROM_MS ? FROM_MS : 0);
    const read = await readingOf(database, () => countBatch(services, { after: 0, to: rows }));
    assert.ok(read.rows < 12_000, `${read.rows} rows`);
    for (const plan of read.plans.filter((one) => one.includes('points_transactions')))
      assert.doesNotMatch(plan, /"type":"(ALL|index)"|SCAN points/);
    // Whoever was killed leaves the rest to the next.
    const days = new LedgerDays(services);
    await days.count();
    clock.advance(SETTLED_MS);
    await days.count();
    const { sums, people } = await counted(database);
    assert.deepEqual(sums, [{ key: '2026-03-02 consume', income: 0, expense: rows * 150, entries: rows }]);
    assert.deepEqual(people, ['2026-03-02 500']);
    assert.equal(await daysCountedToMs(services), clock.nowMs());
  });
});

onMariadb('rows of the ledger that commit late', (open) => {
  it('RE-1 R-8 a row with a lower key whose transaction goes on is waited for, and counted', async () => {
    const database = await open();
    const clock = new TestClock(FROM_MS);
    const [slow, fast] = await createUsers(database, 2);
    const days = new LedgerDays({ database, clock, businessTimezone });
    await days.count();
    clock.advance(SETTLED_MS);
    await days.count();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: inserted, resolve: tellInserted } = Promise.withResolvers<void>();
    const late = database.transaction(async (tx) => {
      await posting(tx, slow!, 'earn', 7_00, FROM_MS);
      tellInserted();
      await released;
    });
    await inserted;
    await database.transaction((tx) => posting(tx, fast!, 'earn', 1_00, FROM_MS));
    await days.count();
    assert.equal((await counted(database)).sums.find(({ key }) => key === '2026-03-01 earn')?.income ?? 0, 0);
    clock.advance(SETTLED_MS);
    let isDone = false;
    const counts = days.count().then(() => (isDone = true));
    await sleep(300);
    assert.equal(isDone, false, 'it waits');
    release();
    await Promise.all([late, counts]);
    assert.deepEqual(await counted(database), await bruteForce(database));
  });
});
