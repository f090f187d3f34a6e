import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, logFailure } from '../../src/platform/logger.ts';
import BetterSqlite3 from 'better-sqlite3';
import { Redis } from 'ioredis';
import { createPool } from 'mysql2';
import { QueryFailedError } from 'typeorm';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { asAppError, AppError } from '../../src/platform/errors.ts';
import { freePort } from '../support/services.ts';

const LOCAL = '127.0.0.1';
const retryAfter = 1;

async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

function assertBusy(thrown: unknown, what: string): void {
  const error = asAppError(thrown);
  assert.deepEqual([error.code, error.retryAfterSeconds], ['BUSY', retryAfter], what);
  assert.equal(error.cause, thrown, what);
}

/** As mysql2 gives an error that the server has answered with. */
function ofServer(code: string, errno: number, sqlState = 'HY000'): Error {
  return Object.assign(new Error(`the server said ${code}`), { code, errno, sqlState });
}

describe('DRAW-5 trouble of the infrastructure is BUSY with Retry-After', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-trouble-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('a database that nobody listens for, and one that hangs up', async () => {
    const port = await freePort();
    const open = (at: number) =>
      openDataSources({ url: `mysql://root@${LOCAL}:${at}/none`, replicaUrls: [], poolSize: 1 });
    assertBusy(await thrownBy(() => open(port)), 'refused');
    const rude = createServer((socket) => socket.destroy()).listen(0, LOCAL);
    await once(rude, 'listening');
    assertBusy(await thrownBy(() => open((rude.address() as AddressInfo).port)), 'hung up');
    rude.close();
  });

  it('a pool whose queue is full, and one that is closed', async () => {
    // It takes the connection and says nothing.
    const silent = createServer().listen(0, LOCAL);
    await once(silent, 'listening');
    const pool = createPool({
      ...{ host: LOCAL, port: (silent.address() as AddressInfo).port, user: 'root' },
      ...{ connectionLimit: 1, queueLimit: 1, connectTimeout: 200 },
    });
    const failures = await Promise.all(
      [1, 2, 3].map(() => new Promise<unknown>((resolve) => pool.getConnection((error) => resolve(error)))),
    );
    for (const failure of failures) assertBusy(failure, String(failure));
    assert.ok(failures.some((failure) => String(failure).includes('Queue limit reached')));
    pool.end();
    assertBusy(await new Promise((resolve) => pool.getConnection((error) => resolve(error))), 'closed');
    silent.close();
  });

  it('a Redis that nobody listens for, and a client that is closed', async () => {
    const client = new Redis(await freePort(), LOCAL, {
      ...{ maxRetriesPerRequest: 1, retryStrategy: () => 10, lazyConnect: true },
    });
    client.on('error', () => undefined);
    assertBusy(await thrownBy(() => client.get('x')), 'away');
    client.disconnect();
    const closed = new Redis({ lazyConnect: true });
    closed.disconnect();
    assertBusy(await thrownBy(() => closed.get('x')), 'closed');
    const impatient = new Redis(await freePort(), LOCAL, { enableOfflineQueue: false, lazyConnect: true });
    impatient.on('error', () => undefined);
    assertBusy(await thrownBy(() => impatient.get('x')), 'no queue');
    impatient.disconnect();
  });

  it('a SQLite file that is locked, full, read-only or closed', async () => {
    const file = join(folder, 'a.db');
    const own = new BetterSqlite3(file, { timeout: 0 });
    own.exec('CREATE TABLE a (text)');
    const other = new BetterSqlite3(file, { timeout: 0 });
    other.exec('BEGIN IMMEDIATE');
    const insert = () => own.prepare('INSERT INTO a VALUES (?)').run('x'.repeat(10_000));
    assertBusy(await thrownBy(insert), 'locked');
    other.close();
    own.pragma('max_page_count = 3');
    assertBusy(await thrownBy(() => [insert(), insert()]), 'full');
    const reader = new BetterSqlite3(file, { readonly: true });
    assertBusy(await thrownBy(() => reader.exec('DELETE FROM a')), 'read-only');
    reader.close();
    own.close();
    assertBusy(await thrownBy(insert), 'closed');
  });

  const CODES: [code: string, errno: number][] = [
    ['ER_CON_COUNT_ERROR', 1040],
    ['ER_TOO_MANY_USER_CONNECTIONS', 1203],
    ['ER_USER_LIMIT_REACHED', 1226],
    ['ER_SERVER_SHUTDOWN', 1053],
    ['ER_LOCK_WAIT_TIMEOUT', 1205],
    ['ER_LOCK_DEADLOCK', 1213],
    ['ER_OPTION_PREVENTS_STATEMENT', 1290],
    ['ER_READ_ONLY_MODE', 1836],
    ['ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION', 1792],
    ['ER_DISK_FULL', 1021],
    ['ER_RECORD_FILE_FULL', 1114],
    ['ER_GET_ERRNO', 1030],
    ['ER_CONNECTION_KILLED', 1927],
    ['ER_QUERY_INTERRUPTED', 1317],
    ['ER_STATEMENT_TIMEOUT', 1969],
    ['ER_CLIENT_INTERACTION_TIMEOUT', 4031],
  ];
  for (const [code, errno] of CODES) {
    it(`${code} of the server, by itself, in TypeORM's wrapping and as a cause`, () => {
      const error = ofServer(code, errno);
      assertBusy(error, code);
      assertBusy(new QueryFailedError('SELECT 1', [], error), code);
      assertBusy(new Error('something failed', { cause: error }), code);
      assertBusy(new AggregateError([error]), code);
    });
  }

  it('replies of a Redis that cannot', () => {
    for (const said of [
      "READONLY You can't write against a read only replica.",
      'LOADING Redis is loading the dataset in memory',
      "OOM command not allowed when used memory > 'maxmemory'.",
      'MASTERDOWN Link with MASTER is down',
      'MISCONF Redis is configured to save RDB snapshots',
      'ERR max number of clients reached',
    ])
      assertBusy(Object.assign(new Error(said), { name: 'ReplyError' }), said);
    assertBusy(new Error('Command timed out'), 'timeout');
  });

  it('a warning is logged for trouble, an error for a fault of ours, nothing for a refusal', () => {
    const lines: { level: number; msg: string }[] = [];
    const logger = createLogger('info', {
      write: (line) => void lines.push(JSON.parse(line) as { level: number; msg: string }),
    });
    const failure = { about: { requestId: 'r' }, text: 'a request failed' };
    logFailure(logger, asAppError(ofServer('ER_DISK_FULL', 1021)), failure);
    logFailure(logger, asAppError(new TypeError('x')), failure);
    logFailure(logger, new AppError('CONFLICT', { cause: new Error('x') }), failure);
    logFailure(logger, new AppError('BUSY'), failure);
    assert.deepEqual(
      lines.map(({ level, msg }) => [level, msg]),
      [
        [40, 'a request failed'],
        [50, 'a request failed'],
      ],
    );
  });
});

