import assert from 'node:assert/strict';
import type BetterSqlite3 from 'better-sqlite3';
import { User } from '../../../entities/identity/User.ts';
import type { DataSources } from '../../../src/platform/database/sources.ts';
import { Database, type Tx } from '../../../src/platform/database/transaction.ts';
import { AppError } from '../../../src/platform/errors.ts';
import { forEachDatabase, onSqlite, urlOf } from '../../support/databases.ts';
import { interceptStatements } from '../../support/faults.ts';
import { insertUser } from './namedUsers.ts';
import { openOnlooker, type Onlooker } from './onlooker.ts';

/** Where in `addPair` a fault strikes: BEGIN is 0, which on MySQL travels with the first statement. */
const POINTS = ['BEGIN', 'a first insert', 'a read', 'an update', 'a last insert', 'COMMIT'] as const;
const AT_COMMIT = POINTS.length - 1;

const KINDS = [
  'fails and leaves the transaction open',
  'fails and rolls back by itself',
  'has its answer lost',
] as const;
type Kind = (typeof KINDS)[number];

interface Fault {
  kind: Kind;
  at: number;
  error: Error;
  /** The ROLLBACK that follows does not reach the database. */
  rollbackFails: boolean;
}

/** What a database's driver throws when a statement does not work. */
const ERRORS = {
  sqlite: ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_NOMEM', 'SQLITE_INTERRUPT', 'SQLITE_BUSY'].map(
    (code) => Object.assign(new Error(`injected ${code}`), { code }),
  ),
  mysql: [
    Object.assign(new Error('injected deadlock'), {
      code: 'ER_LOCK_DEADLOCK',
      errno: 1213,
      sqlState: '40001',
    }),
    Object.assign(new Error('injected disk full'), { code: 'ER_DISK_FULL', errno: 1021, sqlState: 'HY000' }),
    Object.assign(new Error('injected loss'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true }),
  ],
};

forEachDatabase('a fault inside a transaction', (open) => {
  let database: Database;
  let onlooker: Onlooker;
  let fault: Fault | undefined;
  let nextPair = 0;
  const acknowledged: string[] = [];

  before('opens a database whose statements pass a fault', async () => {
    database = await open();
    onlooker = await openOnlooker(urlOf(database));
    let at = 0;
    interceptStatements(database, async (sql, send, sendOther) => {
      const present = fault;
      if (sql === 'ROLLBACK') {
        if (present?.rollbackFails !== true || at <= present.at) return send();
        fault = undefined;
        throw Object.assign(new Error('injected: no ROLLBACK'), { code: 'SQLITE_IOERR' });
      }
      const isOpening = /^(BEGIN|START)/.test(sql);
      at = !isOpening ? at + 1 : database.dialect === 'mysql' ? 1 : 0;
      // A fault at COMMIT strikes there however many statements there were.
      const isHere =
        present !== undefined &&
        (sql === 'COMMIT' ? present.at === AT_COMMIT : at === present.at || (isOpening && present.at === 0));
      if (!isHere) return send();
      at = present.at + 1;
      if (!present.rollbackFails) fault = undefined;
      if (present.kind === 'has its answer lost') await send();
      if (present.kind === 'fails and rolls back by itself' && present.at > 0) await sendOther('ROLLBACK');
      throw present.error;
    });
  });
  after(() => onlooker?.close());

  /** Two rows that belong together; `passesOver`: as code that forgets that an error ends everything. */
  async function addPair(passesOver: boolean): Promise<boolean> {
    const name = `pair ${++nextPair}`;
    const attempt = async (step: () => Promise<unknown>) => {
      try {
        await step();
      } catch (error) {
        if (!passesOver) throw error;
      }
    };
    try {
      await database.transaction(async (tx) => {
        await attempt(() => insertUser(tx, name));
        await attempt(() => tx.query('SELECT COUNT(*) FROM users'));
        await attempt(() => tx.manager.update(User, { nickname: name }, { login_count: 1 }));
        await attempt(() => insertUser(tx, name));
      });
    } catch {
      return false;
    }
    acknowledged.push(name);
    return true;
  }

  async function refused(): Promise<void> {
    const refusal = new AppError('POINTS_INSUFFICIENT');
    const refusing = database.transaction(async (tx) => {
      await insertUser(tx, 'refused');
      throw refusal;
    });
    await assert.rejects(refusing, (thrown) => thrown === refusal);
  }

  /** DB-7, the promise: what was acknowledged is there, and of everything there is all or nothing. */
  async function assertKept(what: string, unacknowledged: number): Promise<void> {
    const rows = await onlooker.pairs();
    const present = new Set(rows.map(({ name }) => name));
    for (const { name, count } of rows) assert.equal(count, 2, `${what}: half of ${name} is there`);
    assert.deepEqual(
      acknowledged.filter((name) => !present.has(name)),
      [],
      `${what}: acknowledged and not there`,
    );
    assert.ok(present.size - acknowledged.length <= unacknowledged, `${what}: there and not acknowledged`);
  }

  let lost = 0;
  for (const [at, point] of POINTS.entries()) {
    for (const kind of KINDS) {
      for (const rollbackFails of [false, true]) {
        const title = `${point} ${kind}${rollbackFails ? ', and no ROLLBACK works' : ''}`;
        it(`DB-7 ${title}: what is acknowledged is there`, async () => {
          for (const error of ERRORS[database.dialect]) {
            for (const passesOver of [false, true]) {
              const what = `${title}, ${error.message}${passesOver ? ', passed over' : ''}`;
              fault = { kind, at, error, rollbackFails };
              const isAcknowledged = await addPair(passesOver);
              fault = undefined;
              // SQLite's BUSY before anything was begun is waited for.
              if (at > 0 || !error.message.includes('BUSY')) assert.equal(isAcknowledged, false, what);
              if (!isAcknowledged && at === AT_COMMIT && kind === 'has its answer lost') lost += 1;
              await refused();
              assert.equal(await addPair(false), true, what);
              await refused();
              assert.equal(await addPair(false), true, what);
              await assertKept(what, lost);
            }
          }
        });
      }
    }
  }
});

