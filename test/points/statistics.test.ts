import assert from 'node:assert/strict';
import fc from 'fast-check';
import { before, it } from 'mocha';
import { User } from '../../entities/identity/User.ts';
import { businessDayOf } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { post, type LedgerEntry } from '../../src/points/ledger.ts';
import { startOf } from '../../src/points/statistics/periods.ts';
import { readDays, readRanking } from '../../src/points/statistics/readSums.ts';
import { countRowsOfBefore, rebuildSums } from '../../src/points/statistics/rebuild.ts';
import { assertBooksBalance } from '../lottery/scene.ts';
import { dataOf } from '../identity/serveRoutes.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { servePoints } from './servedPoints.ts';

const ZONE = 'Asia/Shanghai';
const HOUR_MS = 3_600_000;
const ALL_DAYS = { from: '2000-01-01', to: '2100-01-01' };

it('RP-14 a week begins on Monday, over the end of a year and a leap day as well', () => {
  const starts = (day: string) => [startOf('day', day), startOf('week', day), startOf('month', day)];
  assert.deepEqual(['2026-03-01', '2026-03-02', '2027-01-01', '2028-02-29'].map(starts), [
    ['2026-03-01', '2026-02-23', '2026-03-01'],
    ['2026-03-02', '2026-03-02', '2026-03-01'],
    ['2027-01-01', '2026-12-28', '2027-01-01'],
    ['2028-02-29', '2028-02-28', '2028-02-01'],
  ]);
});

