import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { User } from '../../../entities/identity/User.ts';
import { ConfigError } from '../../../src/platform/settings/configError.ts';
import { closeDataSources, openDataSources } from '../../../src/platform/database/dataSource.ts';
import type { Pause } from '../../../src/platform/database/pause.ts';
import { lockFile } from '../../../src/platform/database/sqliteFile.ts';
import { Database } from '../../../src/platform/database/transaction.ts';
import { AppError } from '../../../src/platform/errors.ts';
import { LIMITS } from '../../../src/platform/limits.ts';
import { onSqlite, urlOf } from '../../support/databases.ts';
import { createUser } from '../../support/factories.ts';
import { interceptStatements } from '../../support/faults.ts';

const fileOf = (url: string) => url.slice('sqlite:'.length);

onSqlite('another program at the file', (open) => {
  let database: Database;
  let neighbour: BetterSqlite3.Database;
  before(async () => {
    database = await open();
    neighbour = new BetterSqlite3(fileOf(urlOf(database)), { timeout: 0 });
  });
  after(() => neighbour?.close());

  it('is waited for without stopping the event loop, in the order of arrival', async () => {
    neighbour.exec('BEGIN IMMEDIATE');
    const done: number[] = [];
    const waiting = [1, 2, 3].map((at) => createUser(database).then(() => done.push(at)));
    let turns = 0;
    const endMs = performance.now() + 200;
    while (performance.now() < endMs) {
      await turn();
      turns += 1;
    }
    assert.deepEqual(done, []);
    neighbour.exec('ROLLBACK');
    await Promise.all(waiting);
    assert.deepEqual(done, [1, 2, 3]);
    // A synchronous wait of SQLite would have left one or two.
    assert.ok(turns > 20, `${turns} turns while waiting`);
  });

  it('DRAW-7 is waited for within a bound, whoever else waits: then the answer is BUSY with Retry-After', async () => {
    let sleptMs = 0;
    const pause: Pause = {
      turn: () => turn(),
      random: () => 0.5,
      sleep: async (durationMs) => {
        sleptMs += durationMs;
        await turn();
      },
    };
    const patient = new Database(database['sources'], { pause });
    neighbour.exec('BEGIN IMMEDIATE');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, () => patient.retryingTransaction(() => Promise.resolve())),
    );
    neighbour.exec('ROLLBACK');
    for (const outcome of outcomes) {
      assert.ok(outcome.status === 'rejected' && outcome.reason instanceof AppError);
      assert.deepEqual([outcome.reason.code, outcome.reason.retryAfterSeconds], ['BUSY', 1]);
    }
    assert.ok(sleptMs >= LIMITS.sqliteBusyMs && sleptMs < 2 * LIMITS.sqliteBusyMs, `${sleptMs} ms`);
    // And everybody is served again.
    await patient.transaction(() => Promise.resolve());
  });

  it('DRAW-7 no more transactions wait than may', async () => {
    neighbour.exec('BEGIN IMMEDIATE');
    const waiting = Array.from({ length: LIMITS.queuedTransactions + 3 }, () =>
      database.transaction(() => Promise.resolve()),
    );
    const first = await Promise.race(
      waiting.map((each, at) =>
        each.then(
          () => 'done',
          () => at,
        ),
      ),
    );
    neighbour.exec('ROLLBACK');
    const refused = (await Promise.allSettled(waiting)).filter(({ status }) => status === 'rejected');
    assert.ok(typeof first === 'number' && first >= LIMITS.queuedTransactions, `first ${first}`);
    assert.ok(refused.length >= 2 && refused.length <= 3, `${refused.length} refused`);
  });

  for (const code of ['SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT', 'SQLITE_BUSY_RECOVERY']) {
    it(`${code} is tried again, at BEGIN and inside`, async () => {
      for (const point of ['BEGIN', 'INSERT']) {
        const own = await open();
        let faults = 1;
        interceptStatements(own, async (sql, send) => {
          if (sql.startsWith(point) && faults-- > 0)
            throw Object.assign(new Error('database is locked'), { code });
          return send();
        });
        let runs = 0;
        await own.retryingTransaction(async (tx) => {
          runs += 1;
          await tx.execute('INSERT INTO event_handlings (event_id, handler, handled_at) VALUES (1, 1, 1)');
        });
        assert.equal(runs, point === 'BEGIN' ? 1 : 2);
        assert.equal(faults, 0 - (point === 'BEGIN' ? 1 : 1));
      }
    });
  }

  it('that has the whole file keeps readers waiting, not the event loop, and not for ever', async () => {
    const url = urlOf(await open());
    const own = await openDataSources({ url, replicaUrls: [], poolSize: 1 });
    // A reader that has read already holds what it needs; the log's index is what is taken away here.
    const reader = own.read.createQueryRunner();
    const raw = own.read.driver as unknown as { databaseConnection: BetterSqlite3.Database };
    const prepare = raw.databaseConnection.prepare.bind(raw.databaseConnection);
    let refusals = 4;
    raw.databaseConnection.prepare = (sql: string) => {
      if (refusals-- > 0) throw Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });
      return prepare(sql);
    };
    assert.deepEqual(await reader.query('SELECT 1 AS one'), [{ one: 1 }]);
    refusals = Infinity;
    await assert.rejects(
      own.read.manager.countBy(User, { nickname: 'nobody' }),
      (error) => error instanceof AppError && error.code === 'BUSY',
    );
    await closeDataSources(own);
  });
});