describe('anything else stays a fault of ours', () => {
  const FAULTS: [what: string, thrown: unknown][] = [
    ['a wrong statement', ofServer('ER_PARSE_ERROR', 1064, '42000')],
    ['an unknown column', ofServer('ER_BAD_FIELD_ERROR', 1054, '42S22')],
    ['a violated unique key', ofServer('ER_DUP_ENTRY', 1062, '23000')],
    ['a violated foreign key', ofServer('ER_NO_REFERENCED_ROW_2', 1452, '23000')],
    ['a constraint of SQLite', Object.assign(new Error('x'), { code: 'SQLITE_CONSTRAINT_UNIQUE' })],
    ['a wrong statement of SQLite', Object.assign(new Error('x'), { code: 'SQLITE_ERROR' })],
    ['a broken SQLite file', Object.assign(new Error('x'), { code: 'SQLITE_CORRUPT' })],
    ['a wrong command of Redis', Object.assign(new Error('ERR wrong number'), { name: 'ReplyError' })],
    ['a file that is not there', Object.assign(new Error('x'), { code: 'ENOENT' })],
    ['a TypeError', new TypeError('x is not a function')],
    ['words that only sound like it', new Error('READONLY is a word')],
    ['a text', 'ECONNREFUSED'],
    ['a number of the system that is one of MySQL too', Object.assign(new Error('x'), { errno: 1205 })],
  ];
  for (const [what, thrown] of FAULTS) it(what, () => assert.equal(asAppError(thrown).code, 'INTERNAL'));

  it('causes that go round in a circle end', () => {
    const error = new Error('x');
    error.cause = error;
    assert.equal(asAppError(error).code, 'INTERNAL');
  });
});
