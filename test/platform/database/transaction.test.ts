import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { User } from '../../../entities/identity/User.ts';
import { isDuplicate, isRetryable } from '../../../src/platform/database/driverErrors.ts';
import { forUpdate, type Database, type Tx } from '../../../src/platform/database/transaction.ts';
import { forEachDatabase, onMariadb, onSqlite } from '../../support/databases.ts';
import { barrier } from '../../support/barrier.ts';
import { interceptStatements } from '../../support/faults.ts';
import { countOf, insertUser } from './namedUsers.ts';

let nextMobile = 16_000_000_000;

forEachDatabase('transactions', (open) => {
  let database: Database;
  before('opens a database', async () => {
    database = await open();
  });

  it('DB-1 commits when the work returns, and returns its result', async () => {
    const result = await database.transaction(async (tx) => {
      await insertUser(tx, 'committed');
      return 7;
    });
    assert.equal(result, 7);
    assert.equal(await countOf(database, 'committed'), 1);
  });

  it('DB-1 leaves nothing when the work throws, and throws the same error', async () => {
    const error = new Error('refused');
    const failing = database.transaction(async (tx) => {
      await insertUser(tx, 'rolled back');
      await tx.manager.update(User, { nickname: 'committed' }, { login_count: 5 });
      throw error;
    });
    await assert.rejects(failing, (thrown) => thrown === error);
    assert.equal(await countOf(database, 'rolled back'), 0);
    assert.equal((await database.reader.findOneByOrFail(User, { nickname: 'committed' })).login_count, 0);
  });

  it('DB-2 concurrent transactions do not mix: a failed one takes nothing of the others with it', async () => {
    const works = Array.from({ length: 40 }, (_, at) =>
      database.transaction(async (tx) => {
        await insertUser(tx, at % 2 === 0 ? 'kept' : 'dropped');
        await sleep(at % 3);
        await insertUser(tx, at % 2 === 0 ? 'kept' : 'dropped');
        if (at % 2 === 1) throw new Error('dropped');
      }),
    );
    const results = await Promise.allSettled(works);
    assert.deepEqual(
      results.map(({ status }) => status),
      works.map((_, at) => (at % 2 === 0 ? 'fulfilled' : 'rejected')),
    );
    assert.equal(await countOf(database, 'kept'), 40);
    assert.equal(await countOf(database, 'dropped'), 0);
  });

  it('DB-2 reads outside see committed rows only, reads inside their own', async () => {
    await database.transaction(async (tx) => {
      await insertUser(tx, 'unseen');
      assert.equal(await countOf({ read: tx.query }, 'unseen'), 1);
      assert.equal(await countOf(database, 'unseen'), 0);
      assert.equal(await database.reader.countBy(User, { nickname: 'unseen' }), 0);
    });
    assert.equal(await countOf(database, 'unseen'), 1);
    assert.equal(await database.reader.countBy(User, { nickname: 'unseen' }), 1);
  });

  const locks: Record<
    string,
    (tx: Tx, nickname: string) => Promise<Pick<User, 'user_id' | 'login_count'>[]>
  > = {
    'tx.lock': (tx, nickname) => tx.lock(User, { where: { nickname } }),
    forUpdate: (tx, nickname) =>
      tx.query(`SELECT user_id, login_count FROM users WHERE nickname = ?${forUpdate(tx)}`, [nickname]),
  };
  for (const [name, lock] of Object.entries(locks)) {
    it(`DB-3 read, compute and write under ${name} loses no update`, async () => {
      const nickname = `counter of ${name}`;
      await database.transaction((tx) => insertUser(tx, nickname));
      await Promise.all(
        Array.from({ length: 30 }, () =>
          database.transaction(async (tx) => {
            const [row] = await lock(tx, nickname);
            await sleep(1);
            await tx.execute('UPDATE users SET login_count = ? WHERE user_id = ?', [
              row!.login_count + 1,
              row!.user_id,
            ]);
          }),
        ),
      );
      assert.equal((await database.reader.findOneByOrFail(User, { nickname })).login_count, 30);
    });
  }

  it('execute returns how many rows it found, changed or not', async () => {
    await database.transaction(async (tx) => {
      for (let at = 0; at < 3; at++) await insertUser(tx, 'found');
      const update = (nickname: string) =>
        tx.execute("UPDATE users SET role = 'user' WHERE nickname = ?", [nickname]);
      assert.equal(await update('found'), 3);
      assert.equal(await update('nobody'), 0);
      assert.equal(await tx.execute('DELETE FROM users WHERE nickname = ?', ['found']), 3);
    });
  });

  it('lists stand for IN (?), rows of values for (a, b) IN (?), beside other parameters', async () => {
    await database.transaction(async (tx) => {
      for (const [nickname, mobile] of [
        ['a', '17000000001'],
        ['b', '17000000002'],
        ['a', '17000000003'],
      ] as const) {
        await insertUser(tx, nickname, mobile);
      }
      const find = async (condition: string, parameters: unknown[]) => {
        const sql = `SELECT mobile FROM users WHERE ${condition} ORDER BY mobile`;
        return (await tx.query<{ mobile: string }>(sql, parameters)).map(({ mobile }) =>
          Number(mobile.slice(-1)),
        );
      };
      assert.deepEqual(await find('mobile IN (?)', [['17000000001', '17000000003', '1']]), [1, 3]);
      assert.deepEqual(await find('mobile IN (?)', [['17000000002']]), [2]);
      assert.deepEqual(
        await find('role = ? AND nickname IN (?) AND mobile <> ?', ['user', ['a'], '17000000001']),
        [3],
      );
      const pairs = [
        ['a', '17000000001'],
        ['b', '17000000002'],
        ['b', '17000000003'],
      ];
      assert.deepEqual(await find('(nickname, mobile) IN (?)', [pairs]), [1, 2]);
      assert.deepEqual(await find('(nickname, mobile) IN (?) AND mobile > ?', [pairs, '17000000001']), [2]);
      const parameters = [['user'], pairs, ['active', 'x']];
      assert.deepEqual(
        await find('role IN (?) AND (nickname, mobile) IN (?) AND status IN (?)', parameters),
        [1, 2],
      );
    });
    const outside = await database.read('SELECT 1 FROM users WHERE mobile IN (?)', [
      ['17000000001', '17000000002'],
    ]);
    assert.equal(outside.length, 2);
  });

  it('DB-6 statements of one turn run in their order, and each has its own answer', async () => {
    const [, found, , counted] = await database.transaction((tx) =>
      Promise.all([
        insertUser(tx, 'together'),
        tx.execute("UPDATE users SET login_count = 3 WHERE nickname = ? AND role = 'user'", ['together']),
        insertUser(tx, 'together'),
        tx.query<{ sum: number | string }>(
          'SELECT SUM(login_count) AS sum FROM users WHERE nickname IN (?)',
          [['together', 'nobody']],
        ),
        tx.manager.update(User, { nickname: 'together' }, { role: 'admin' }),
      ]),
    );
    assert.equal(found, 1);
    assert.equal(Number(counted[0]!.sum), 3);
    assert.equal(await database.reader.countBy(User, { nickname: 'together', role: 'admin' }), 2);
  });

  it('DB-6 of statements of one turn none is sent after the first that fails, and nothing is kept', async () => {
    const mobile = String(nextMobile++);
    const seen: string[] = [];
    const note = (name: string) => (error: unknown) => {
      assert.ok(isDuplicate(error), String(error));
      seen.push(name);
    };
    const failing = database.transaction(async (tx) => {
      await insertUser(tx, 'half', mobile);
      const first = insertUser(tx, 'half').catch(note('first'));
      const second = insertUser(tx, 'half', mobile).catch(note('second'));
      const third = insertUser(tx, 'half').catch(note('third'));
      await Promise.all([first, second, third]);
      await insertUser(tx, 'half').catch(note('later'));
    });
    await assert.rejects(failing, isDuplicate);
    // On MySQL they have one answer; on SQLite the first has had its own.
    assert.deepEqual(
      seen,
      database.dialect === 'mysql' ? ['first', 'second', 'third', 'later'] : ['second', 'third', 'later'],
    );
    assert.equal(await countOf(database, 'half'), 0);
  });

  it('DB-6 what is on its way when the work throws does not run behind the ROLLBACK', async () => {
    const slow = await open();
    interceptStatements(slow, async (sql, send) => {
      if (sql.includes('INSERT')) await sleep(30);
      return send();
    });
    let behind: Promise<void> | undefined;
    const refused = slow.transaction(async (tx) => {
      await tx.query('SELECT 1');
      behind = insertUser(tx, 'behind');
      await sleep(5);
      throw new Error('refused');
    });
    await assert.rejects(refused, /refused/);
    await slow.transaction((tx) => tx.query('SELECT 1'));
    await behind;
    await sleep(40);
    assert.equal(await countOf(slow, 'behind'), 0);
  });

  it('DB-6 a transaction that says nothing sends nothing', async () => {
    const sent: string[] = [];
    const silent = await open();
    interceptStatements(silent, (sql, send) => {
      sent.push(sql);
      return send();
    });
    assert.equal(await silent.transaction(async () => 5), 5);
    await assert.rejects(
      silent.transaction(() => Promise.reject(new Error('refused'))),
      /refused/,
    );
    // SQLite's one connection is begun for whoever has it.
    assert.deepEqual(
      sent,
      silent.dialect === 'mysql' ? [] : ['BEGIN IMMEDIATE', 'COMMIT', 'BEGIN IMMEDIATE', 'ROLLBACK'],
    );
  });

  it('a violated unique key is a duplicate, and not one of the errors that pass', async () => {
    const mobile = String(nextMobile++);
    await database.transaction((tx) => insertUser(tx, 'first', mobile));
    const second = database.transaction((tx) => insertUser(tx, 'second', mobile));
    await assert.rejects(second, (error) => isDuplicate(error) && !isRetryable(error));
  });

  it('retryingTransaction starts over after a lost race for a unique key', async () => {
    const mobile = String(nextMobile++);
    const work = async (tx: Tx) => {
      const rows = await tx.query<{ nickname: string }>('SELECT nickname FROM users WHERE mobile = ?', [
        mobile,
      ]);
      if (rows[0] !== undefined) return rows[0].nickname;
      await sleep(5);
      await insertUser(tx, 'winner', mobile);
      return 'inserted';
    };
    const results = await Promise.all([1, 2, 3, 4].map(() => database.retryingTransaction(work)));
    assert.deepEqual(results.toSorted(), ['inserted', 'winner', 'winner', 'winner']);
  });

  it('retryingTransaction gives up after its tries, and at once on any other error', async () => {
    const mobile = String(nextMobile++);
    await database.transaction((tx) => insertUser(tx, 'taken', mobile));
    let attempts = 0;
    const taken = database.retryingTransaction((tx) => {
      attempts++;
      return insertUser(tx, 'late', mobile);
    }, 3);
    await assert.rejects(taken, isDuplicate);
    assert.equal(attempts, 3);
    const refused = database.retryingTransaction(async () => {
      attempts++;
      throw new Error('refused');
    });
    await assert.rejects(refused, /refused/);
    assert.equal(attempts, 4);
  });
});

