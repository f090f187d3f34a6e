import assert from 'node:assert/strict';
import fc from 'fast-check';
import { before, describe, it } from 'mocha';
import { fromSqlPoints } from '../../src/platform/database/sqlValues.ts';
import type { Database, Tx } from '../../src/platform/database/transaction.ts';
import { AppError, type ErrorCode } from '../../src/platform/errors.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { readAccount, readTransactions } from '../../src/points/account.ts';
import { lockAccounts, post, type LedgerEntry } from '../../src/points/ledger.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';

const NOW_MS = Date.parse('2026-03-01T04:00:00.000Z');
const refusal = (code: ErrorCode) => (error: unknown) => error instanceof AppError && error.code === code;

function entry(userId: number, amountHundredths: number): LedgerEntry {
  return { userId, type: 'earn', amountHundredths, source: 'test', reason: 'a movement', relatedId: null };
}

/** What the rows of one account add up to, and whether each begins where the one before it ended. */
async function fold(database: Database, userId: number) {
  const rows = await database.read<Record<'amount' | 'balance_before' | 'balance_after', string | number>>(
    `SELECT amount, balance_before, balance_after FROM points_transactions WHERE user_id = ? ORDER BY transaction_id`,
    [userId],
  );
  let available = 0;
  let earned = 0;
  for (const row of rows) {
    const amount = fromSqlPoints(row.amount);
    assert.equal(fromSqlPoints(row.balance_before), available);
    available += amount;
    earned += Math.max(amount, 0);
    assert.equal(fromSqlPoints(row.balance_after), available);
    assert.ok(available >= 0);
  }
  return { available, earned, rows: rows.length };
}

async function assertFolds(database: Database, userId: number): Promise<void> {
  const account = await readAccount(database, userId);
  const { available, earned } = await fold(database, userId);
  assert.equal(account.availableHundredths, available);
  assert.equal(account.historyTotalHundredths, earned);
  assert.equal(account.totalHundredths, account.availableHundredths + account.frozenHundredths);
}

/** The statements that `work` sends to the database. */
async function statementsOf(tx: Tx, work: () => Promise<void>): Promise<string[]> {
  const statements: string[] = [];
  const runner = tx.manager.queryRunner!;
  const query = runner.query;
  runner.query = ((...parameters: Parameters<typeof query>) => {
    statements.push(parameters[0]);
    return query.apply(runner, parameters);
  }) as typeof query;
  await work();
  // On SQLite every transaction has the same runner.
  runner.query = query;
  return statements;
}

