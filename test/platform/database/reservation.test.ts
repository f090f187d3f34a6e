import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDataSources } from '../../../src/platform/database/dataSource.ts';
import { Database } from '../../../src/platform/database/transaction.ts';
import { AppError } from '../../../src/platform/errors.ts';
import { onMariadb } from '../../support/databases.ts';

const POOL_SIZE = 8;

onMariadb('connections for commits', (open) => {
  let database: Database;
  before('opens a database', async () => {
    database = await open();
  });

  it('ROOM-6 a flood of transactions leaves an owner its connections', async () => {
    const gate = Promise.withResolvers<void>();
    let [running, most] = [0, 0];
    const flood = Array.from({ length: 40 }, () =>
      database.transaction(async (tx) => {
        most = Math.max(most, ++running);
        // MariaDB ends a transaction that is idle for two seconds.
        const hold = async () => (await tx.query('SELECT 1'), Promise.race([gate.promise, sleep(500, 'on')]));
        while ((await hold()) === 'on');
        running--;
      }),
    );
    while (running < POOL_SIZE * 0.75) await new Promise(setImmediate);
    const rows = await database.transaction((tx) => tx.query<{ one: number }>('SELECT 1 AS one'), {
      isOwner: true,
    });
    assert.equal(rows[0]!.one, 1);
    assert.equal(running, 6, 'the others have not ended, and no more have begun');
    gate.resolve();
    await Promise.all(flood);
    assert.equal(most, 6);
  });

  it('ROOM-6 a flood of reads holds up neither commits nor what must be current for long', async () => {
    await database.transaction(async (tx) => {
      await tx.query(`SELECT GET_LOCK('kaijiang:test', 1)`);
      const flood = Array.from({ length: 40 }, () =>
        database.read(`SELECT GET_LOCK('kaijiang:test', 10), RELEASE_LOCK('kaijiang:test')`),
      );
      for (let count = 0; count < 20; count++) {
        await database.transaction((other) => other.query('SELECT 1'));
        await database.transaction((other) => other.query('SELECT 1'), { isOwner: true });
        await tx.query('SELECT 1');
      }
      await tx.query(`SELECT RELEASE_LOCK('kaijiang:test')`);
      await Promise.all(flood);
    });
  });

  it('ROOM-6 what waits is bounded: one more is BUSY', async () => {
    const gate = Promise.withResolvers<void>();
    const flood = Array.from({ length: 1006 }, () =>
      database.transaction(() => Promise.race([gate.promise, sleep(1000)])),
    );
    await assert.rejects(
      database.transaction(async () => undefined),
      (error) => error instanceof AppError && error.code === 'BUSY',
    );
    gate.resolve();
    await Promise.all(flood);
  });
});

onMariadb('a pool of one connection', (_open, openUrl) => {
  it('serves owners and others in turn', async () => {
    const url = await openUrl();
    const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 1 }));
    try {
      const all = Array.from({ length: 10 }, (_, at) =>
        database.transaction((tx) => tx.query('SELECT 1'), { isOwner: at % 2 === 0 }),
      );
      assert.equal((await Promise.all(all)).length, 10);
    } finally {
      await database.close();
    }
  });
});
