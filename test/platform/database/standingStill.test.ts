import assert from 'node:assert/strict';
import { openDataSources } from '../../../src/platform/database/dataSource.ts';
import { isOverdue } from '../../../src/platform/database/driverErrors.ts';
import { GroupCommit } from '../../../src/platform/actor/groupCommit.ts';
import { Reservation } from '../../../src/platform/database/reservation.ts';
import { Database, type Tx } from '../../../src/platform/database/transaction.ts';
import { AppError, asAppError } from '../../../src/platform/errors.ts';
import { LIMITS } from '../../../src/platform/limits.ts';
import { createUser } from '../../support/factories.ts';
import { startMariadb, type MariadbServer } from '../../support/services.ts';
import { needs } from '../../support/shared.ts';
import { standStill as stop } from '../../support/standStill.ts';

const ANSWER_MS = 1000;
/** Some waits follow one another; a wait without a limit would outlast this many times over. */
const ALL_MS = 15_000;

describe('S-4 a database that stands still', function () {
  this.timeout(60_000);
  needs('mariadbd');
  let mariadb: MariadbServer;
  let database: Database;
  let userId: number;

  before('a MariaDB of its own', async () => {
    mariadb = await startMariadb();
    const url = mariadb.url(await mariadb.createDatabase());
    database = new Database(
      await openDataSources({ url, replicaUrls: [], poolSize: 4, answerMs: ANSWER_MS }),
    );
    userId = await createUser(database);
  });
  afterEach('goes on', () => process.kill(mariadb.pid, 'SIGCONT'));
  after('ends', async () => {
    await database.close();
    await mariadb.stop();
  });

  const standStill = () => stop(mariadb.pid);
  const goOn = () => process.kill(mariadb.pid, 'SIGCONT');
  const count = (tx: Tx) =>
    tx.execute('UPDATE users SET login_count = login_count + 1 WHERE user_id = ?', [userId]);
  const counted = async () => {
    const [user] = await database.readCurrent<{ login_count: number }>(
      'SELECT login_count FROM users WHERE user_id = ?',
      [userId],
    );
    return user!.login_count;
  };

  it('DRAW-5 keeps nobody waiting: transactions, reads, and whoever waits for a connection', async () => {
    const before = await counted();
    standStill();
    const startMs = performance.now();
    const callers = Array.from({ length: 30 }, (_, at) => {
      if (at % 3 === 0) return database.transaction(count);
      return at % 3 === 1 ? database.transaction(count, { isOwner: true }) : database.read('SELECT 1');
    });
    const outcomes = await Promise.allSettled(callers);
    assert.ok(performance.now() - startMs < ALL_MS);
    const codes = outcomes.map((outcome) => outcome.status === 'rejected' && asAppError(outcome.reason).code);
    assert.deepEqual(new Set(codes), new Set(['BUSY']));
    goOn();
    assert.equal(await counted(), before, 'what was given up is not done later');
    await database.transaction(count);
    assert.equal(await counted(), before + 1);
  });

  it('DRAW-5 in the middle of a transaction, which is not tried once more', async () => {
    const before = await counted();
    let tries = 0;
    const transaction = database.retryingTransaction(async (tx) => {
      tries++;
      await count(tx);
      standStill();
      await count(tx);
    });
    await assert.rejects(transaction, isOverdue);
    assert.equal(tries, 1);
    goOn();
    assert.equal(await counted(), before);
  });

  it('DRAW-6 at COMMIT, which may be done later: BUSY, and the caller asks again', async () => {
    let attempts = 0;
    const commits = new GroupCommit<number, number>({
      kind: 'draws',
      maxQueued: 10,
      maxBatchWeight: 10,
      weightOf: () => 1,
      commit: async (items) => {
        attempts++;
        await database.transaction(async (tx) => {
          await count(tx);
          standStill();
        });
        return items.map((result) => ({ ok: true, result }));
      },
      isFinal: () => false,
      isItemsFault: () => false,
      onError: () => undefined,
    });
    await assert.rejects(commits.submit(1), (error) => error instanceof AppError && error.code === 'BUSY');
    assert.equal(attempts, 1);
    goOn();
    await commits.close();
  });

  it('S-4 a statement that waits for a lock is answered by the database itself first', async () => {
    const url = mariadb.url(await mariadb.createDatabase());
    const sources = await openDataSources({ url, replicaUrls: [], poolSize: 1 });
    try {
      const [waits] = await sources.write.query<[{ rows: number; tables: number }]>(
        'SELECT @@innodb_lock_wait_timeout AS `rows`, @@lock_wait_timeout AS tables',
      );
      assert.ok(Math.max(waits.rows, waits.tables) * 1000 < LIMITS.databaseAnswerMs);
    } finally {
      for (const source of new Set([sources.read, sources.write, sources.current])) await source.destroy();
    }
  });

  it('ROOM-6 a place among the transactions is waited for no longer', async () => {
    const reservation = new Reservation(1, 50);
    const gate = Promise.withResolvers<void>();
    const first = reservation.run(() => gate.promise);
    await assert.rejects(
      reservation.run(() => Promise.resolve()),
      (error) => error instanceof AppError && error.code === 'BUSY',
    );
    gate.resolve();
    await first;
    assert.equal(await reservation.run(() => Promise.resolve('next')), 'next');
  });
});