forEachDatabase('points ledger', (open) => {
  let database: Database;
  before(async () => {
    database = await open();
  });
  const postAll = (entries: LedgerEntry[]) => database.transaction((tx) => post(tx, entries, NOW_MS));

  it('PTS-1 hundredths of a point come back exactly, up to the largest balance', async () => {
    const userId = await createUser(database);
    await postAll([entry(userId, 1)]);
    assert.equal((await readAccount(database, userId)).availableHundredths, 1);
    await postAll([entry(userId, LIMITS.pointsPerAccount - 1)]);
    const account = await readAccount(database, userId);
    assert.equal(account.availableHundredths, LIMITS.pointsPerAccount);
    assert.equal(account.totalHundredths, LIMITS.pointsPerAccount);
    const { items: movements } = await readTransactions(database, userId, { page: 1, limit: 10 });
    assert.deepEqual(
      movements.map((movement) => movement.amountHundredths),
      [LIMITS.pointsPerAccount - 1, 1],
    );
    await assert.rejects(postAll([entry(userId, 1)]), refusal('CONFLICT'));
    await assert.rejects(postAll([entry(userId, 0.5)]), /PTS-1/);
    await assertFolds(database, userId);
  });

  it('PTS-2 each entry is one row, in order, with the balance before and after it', async () => {
    const [first, second] = [await createUser(database), await createUser(database)];
    await postAll([entry(first, 500), entry(second, 70), entry(first, -200), entry(second, -70)]);
    const balances = async (userId: number) =>
      (await readTransactions(database, userId, { page: 1, limit: 10 })).items.map(
        (movement) => movement.balanceAfterHundredths,
      );
    assert.deepEqual(
      [await balances(first), await balances(second)],
      [
        [300, 500],
        [0, 70],
      ],
    );
    const { items: movements, total } = await readTransactions(database, first, { page: 1, limit: 10 });
    assert.equal(total, 2);
    assert.equal(movements[0]!.balanceBeforeHundredths, 500);
    assert.equal(movements[0]!.createdAtMs, NOW_MS);
    await assertFolds(database, first);
    await assertFolds(database, second);
  });

  it('PTS-2 any number of entries takes four statements, besides the lock: rows, lots, accounts, what was earned', async () => {
    const users = [await createUser(database), await createUser(database), await createUser(database)];
    for (const size of [1, 600]) {
      await database.transaction(async (tx) => {
        const entries = Array.from({ length: size }, (_, index) => entry(users[index % 3]!, 100));
        const statements = await statementsOf(tx, async () => {
          await post(tx, entries, NOW_MS, await lockAccounts(tx, users));
        });
        assert.deepEqual(
          statements.map((sql) => sql.slice(0, 6)),
          ['SELECT', 'INSERT', 'INSERT', 'INSERT', 'INSERT'],
        );
      });
    }
    for (const userId of users) await assertFolds(database, userId);
  });

  it('PTS-2 accounts that are already locked show the new balances, and none after a refusal', async () => {
    const userId = await createUser(database, { points: 1000 });
    await database.transaction(async (tx) => {
      const locked = await lockAccounts(tx, [userId, userId]);
      await post(tx, [entry(userId, -300)], NOW_MS, locked);
      assert.equal(locked.get(userId)?.availableHundredths, 700);
      await assert.rejects(
        post(tx, [entry(userId, -100), entry(userId, -700)], NOW_MS, locked),
        refusal('POINTS_INSUFFICIENT'),
      );
      assert.equal(locked.get(userId)?.availableHundredths, 700);
      await post(tx, [entry(userId, -700)], NOW_MS, locked);
    });
    assert.equal((await fold(database, userId)).rows, 3);
    await assertFolds(database, userId);
  });

  it('PTS-2 level, experience and frozen points stay as they were', async () => {
    const userId = await createUser(database, { points: 1000 });
    await database.transaction(async (tx) => {
      await tx.execute(
        `UPDATE user_points_accounts SET level = 3, experience_points = 42, frozen_points = 1.5, total_points = 11.5
          WHERE user_id = ?`,
        [userId],
      );
      await post(tx, [entry(userId, -1000)], NOW_MS);
    });
    const account = await readAccount(database, userId);
    assert.deepEqual(account, {
      userId,
      totalHundredths: 150,
      availableHundredths: 0,
      frozenHundredths: 150,
      debtHundredths: 0,
      level: 3,
      experiencePoints: 42,
      historyTotalHundredths: 1000,
    });
  });

  it('PTS-3 an entry below zero refuses the whole list', async () => {
    const [rich, poor] = [await createUser(database, { points: 900 }), await createUser(database)];
    await assert.rejects(postAll([entry(rich, -900), entry(poor, -1)]), refusal('POINTS_INSUFFICIENT'));
    assert.equal((await readAccount(database, rich)).availableHundredths, 900);
    assert.equal((await fold(database, rich)).rows, 1);
    await assert.rejects(postAll([entry(rich, 1), entry(2_000_000_000, 1)]), refusal('NOT_FOUND'));
    await assertFolds(database, rich);
  });

  it('PTS-3 whatever is posted, no balance is negative and every account is the fold of its rows', async function () {
    this.timeout(60_000);
    const users = [await createUser(database), await createUser(database)];
    const entries = fc.array(
      fc.record({ user: fc.nat(1), amount: fc.integer({ min: -5_000, max: 5_000 }) }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(entries, async (list) => {
        const before = await Promise.all(users.map((userId) => fold(database, userId)));
        const balances = before.map(({ available }) => available);
        const possible = list.every(({ user, amount }) => (balances[user]! += amount) >= 0);
        const posting = postAll(list.map(({ user, amount }) => entry(users[user]!, amount)));
        if (possible) await posting;
        else await assert.rejects(posting, refusal('POINTS_INSUFFICIENT'));
        const after = await Promise.all(users.map((userId) => fold(database, userId)));
        for (const index of [0, 1]) {
          assert.equal(after[index]!.available, possible ? balances[index] : before[index]!.available);
        }
        for (const userId of users) await assertFolds(database, userId);
      }),
      { numRuns: 60 },
    );
  });

  it('DRAW-9 accounts are locked by user id, and a user without one is absent', async () => {
    const users = [await createUser(database), await createUser(database)];
    const locked = await database.transaction((tx) =>
      lockAccounts(tx, [...users].reverse().concat(2_000_000_000)),
    );
    assert.deepEqual([...locked.keys()], users);
    const none = await database.transaction((tx) => lockAccounts(tx, []));
    assert.equal(none.size, 0);
  });

  describe('at the same time', () => {
    it('PTS-3 50 parallel withdrawals never overdraw one account', async () => {
      const userId = await createUser(database, { points: 1050 });
      const results = await Promise.allSettled(
        Array.from({ length: 50 }, () => postAll([entry(userId, -100)])),
      );
      assert.equal(results.filter((result) => result.status === 'fulfilled').length, 10);
      for (const result of results) {
        if (result.status === 'rejected') assert.ok(refusal('POINTS_INSUFFICIENT')(result.reason));
      }
      assert.equal((await readAccount(database, userId)).availableHundredths, 50);
      await assertFolds(database, userId);
    });

    it('PTS-2 crossing lists over two accounts neither deadlock nor lose an entry', async () => {
      const [first, second] = [await createUser(database), await createUser(database)];
      await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          postAll(index % 2 ? [entry(first, 10), entry(second, 1)] : [entry(second, 1), entry(first, 10)]),
        ),
      );
      assert.equal((await readAccount(database, first)).availableHundredths, 300);
      assert.equal((await readAccount(database, second)).availableHundredths, 30);
      await assertFolds(database, first);
      await assertFolds(database, second);
    });
  });
});
