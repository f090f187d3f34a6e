import assert from 'node:assert/strict';
import { User } from '../../../entities/identity/User.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { AppError } from '../../../src/platform/errors.ts';
import { onMariadb, urlOf } from '../../support/databases.ts';
import { interceptStatements } from '../../support/faults.ts';
import { insertUser } from './namedUsers.ts';
import { openOnlooker, type Onlooker } from './onlooker.ts';

onMariadb('a connection in doubt', (open) => {
  const POOL = 8;
  let database: Database;
  let onlooker: Onlooker;
  before(async () => {
    database = await open();
    onlooker = await openOnlooker(urlOf(database));
  });
  after(() => onlooker?.close());

  async function ids(): Promise<Set<number>> {
    let waiting = 0;
    const all = Promise.withResolvers<void>();
    const found = await Promise.all(
      Array.from({ length: POOL }, () =>
        // As an owner's, for whom a part of the pool is kept: all of it is looked at.
        database.transaction(
          async (tx) => {
            const [row] = await tx.query<{ id: number }>('SELECT CONNECTION_ID() AS id');
            if (++waiting === POOL) all.resolve();
            await all.promise;
            return Number(row!.id);
          },
          { isOwner: true },
        ),
      ),
    );
    return new Set(found);
  }

  it('DB-7 is closed when its transaction did not end, and another takes its place in the pool', async () => {
    const before = await ids();
    let doubted = 0;
    interceptStatements(database, async (sql, send) => {
      if (sql === 'ROLLBACK' && doubted < 3) {
        doubted += 1;
        throw new Error('injected: no ROLLBACK');
      }
      return send();
    });
    for (let at = 0; at < 3; at++) {
      const refusal = new AppError('CONFLICT');
      const refusing = database.transaction(async (tx) => {
        await insertUser(tx, 'in doubt');
        throw refusal;
      });
      await assert.rejects(refusing, (thrown) => thrown === refusal);
    }
    const after = await ids();
    assert.equal(after.size, POOL);
    assert.equal([...after].filter((id) => !before.has(id)).length, 3);
    assert.equal(await database.reader.countBy(User, { nickname: 'in doubt' }), 0);
  });

  it('DB-6 a deadlock that is passed over takes nothing with it: not what follows, not the next user of the connection', async () => {
    await database.transaction(async (tx) => {
      await insertUser(tx, 'left', '15800000001');
      await insertUser(tx, 'right', '15800000002');
    });
    let waiting = 0;
    const both = Promise.withResolvers<void>();
    const lock = async (name: string, [first, second]: [string, string]) =>
      database.transaction(async (tx) => {
        const touch = (mobile: string) =>
          tx.execute('UPDATE users SET login_count = login_count + 1 WHERE mobile = ?', [mobile]);
        await insertUser(tx, name);
        await touch(first);
        if (++waiting === 2) both.resolve();
        await both.promise;
        await touch(second).catch(() => undefined);
        await insertUser(tx, name);
      });
    const results = await Promise.allSettled([
      lock('deadlocked 0', ['15800000001', '15800000002']),
      lock('deadlocked 1', ['15800000002', '15800000001']),
    ]);
    const kept = results.map(({ status }) => status === 'fulfilled');
    assert.deepEqual(kept.toSorted(), [false, true]);
    const rows = await onlooker.pairs();
    assert.deepEqual(
      rows.filter(({ name }) => name.startsWith('deadlocked')),
      [{ name: `deadlocked ${kept.indexOf(true)}`, count: 2 }],
    );
  });

  it('DB-7 a connection that is killed inside a transaction leaves nothing, wherever it is killed', async () => {
    for (let at = 0; at < 4; at++) {
      const failing = database.transaction(async (tx) => {
        const [row] = await tx.query<{ id: number }>('SELECT CONNECTION_ID() AS id');
        for (let step = 0; step < 4; step++) {
          if (step === at) await onlooker.kill(Number(row!.id));
          await insertUser(tx, `killed at ${at}`).catch(() => undefined);
        }
      });
      await assert.rejects(failing);
    }
    assert.deepEqual(
      (await onlooker.pairs()).filter(({ name }) => name.startsWith('killed')),
      [],
    );
    assert.equal((await ids()).size, POOL);
  });
});
