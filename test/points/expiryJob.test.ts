import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { fromSqlPoints } from '../../src/platform/database/sqlValues.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { expireAll } from '../../src/points/expiry.ts';
import { freeze } from '../../src/points/holds.ts';
import { post } from '../../src/points/ledger.ts';
import { assertBooksBalance } from '../lottery/scene.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase, urlOf } from '../support/databases.ts';
import { createUsers } from '../support/factories.ts';
import { interceptStatements, isCommitting } from '../support/faults.ts';

const DAY_MS = 86_400_000;
/** More than two batches of the job. */
const PEOPLE = 250;

forEachDatabase('the job that ends points', (open) => {
  const clock = new TestClock();
  let database: Database;
  /** As on another node; SQLite's file belongs to one. */
  let other: Database;
  let userIds: number[];
  before(async () => {
    database = await open();
    other =
      database.dialect === 'sqlite'
        ? database
        : new Database(await openDataSources({ url: urlOf(database), replicaUrls: [], poolSize: 4 }));
  });
  after(async () => {
    if (other !== database) await other?.close();
  });
  beforeEach(async () => {
    userIds = await createUsers(database, PEOPLE);
    const earned = { type: 'earn', source: 'test', reason: 'r', relatedId: null };
    const endMs = clock.nowMs() + DAY_MS;
    await database.transaction((tx) =>
      post(
        tx,
        userIds.flatMap((userId) => [
          { ...earned, userId, amountHundredths: 100, expiresAtMs: endMs },
          { ...earned, userId, amountHundredths: 30, expiresAtMs: endMs + 90 * DAY_MS },
        ]),
        clock.nowMs(),
      ),
    );
  });
  afterEach(() => assertBooksBalance(database));

  /** The amounts of the rows that say what has ended, and how many people have none. */
  const ended = async () => {
    const rows = await database.readCurrent<{ user_id: number; amount: number | string }>(
      `SELECT user_id, amount FROM points_transactions WHERE user_id IN (?) AND transaction_type = 'expire'`,
      [userIds],
    );
    const told = new Set(rows.map(({ user_id: userId }) => userId));
    return {
      rows: rows.length,
      people: told.size,
      amounts: [...new Set(rows.map(({ amount }) => fromSqlPoints(amount)))],
    };
  };
  const ALL_ONCE = { rows: PEOPLE, people: PEOPLE, amounts: [-100] };

  it('RP-8 late, twice and on two nodes at once it ends each lot once, and no other one', async () => {
    clock.advance(30 * DAY_MS);
    const node = { database, clock };
    await Promise.all([expireAll(node), expireAll({ database: other, clock }), expireAll(node)]);
    assert.deepEqual(await ended(), ALL_ONCE);
    await expireAll({ database: other, clock });
    assert.deepEqual(await ended(), ALL_ONCE);
  });

  it('RP-8 killed in a batch it has ended all of a batch or none, and the next one ends the rest, once', async () => {
    clock.advance(DAY_MS);
    let commits = 0;
    interceptStatements(other, (sql, send) => {
      // The process is gone before the second COMMIT; the database takes back what it has begun.
      if (isCommitting(sql) && ++commits === 2) throw new Error('killed');
      return send();
    });
    await assert.rejects(expireAll({ database: other, clock }), /killed/);
    const { rows, people } = await ended();
    assert.ok(rows === people && rows > 0 && rows < PEOPLE, `${rows} rows of ${people}`);
    await Promise.all([expireAll({ database, clock }), expireAll({ database: other, clock })]);
    assert.deepEqual(await ended(), ALL_ONCE);
  });

  it('RP-6 RP-8 a hold that ends is released once by two nodes, and what has ended in it ends', async () => {
    const held = { amountHundredths: 110, reason: 'r', expiresAtMs: clock.nowMs() + 2 * DAY_MS };
    for (const userId of userIds.slice(0, 20))
      await database.transaction((tx) => freeze(tx, { ...held, userId }, clock.nowMs()));
    clock.advance(2 * DAY_MS);
    await Promise.all([expireAll({ database, clock }), expireAll({ database: other, clock })]);
    const released = await database.readCurrent<{ user_id: number; amount: number | string }>(
      `SELECT user_id, amount FROM points_transactions WHERE user_id IN (?) AND transaction_type = 'unfreeze'`,
      [userIds],
    );
    assert.deepEqual(
      released.map(({ user_id: userId, amount }) => [userId, fromSqlPoints(amount)]).sort(),
      userIds
        .slice(0, 20)
        .map((userId) => [userId, 110])
        .sort(),
    );
    assert.deepEqual(await ended(), ALL_ONCE);
  });
});