forEachDatabase('a transaction', (open) => {
  let database: Database;
  before(async () => {
    database = await open();
  });

  it('DB-7 has no transactions inside', async () => {
    const nested = [
      (tx: Tx) => tx.manager.transaction((inner) => inner.count(User)),
      (tx: Tx) => tx.manager.queryRunner!.startTransaction(),
      (tx: Tx) => tx.manager.queryRunner!.commitTransaction(),
      (tx: Tx) => tx.manager.queryRunner!.rollbackTransaction(),
    ];
    for (const work of nested) {
      const failing = database.transaction(async (tx) => {
        await insertUser(tx, 'nested');
        await work(tx);
      });
      await assert.rejects(failing, /has no transactions inside/);
    }
    assert.equal(await database.reader.countBy(User, { nickname: 'nested' }), 0);
  });

  it('DB-6 takes no statement after its end, neither as Tx nor through TypeORM', async () => {
    let late: Tx | undefined;
    await database.transaction(async (tx) => {
      late = tx;
    });
    await assert.rejects(insertUser(late!, 'late'), /after the end of its transaction/);
    await assert.rejects(late!.manager.update(User, { user_id: 1 }, { nickname: 'late' }), /after the end/);
    await database.transaction(async () => {
      // Not into somebody else's transaction either.
      await assert.rejects(insertUser(late!, 'late'), /after the end of its transaction/);
    });
    assert.equal(await database.reader.countBy(User, { nickname: 'late' }), 0);
  });

  it('DB-6 an error that was passed over comes back, and nothing is kept', async () => {
    const mobile = '15900000001';
    await database.transaction((tx) => insertUser(tx, 'first', mobile));
    const failing = database.transaction(async (tx) => {
      await insertUser(tx, 'swallowed');
      await insertUser(tx, 'second', mobile).catch(() => undefined);
      return 'done';
    });
    await assert.rejects(failing, /Duplicate|UNIQUE/);
    assert.equal(await database.reader.countBy(User, { nickname: 'swallowed' }), 0);
  });

  it('DB-7 is refused its COMMIT when it has ended itself', async () => {
    const failing = database.transaction(async (tx) => {
      await tx.execute('ROLLBACK');
      await tx.execute("UPDATE users SET nickname = 'outside' WHERE 1 = 0");
    });
    await assert.rejects(failing, /over before its COMMIT|has ended its transaction/);
    await database.transaction((tx) => insertUser(tx, 'after'));
    assert.equal(await database.reader.countBy(User, { nickname: 'after' }), 1);
  });
});

onSqlite('a full disk', (open) => {
  it('DB-7 what is acknowledged while pages run out, and after, is there', async () => {
    const database = await open();
    const onlooker = await openOnlooker(urlOf(database));
    const connection = sqliteOf(database['sources']);
    const acknowledged = new Set<string>();
    const fill = async (name: string) => {
      await database.transaction(async (tx) => {
        for (let at = 0; at < 2; at++) await insertUser(tx, name.padEnd(2000, '.'));
      });
      acknowledged.add(name.padEnd(2000, '.'));
    };
    let failures = 0;
    for (let round = 0; round < 4; round++) {
      const [{ page_count: pages }] = connection.pragma('page_count') as [{ page_count: number }];
      connection.pragma(`max_page_count = ${pages + 3 + round}`);
      for (let at = 0; at < 8; at++) {
        await fill(`round ${round}, ${at}`).catch((error: unknown) => {
          assert.equal((error as { code?: string }).code, 'SQLITE_FULL');
          failures += 1;
        });
      }
      connection.pragma('max_page_count = 1000000');
      await assert.rejects(database.transaction(() => Promise.reject(new AppError('CONFLICT'))));
      await fill(`after round ${round}`);
    }
    const rows = await onlooker.pairs();
    await onlooker.close();
    assert.ok(failures >= 4);
    assert.deepEqual(new Set(rows.map(({ name }) => name)), acknowledged);
    assert.ok(rows.every(({ count }) => count === 2));
  });

  it('DB-7 a connection that cannot be opened anew ends the process, once, with the reason', async () => {
    const database = await open();
    const reasons: unknown[] = [];
    const watched = new Database(database['sources'], { onUnusable: (reason) => reasons.push(reason) });
    const driver = database['sources'].write.driver as unknown as {
      createDatabaseConnection(): Promise<never>;
    };
    driver.createDatabaseConnection = () => Promise.reject(new Error('unable to open database file'));
    interceptStatements(watched, async (sql, send) => {
      if (sql === 'ROLLBACK') throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' });
      return send();
    });
    const refused = () => watched.transaction(() => Promise.reject(new AppError('CONFLICT')));
    await assert.rejects(refused(), /the database connection is unusable/i);
    await assert.rejects(refused(), /the database connection is unusable/i);
    assert.deepEqual(reasons.map(String), ['Error: unable to open database file']);
    database['sources'].write.driver.disconnect = async () => undefined;
  });
});

function sqliteOf({ write }: DataSources): BetterSqlite3.Database {
  return (write.driver as unknown as { databaseConnection: BetterSqlite3.Database }).databaseConnection;
}