onMariadb('transactions', (open) => {
  it('DRAW-5 retryingTransaction runs a deadlocked transaction again', async () => {
    const database = await open();
    await database.transaction(async (tx) => {
      await insertUser(tx, 'left', '18000000001');
      await insertUser(tx, 'right', '18000000002');
    });
    let attempts = 0;
    const bothHoldOne = barrier(2);
    const lockBoth = (first: string, second: string) =>
      database.retryingTransaction(async (tx) => {
        attempts++;
        const add = 'UPDATE users SET login_count = login_count + 1 WHERE mobile = ?';
        await tx.execute(add, [first]);
        await bothHoldOne();
        await tx.execute(add, [second]);
      });
    await Promise.all([lockBoth('18000000001', '18000000002'), lockBoth('18000000002', '18000000001')]);
    assert.ok(attempts > 2, 'there was a deadlock');
    const counts = await database.read<{ login_count: number }>('SELECT login_count FROM users');
    assert.deepEqual(
      counts.map(({ login_count }) => login_count),
      [2, 2],
    );
  });

  it('DB-6 what was sent behind a deadlock in one turn does not run', async () => {
    const database = await open();
    await database.transaction(async (tx) => {
      await insertUser(tx, 'left', '18000000011');
      await insertUser(tx, 'right', '18000000012');
    });
    const bothHoldOne = barrier(2);
    const add = 'UPDATE users SET login_count = login_count + 1 WHERE mobile = ?';
    const lockBoth = (first: string, second: string) =>
      database.transaction(async (tx) => {
        await tx.execute(add, [first]);
        await bothHoldOne();
        await Promise.all([tx.execute(add, [second]), insertUser(tx, `after ${second}`)]);
      });
    const [one, other] = await Promise.allSettled([
      lockBoth('18000000011', '18000000012'),
      lockBoth('18000000012', '18000000011'),
    ]);
    const isKept = (settled: PromiseSettledResult<unknown>) => settled.status === 'fulfilled';
    assert.notEqual(isKept(one), isKept(other), 'one of them met a deadlock');
    assert.equal(await countOf(database, 'after 18000000012'), isKept(one) ? 1 : 0);
    assert.equal(await countOf(database, 'after 18000000011'), isKept(other) ? 1 : 0);
  });

  it('a batch of a transaction travels with its BEGIN, as one statement of the driver', async () => {
    const database = await open();
    const sent: string[] = [];
    interceptStatements(database, (sql, send) => {
      sent.push(sql);
      return send();
    });
    await database.transaction(async (tx) => {
      await Promise.all([tx.query('SELECT 1'), tx.query('SELECT 2'), insertUser(tx, 'travels')]);
      await insertUser(tx, 'travels');
    });
    assert.deepEqual(
      sent.map((text) => text.split(/;\n/).map((sql) => sql.split(' ')[0])),
      [['START', 'SELECT', 'SELECT', 'INSERT'], ['INSERT'], ['COMMIT']],
    );
    assert.equal(await countOf(database, 'travels'), 2);
  });

  it('every connection of the pool, the first one too, reads committed rows', async () => {
    const database = await open();
    const allOpen = barrier(8);
    const levels = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        database.transaction(
          async (tx) => {
            const [row] = await tx.query<{ level: string; id: number }>(
              'SELECT @@tx_isolation AS level, CONNECTION_ID() AS id',
            );
            await allOpen();
            return row!;
            // Two of the eight are kept for owners.
          },
          { isOwner: at < 2 },
        ),
      ),
    );
    assert.equal(new Set(levels.map(({ id }) => Number(id))).size, 8);
    assert.deepEqual(new Set(levels.map(({ level }) => level)), new Set(['READ-COMMITTED']));
  });
});

onSqlite('transactions', (open) => {
  it('DB-2 the reading connection cannot write', async () => {
    const database = await open();
    await assert.rejects(database.read('DELETE FROM users'), { code: 'SQLITE_READONLY' });
  });

  it('every commit is flushed: WAL with synchronous=FULL', async () => {
    const database = await open();
    await database.transaction(async (tx) => {
      assert.deepEqual(await tx.query('PRAGMA synchronous'), [{ synchronous: 2 }]);
      assert.deepEqual(await tx.query('PRAGMA journal_mode'), [{ journal_mode: 'wal' }]);
    });
  });
});