describe('the file of a SQLite database', () => {
  let folder: string;
  let file: string;
  const openAlone = () =>
    openDataSources({ url: `sqlite:${file}`, replicaUrls: [], poolSize: 1, isAlone: true });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kaijiang-file-'));
    file = join(folder, 'data', 'kj.db');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is for its owner alone, with all that belongs to it and its folder', async () => {
    const sources = await openAlone();
    const modes = readdirSync(join(folder, 'data')).map((name) => [
      name,
      statSync(join(folder, 'data', name)).mode & 0o777,
    ]);
    assert.equal(statSync(join(folder, 'data')).mode & 0o777, 0o700);
    await closeDataSources(sources);
    assert.deepEqual(
      modes,
      ['kj.db', 'kj.db-lock', 'kj.db-shm', 'kj.db-wal'].map((name) => [name, 0o600]),
    );
  });

  it('is narrowed when it was open to others', async () => {
    await closeDataSources(await openAlone());
    chmodSync(file, 0o664);
    await closeDataSources(await openAlone());
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('is refused to a second server in one line that names the setting, and given when the first has closed', async () => {
    const first = await openAlone();
    const refusal = await openAlone().then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(refusal instanceof ConfigError);
    assert.match(refusal.message, /^DATABASE_URL: another server is running on [^\n]+$/);
    await closeDataSources(first);
    await closeDataSources(await openAlone());
  });

  it('can be read and copied by whoever only looks, while a server has it', async () => {
    const server = await openAlone();
    const looking = await openDataSources({ url: `sqlite:${file}`, replicaUrls: [], poolSize: 1 });
    assert.equal(await looking.read.manager.count(User), 0);
    await closeDataSources(looking);
    const backup = new BetterSqlite3(file, { readonly: true });
    await backup.backup(join(folder, 'copy.db'));
    backup.close();
    await new Database(server).transaction(() => Promise.resolve());
    await closeDataSources(server);
  });

  it('is free again when its server is killed', async () => {
    await closeDataSources(await openAlone());
    const holding = `
      const { lockFile } = await import(${JSON.stringify(new URL('../../../src/platform/database/sqliteFile.ts', import.meta.url).href)});
      // Kept, or the collector would close it.
      globalThis.held = lockFile(${JSON.stringify(file)});
      process.stdout.write('held');
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', holding], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    try {
      await once(child.stdout, 'data');
      assert.throws(() => lockFile(file), ConfigError);
    } finally {
      child.kill('SIGKILL');
    }
    await ended;
    await sleep(1);
    lockFile(file).release();
  });
});
