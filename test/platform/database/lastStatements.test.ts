import assert from 'node:assert/strict';
import { RowCountError, type Database, type Tx } from '../../../src/platform/database/transaction.ts';
import { forEachDatabase, onMariadb } from '../../support/databases.ts';
import { failCommits, interceptStatements } from '../../support/faults.ts';
import { barrier } from '../../support/barrier.ts';
import { countOf, insertUser } from './namedUsers.ts';

forEachDatabase('what a transaction must find', (open) => {
  let database: Database;
  before('opens a database', async () => {
    database = await open();
  });

  for (const withCommit of [false, true]) {
    const when = withCommit ? 'with COMMIT' : 'before it';
    it(`DRAW-3 a statement that finds other rows than it must keeps nothing, asked for ${when}`, async () => {
      const name = `exactly, ${when}`;
      const add = (tx: Tx, mustFind: number) =>
        tx.executeExactly(mustFind, 'UPDATE users SET login_count = login_count + 1 WHERE nickname = ?', [
          name,
        ]);
      const tryAll = (mustFind: number) =>
        database.transaction(async (tx) => {
          await insertUser(tx, name);
          if (withCommit) tx.finish();
          // Whoever passes the error over is not committed either.
          const settled = await Promise.allSettled([add(tx, mustFind), insertUser(tx, name)]);
          return settled.map(({ status }) => status);
        });
      for (const wrong of [0, 2]) await assert.rejects(tryAll(wrong), RowCountError);
      assert.equal(await countOf(database, name), 0);
      assert.deepEqual(await tryAll(1), ['fulfilled', 'fulfilled']);
      assert.equal(await countOf(database, name), 2);
      const rows = await database.read('SELECT login_count FROM users WHERE nickname = ? ORDER BY user_id', [
        name,
      ]);
      assert.deepEqual(rows, [{ login_count: 1 }, { login_count: 0 }]);
    });
  }
});

onMariadb('the last statements of a transaction', (open) => {
  it('DB-7 COMMIT travels with what is said to be the last, which nothing follows', async () => {
    const database = await open();
    const sent: string[] = [];
    interceptStatements(database, (sql, send) => {
      sent.push(sql);
      return send();
    });
    await database.transaction(async (tx) => {
      await tx.query('SELECT 1');
      tx.finish();
      const [, rows] = await Promise.all([insertUser(tx, 'the last'), tx.query('SELECT 2 AS two')]);
      assert.deepEqual(rows, [{ two: 2 }]);
    });
    assert.deepEqual(
      sent.map((text) => text.split(/;\n/).map((sql) => sql.split(' ')[0])),
      [
        ['START', 'SELECT'],
        ['INSERT', 'SELECT', 'COMMIT'],
      ],
    );
    const late = database.transaction(async (tx) => {
      tx.finish();
      await tx.query('SELECT 1');
      await insertUser(tx, 'too late');
    });
    await assert.rejects(late, /after the end of its transaction/);
    assert.deepEqual([await countOf(database, 'the last'), await countOf(database, 'too late')], [1, 0]);
  });

  it('DB-6 a deadlock in what COMMIT travels with keeps nothing', async () => {
    const database = await open();
    await database.transaction(async (tx) => {
      await insertUser(tx, 'left', '18000000021');
      await insertUser(tx, 'right', '18000000022');
    });
    const bothHoldOne = barrier(2);
    const add = 'UPDATE users SET login_count = login_count + 1 WHERE mobile = ?';
    const lockBoth = (first: string, second: string) =>
      database.transaction(async (tx) => {
        await tx.execute(add, [first]);
        await bothHoldOne();
        tx.finish();
        const name = `behind ${second}`;
        await Promise.all([insertUser(tx, name), tx.execute(add, [second]), insertUser(tx, name)]);
      });
    const settled = await Promise.allSettled([
      lockBoth('18000000021', '18000000022'),
      lockBoth('18000000022', '18000000021'),
    ]);
    const kept = settled.map(({ status }) => (status === 'fulfilled' ? 2 : 0));
    assert.equal(kept[0]! + kept[1]!, 2, 'one of them met a deadlock');
    const found = [
      await countOf(database, 'behind 18000000022'),
      await countOf(database, 'behind 18000000021'),
    ];
    assert.deepEqual(found, kept);
  });

  it('DRAW-6 retryingTransaction does not run again what has lost the answer to the last statements', async () => {
    const database = await open();
    let tries = 0;
    const cut = failCommits(database, ['answer is lost']);
    const lost = database.retryingTransaction(async (tx) => {
      tries++;
      tx.finish();
      await insertUser(tx, 'unknown');
    });
    await assert.rejects(lost, { code: 'PROTOCOL_CONNECTION_LOST' });
    assert.deepEqual([tries, cut.remaining(), await countOf(database, 'unknown')], [1, 0, 1]);
  });
});
