import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { BusinessEvent } from '../../entities/platform/BusinessEvent.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { expireAll } from '../../src/points/expiry.ts';
import { freeze, unfreeze } from '../../src/points/holds.ts';
import { post } from '../../src/points/ledger.ts';
import { remindAll } from '../../src/points/reminders.ts';
import { assertBooksBalance } from '../lottery/scene.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser, createUsers } from '../support/factories.ts';
import { failCommits } from '../support/faults.ts';
import { countStatements } from '../support/statements.ts';
import { byHand, DAY_MS, endOf, OWING, START_MS, ZONE } from './byHand.ts';

forEachDatabase('reminders of points', (open) => {
  let database: Database;
  let clock: TestClock;
  let userId: number;
  before(async () => {
    database = await open();
  });
  beforeEach(async () => {
    clock = new TestClock(START_MS);
    userId = await createUser(database);
  });
  afterEach(() => assertBooksBalance(database));

  const { run, back, ...by } = byHand(() => ({ database, clock }));
  const lastOf = (days: number) => new Date(endOf(days) - 1).toISOString();
  const move = (amount: number, days?: number) =>
    amount > 0 ? by.earn(userId, amount, days) : by.spend(userId, -amount);
  const remind = (on: Database = database, days = 7) =>
    remindAll({ database: on, clock, config: { pointsReminderDays: days, businessTimezone: ZONE } });
  const told = async (of = userId) => {
    const events = await database.currentReader.find(BusinessEvent, {
      where: { event_type: 'points:expiring', user_id: of },
      order: { event_id: 'ASC' },
    });
    return events.map(({ event_data: text }) => {
      const { user_id, amount, expires_at, ...more } = JSON.parse(text);
      assert.deepEqual([user_id, more], [of, {}]);
      return [amount, expires_at];
    });
  };
  const everybody = async (users: number[]) => (await Promise.all(users.map(told))).map((all) => all.length);
  const give = (users: number[], days: number, amountHundredths = 100) =>
    run((tx) =>
      post(
        tx,
        users.map((id) => ({
          userId: id,
          type: 'earn',
          amountHundredths,
          source: 'test',
          reason: 'r',
          relatedId: null,
          expiresAtMs: endOf(days),
        })),
        clock.nowMs(),
      ),
    );

  it('P-6 a reminder goes out so many days before the end, once, with all that ends then', async () => {
    await move(100_00, 10);
    await move(50_50, 10);
    await move(70_00, 12);
    await move(1_00);
    clock.set(endOf(3) - 1);
    await remind();
    assert.deepEqual(await told(), []);
    clock.advance(1);
    await remind();
    await remind();
    assert.deepEqual(await told(), [[150.5, lastOf(10)]]);
    clock.advance(DAY_MS);
    await remind();
    assert.equal((await told()).length, 1);
    clock.advance(DAY_MS);
    await remind();
    assert.deepEqual(await told(), [
      [150.5, lastOf(10)],
      [70, lastOf(12)],
    ]);
  });

  it('P-6 nobody is told where the setting is 0, and nothing of that is lost', async () => {
    await move(100, 1);
    await remind(database, 0);
    assert.deepEqual(await told(), []);
    await remind();
    assert.deepEqual(await told(), [[1, lastOf(1)]]);
  });

  it('P-6 only what is left is told of, however it was spent; nothing left, no event', async () => {
    await move(100, 5);
    await move(100, 6);
    await move(100);
    await move(-130);
    await remind();
    assert.deepEqual(await told(), [[0.7, lastOf(6)]]);
  });

  it('P-6 what comes with less than that to live is told of as well, but of no end twice', async () => {
    await move(100, 5);
    await remind();
    await move(40, 5);
    await move(30, 2);
    await remind();
    assert.deepEqual(await told(), [
      [1, lastOf(5)],
      [0.3, lastOf(2)],
    ]);
  });

  it('P-6 what comes back to a lot that nothing was left of is told of then, and only then', async () => {
    await move(100, 5);
    const held = { userId, amountHundredths: 100, reason: 'r' };
    await run((tx) => freeze(tx, { ...held, expiresAtMs: null }, clock.nowMs()));
    await remind();
    assert.deepEqual(await told(), []);
    await run((tx) => unfreeze(tx, held, clock.nowMs()));
    await remind();
    assert.deepEqual(await told(), [[1, lastOf(5)]]);
    const { transactionId } = await move(-100);
    await back(transactionId, undefined, OWING);
    await remind();
    assert.equal((await told()).length, 1);
  });

  it('P-6 late is late: what has ended is not told of, what has not is', async () => {
    await move(100, 3);
    await move(100, 9);
    clock.set(endOf(3));
    await remind();
    assert.deepEqual(await told(), [[1, lastOf(9)]]);
    await expireAll({ database, clock });
    await remind();
    assert.equal((await told()).length, 1);
  });

  it('P-6 twice, on several nodes and with clocks that step, everybody is told once', async () => {
    const users = await createUsers(database, 230);
    await give(users, 5);
    await give(users.slice(0, 30), 6);
    await Promise.all([remind(), remind(), remind()]);
    clock.step(3_600_000);
    await remind();
    clock.step(-7_200_000);
    await remind();
    assert.deepEqual(
      await everybody(users),
      users.map((_, at) => (at < 30 ? 2 : 1)),
    );
  });

  it('P-6 killed in a batch, it tells the rest, and nobody twice', async () => {
    const victim = await open();
    const users = await createUsers(victim, 150);
    const mine = database;
    database = victim;
    try {
      await give(users, 5);
      const faults = failCommits(victim, ['answer is lost', 'commit fails']);
      for (let tries = 0; tries < 3; tries++) await remind(victim).catch(() => undefined);
      assert.equal(faults.remaining(), 0);
      assert.deepEqual(
        await everybody(users),
        users.map(() => 1),
      );
    } finally {
      database = mine;
    }
  });

  it('DB-6 the statements of a batch do not grow with it', async () => {
    const counted = async (count: number, days: number) => {
      const users = await createUsers(database, count);
      await give(users, days);
      const statements = countStatements(database);
      await remind();
      return statements.take();
    };
    await remind();
    assert.equal(await counted(90, 4), await counted(2, 4));
  });
});