forEachDatabase('statistics of points', (open) => {
  const served = servePoints(open, 1_000_000_000);
  const { clock, tokenOf } = served;
  let database: Database;
  before(() => {
    database = served.database;
  });
  afterEach(() => assertBooksBalance(database));

  const move = (userId: number, amountHundredths: number, given: Partial<LedgerEntry> = {}) =>
    database.transaction((tx) =>
      post(
        tx,
        [
          {
            userId,
            type: amountHundredths > 0 ? 'earn' : 'consume',
            amountHundredths,
            source: 'bill',
            reason: 'r',
            relatedId: null,
            ...given,
          },
        ],
        clock.nowMs(),
      ),
    );
  const ask = async (userId: number, path: string) => {
    return dataOf(await served.call('GET', path, { token: tokenOf(userId) }));
  };
  const at = (time: string) => clock.advance(Date.parse(`${time}+08:00`) - clock.nowMs());

  it('P-12 income, expense and sources of a day, a week and a month, by business days', async () => {
    const userId = await createUser(database);
    at('2026-02-28T23:59:59.999');
    await move(userId, 100_00);
    at('2026-03-01T00:00:00.000');
    await move(userId, 7_00, { source: 'check_in' });
    await move(userId, -30_00);
    at('2026-03-02T12:00:00.000');
    await move(userId, -20_00, { type: 'freeze', frozenHundredths: 0 });
    await move(userId, 5_50);
    const statistics = async (query: string) => {
      const { income, expense, net, is_incomplete, starts } = await ask(
        userId,
        `/points/statistics?${query}`,
      );
      return [starts, income, expense, net, is_incomplete];
    };
    assert.deepEqual(await statistics('period=day'), ['2026-03-02', 5.5, 0, 5.5, true]);
    assert.deepEqual(await statistics('period=day&date=2026-03-01'), ['2026-03-01', 7, 30, -23, false]);
    assert.deepEqual(await statistics('period=week&date=2026-03-01'), ['2026-02-23', 107, 30, 77, false]);
    assert.deepEqual(await statistics('period=month'), ['2026-03-01', 12.5, 30, -17.5, true]);
    assert.deepEqual((await ask(userId, '/points/statistics?period=month&type=source')).sources, [
      { source: 'check_in', points: 7 },
      { source: 'bill', points: 5.5 },
    ]);
    assert.deepEqual((await ask(userId, '/points/statistics?period=month&type=trend')).days, [
      { day: '2026-03-01', income: 7, expense: 30, net: -23 },
      { day: '2026-03-02', income: 5.5, expense: 0, net: 5.5 },
    ]);
  });

  it('RP-14 places, ties and my own are those of one list; who has closed their account is gone at once', async () => {
    at('2026-05-04T09:00:00.000');
    const users: number[] = [];
    for (const amount of [300, 500, 500, 100, 900]) {
      const userId = await createUser(database);
      users.push(userId);
      await move(userId, amount);
    }
    const list = async (userId: number, limit = 50) => {
      const { items, me } = await ask(userId, `/points/leaderboard?period=day&limit=${limit}`);
      const places = items.map((item: { user_id: number; points: number; rank: number }) => [
        item.rank,
        users.indexOf(item.user_id),
        item.points,
      ]);
      return { places, me };
    };
    const all = [
      [1, 4, 9],
      [2, 2, 5],
      [3, 1, 5],
      [4, 0, 3],
      [5, 3, 1],
    ];
    assert.deepEqual(await list(users[1]!), { places: all, me: { rank: 3, points: 5 } });
    assert.deepEqual(await list(users[3]!, 2), { places: all.slice(0, 2), me: { rank: 5, points: 1 } });
    assert.deepEqual((await list(await createUser(database))).me, { rank: null, points: 0 });
    await database.transaction((tx) => tx.manager.update(User, { user_id: users[2]! }, { status: 'closed' }));
    assert.deepEqual((await list(users[3]!, 2)).places, [
      [1, 4, 9],
      [2, 1, 5],
    ]);
    assert.equal((await list(users[3]!, 2)).me.rank, 4);
  });

  it('RP-14 who is blocked keeps their place until they are let in again', async () => {
    at('2026-05-05T09:00:00.000');
    const [first, second] = [await createUser(database), await createUser(database)];
    await move(first, 5_00);
    await move(second, 3_00);
    const ranks = async () => {
      const { items, me } = await ask(second, '/points/leaderboard?period=day');
      return [items.map((item: { user_id: number }) => item.user_id), me.rank];
    };
    for (const status of ['disabled', 'active'] as const) {
      await database.transaction((tx) => tx.manager.update(User, { user_id: first }, { status }));
      assert.deepEqual(await ranks(), [[first, second], 2], status);
    }
  });

  it('RP-14 my place is that of the list of the same answer, whoever gains something in between', async () => {
    at('2026-05-06T09:00:00.000');
    const users = await Promise.all([1, 2, 3, 4].map(() => createUser(database)));
    for (const [index, userId] of users.entries()) await move(userId, (9 - index) * 100);
    const [leader, , third, last] = users as [number, number, number, number];
    /** The database as the reader has it: after each statement somebody else's change commits. */
    const meanwhile = (change: () => Promise<unknown>): Database =>
      Object.create(database, {
        readCurrent: {
          value: async (sql: string, parameters: unknown[]) => {
            const rows = await database.readCurrent(sql, parameters);
            await change();
            return rows;
          },
        },
      });
    const changes: [string, number, () => Promise<unknown>][] = [
      ['I pass everybody', last, () => move(last, 100_00)],
      ['others pass me', third, () => move(leader, 200_00)],
      ['my gain is my first', await createUser(database), () => move(leader, 1_00)],
    ];
    for (const [about, userId, change] of changes)
      for (const limit of [1, 2, 4]) {
        const query = { period: 'day', starts: '2026-05-06', limit, userId } as const;
        const { items, mine } = await readRanking(meanwhile(change), query);
        const listed = items.find((item) => item.userId === userId);
        if (listed !== undefined)
          assert.deepEqual(mine, { rank: listed.rank, earnedHundredths: listed.earnedHundredths }, about);
        else if (mine.rank !== null) {
          assert.ok(mine.rank > items.length, about);
          assert.ok(mine.earnedHundredths <= items.at(-1)!.earnedHundredths, about);
        } else assert.equal(mine.earnedHundredths, 0);
      }
  });

  it('RP-14 what comes back or from others is nothing earned; days, weeks and months have lists of their own', async () => {
    at('2026-06-07T20:00:00.000');
    const userId = await createUser(database);
    await move(userId, 10_00);
    for (const type of ['rollback', 'refund', 'unfreeze']) await move(userId, 50_00, { type, source: type });
    const token = tokenOf(await createUser(database, { points: 50_00 }));
    const body = { to_user_id: userId, amount: 30 };
    const { status } = dataOf(await served.call('POST', '/points/transfer', { token, key: 'gift', body }));
    assert.equal(status, 'completed');
    const mine = async (period: string) =>
      (await ask(userId, `/points/leaderboard?period=${period}`)).me.points;
    assert.deepEqual([await mine('day'), await mine('week'), await mine('month')], [10, 10, 10]);
    at('2026-06-08T00:00:00.000');
    await move(userId, 1_00, { type: 'check_in', source: 'check_in' });
    assert.deepEqual([await mine('day'), await mine('week'), await mine('month')], [1, 1, 11]);
    at('2026-07-01T00:00:00.000');
    assert.deepEqual([await mine('day'), await mine('week'), await mine('month')], [0, 0, 0]);
  });

  it('P-12 whatever happens when, each day is what its rows add up to, and the same when made anew', async () => {
    const step = fc.record({
      hours: fc.integer({ min: -2, max: 40 }),
      amount: fc.integer({ min: -300, max: 500 }).filter((amount) => amount !== 0),
      source: fc.constantFrom('bill', 'lottery', 'check_in'),
      who: fc.nat({ max: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const users = [await createUser(database), await createUser(database)];
        const balances = [0, 0];
        const oracle = new Map<string, [number, number]>();
        for (const { hours, amount, source, who } of steps) {
          clock.advance(hours * HOUR_MS);
          if (balances[who]! + amount < 0) continue;
          balances[who]! += amount;
          await move(users[who]!, amount, { source });
          const key = `${who} ${businessDayOf(clock.nowMs(), ZONE)} ${source}`;
          const [income, expense] = oracle.get(key) ?? [0, 0];
          oracle.set(key, [income + Math.max(amount, 0), expense + Math.max(-amount, 0)]);
        }
        const found = async () => {
          const all = new Map<string, [number, number]>();
          for (const [who, userId] of users.entries())
            for (const sum of await readDays(database, userId, { from: '2000-01-01', to: '2100-01-01' }))
              all.set(`${who} ${sum.day} ${sum.source}`, [sum.incomeHundredths, sum.expenseHundredths]);
          return all;
        };
        assert.deepEqual(sorted(await found()), sorted(oracle));
        await rebuildSums(database);
        assert.deepEqual(sorted(await found()), sorted(oracle));
      }),
      { numRuns: 15 },
    );
  });

  it('P-12 accounts that no build has counted are counted at the start, once', async () => {
    const userId = await createUser(database, { points: 100_00 });
    const days = () => readDays(database, userId, { from: '2000-01-01', to: '2100-01-01' });
    const before = await days();
    await database.transaction(async (tx) => {
      for (const table of ['points_daily', 'points_earned']) await tx.execute(`DELETE FROM ${table}`);
      await tx.execute(
        `UPDATE user_points_accounts SET open_day = NULL, open_source = 'uncounted', open_income = 0, open_expense = 0`,
      );
    });
    assert.ok((await countRowsOfBefore(database)) > 0);
    assert.deepEqual(await days(), before);
    assert.equal(await countRowsOfBefore(database), 0);
  });

  it('P-12 what a node that died has left uncounted is counted at the next start', async () => {
    const users = await Promise.all([1, 2].map(() => createUser(database, { points: 100_00 })));
    const days = () => Promise.all(users.map((userId) => readDays(database, userId, ALL_DAYS)));
    const before = await days();
    await database.transaction(async (tx) => {
      await tx.execute('DELETE FROM finished_works');
      await tx.execute('DELETE FROM points_daily WHERE user_id IN (?)', [users]);
      await tx.execute('DELETE FROM points_earned WHERE user_id IN (?)', [users]);
      await tx.execute(
        `UPDATE user_points_accounts SET open_day = NULL, open_source = 'uncounted', open_income = 0, open_expense = 0
         WHERE user_id IN (?)`,
        [users],
      );
    });
    const dying: Database = Object.create(database, {
      retryingTransaction: { value: () => Promise.reject(new Error('gone')) },
    });
    await assert.rejects(countRowsOfBefore(dying), /gone/);
    assert.equal(await countRowsOfBefore(database), 2);
    assert.deepEqual(await days(), before);
  });
});

function sorted<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
