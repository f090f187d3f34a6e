import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { openDataSources } from '../../../src/platform/database/dataSource.ts';
import { sessionSettings } from '../../../src/platform/database/mysqlSession.ts';
import { Database, type Tx } from '../../../src/platform/database/transaction.ts';
import { createUser } from '../../support/factories.ts';
import { onMariadb } from '../../support/databases.ts';

/** MariaDB does all that is asked of MySQL here; what it can do besides is left unused. */
const MYSQL = '8.0.40';
const POOL_SIZE = 4;
/** For reads, besides those for transactions. */
const READERS = 2;

for (const [server, serverVersion] of [
  ['MariaDB', undefined],
  ['MySQL', MYSQL],
] as const) {
  onMariadb(`an idle transaction, with the settings of ${server},`, (_open, openUrl) => {
    let database: Database;
    before(async () => {
      database = await openAs(serverVersion, await openUrl());
    });
    after(() => database?.close());

    it('DRAW-1 DRAW-5 loses its locks within seconds, and starts over when it goes on', async () => {
      const userId = await createUser(database);
      const count = (tx: Tx) =>
        tx.execute('UPDATE users SET login_count = login_count + 1 WHERE user_id = ?', [userId]);
      const locked = Promise.withResolvers<void>();
      const takenOver = Promise.withResolvers<void>();
      let tries = 0;
      const stopped = database.retryingTransaction(async (tx) => {
        tries++;
        await count(tx);
        locked.resolve();
        await takenOver.promise;
        await count(tx);
      });
      await locked.promise;
      const startMs = performance.now();
      await database.transaction(count);
      const tookMs = performance.now() - startMs;
      takenOver.resolve();
      await stopped;
      assert.ok(tookMs > 1000 && tookMs < 4500, `the locks were held for ${tookMs} ms`);
      assert.equal(tries, 2);
      assert.deepEqual(await database.read('SELECT login_count FROM users WHERE user_id = ?', [userId]), [
        { login_count: 3 },
      ]);
    });

    it('DRAW-5 starts over after the words with which MySQL ends an idle connection', async () => {
      let tries = 0;
      const told = Object.assign(new Error('disconnected'), { code: 'ER_CLIENT_INTERACTION_TIMEOUT' });
      await database.retryingTransaction(async () => {
        if (++tries === 1) throw told;
      });
      assert.equal(tries, 2);
    });

    it('DRAW-6 is not run again when its connection is lost with the answer to COMMIT', async () => {
      const userId = await createUser(database);
      let tries = 0;
      const unknown = database.retryingTransaction(async (tx) => {
        tries++;
        await tx.execute('UPDATE users SET login_count = 7 WHERE user_id = ?', [userId]);
        const [row] = await tx.query<{ id: number }>('SELECT CONNECTION_ID() AS id');
        await database.read('KILL ?', [Number(row!.id)]);
      });
      await assert.rejects(unknown);
      assert.equal(tries, 1);
    });
  });
}

onMariadb('connections with the settings of MySQL', (_open, openUrl) => {
  let database: Database;
  let url: string;
  before(async () => {
    url = await openUrl();
    database = await openAs(MYSQL, url);
  });
  after(() => database?.close());

  it('have a limit for being idle, which those of MariaDB do not need', () => {
    assert.equal(sessionSettings(MYSQL).idleLimitMs, 3000);
    assert.equal(sessionSettings('10.11.19-MariaDB').idleLimitMs, undefined);
  });

  it('are closed by an idle pool before the server does, and opened again when they are needed', async () => {
    const onlooker = await openOnlooker(url);
    try {
      const before = await abortedBy(onlooker);
      await useAll(database);
      assert.equal((await openTo(onlooker)).length, POOL_SIZE + READERS + 1);
      await sleep(4500);
      assert.equal((await openTo(onlooker)).length, 1);
      assert.equal(await abortedBy(onlooker), before);
      await useAll(database);
    } finally {
      await onlooker.destroy();
    }
  });

  it('that the server has closed behind the back of a process that was busy are not used', async () => {
    await useAll(database);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4000);
    await useAll(database);
  }).timeout(20_000);

  it('leave the migration lock where it is while migrations take longer than the limit', async () => {
    const onlooker = await openOnlooker(url);
    const blocker = onlooker.createQueryRunner();
    try {
      await blocker.query('LOCK TABLES migrations WRITE');
      const opening = openAs(MYSQL, url);
      await sleep(5000);
      const [lock] = await onlooker.query<[{ holder: unknown }]>(
        "SELECT IS_USED_LOCK('kaijiang:migrations') AS holder",
      );
      await blocker.query('UNLOCK TABLES');
      await (await opening).close();
      assert.notEqual(lock.holder, null);
    } finally {
      await blocker.release();
      await onlooker.destroy();
    }
  });
});

async function openAs(serverVersion: string | undefined, url: string): Promise<Database> {
  const version = serverVersion === undefined ? {} : { serverVersion };
  return new Database(await openDataSources({ url, replicaUrls: [], poolSize: POOL_SIZE, ...version }));
}

/** All connections of both pools at the same moment. */
async function useAll(database: Database): Promise<void> {
  await Promise.all([
    ...Array.from({ length: POOL_SIZE }, () =>
      database.transaction((tx) => tx.query('SELECT SLEEP(0.1)'), { isOwner: true }),
    ),
    ...Array.from({ length: READERS }, () => database.read('SELECT SLEEP(0.1)')),
  ]);
}

/** Looks at the server without being looked at: no pool of the product. */
async function openOnlooker(url: string): Promise<DataSource> {
  return new DataSource({ type: 'mysql', url, poolSize: 2 }).initialize();
}

async function openTo(onlooker: DataSource): Promise<unknown[]> {
  return onlooker.query<unknown[]>(
    'SELECT id FROM information_schema.processlist WHERE db = DATABASE() ORDER BY id',
  );
}

async function abortedBy(onlooker: DataSource): Promise<number> {
  const [row] = await onlooker.query<[{ Value: string }]>("SHOW GLOBAL STATUS LIKE 'Aborted_clients'");
  return Number(row.Value);
}
