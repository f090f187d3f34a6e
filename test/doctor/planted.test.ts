/** RO-8 each look is made to fail, and says what mends it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { after, before, describe, it } from 'mocha';
import { createConnection } from 'mysql2/promise';
import { closeDataSources, openDataSources } from '../../src/platform/database/dataSource.ts';
import { VERSION } from '../../src/platform/version.ts';
import { examine } from '../../src/doctor/examine.ts';
import { linesOf } from '../../src/doctor/finding.ts';
import { lookAtFolder } from '../../src/doctor/folders.ts';
import { nodeVersion, openFiles } from '../../src/doctor/machine.ts';
import { lagOf } from '../../src/doctor/replicas.ts';
import { makeCertificates } from '../support/certificates.ts';
import { forEachDatabase, onMariadb, onSqlite } from '../support/databases.ts';
import {
  freePort,
  startMariadb,
  startRedis,
  type MariadbServer,
  type RedisServer,
} from '../support/services.ts';
import { needs } from '../support/shared.ts';
import { aheadBy, assertTold, KEYS, listening, openRewriter, openStranger, said } from './examining.ts';

const HOUR_MS = 3_600_000;
const DELAY_MS = 60_000;

async function run(url: string, ...statements: string[]): Promise<void> {
  const connection = await createConnection({ uri: url });
  try {
    for (const sql of statements) await connection.query(sql);
  } finally {
    await connection.end();
  }
}

describe('the doctor of settings and the machine', () => {
  it('RO-8 keys that are weak, alike or not given, in production', async () => {
    const production = { NODE_ENV: 'production', SMS_SENDER: 'console' };
    const weak = await said('keys', { ...production, JWT_SECRET: '0123456789abcdef'.repeat(4) });
    assertTold(weak, { level: 'fail', found: /^JWT_SECRET /, remedy: /openssl rand -hex 32/ });
    const alike = await said('keys', { ...production, JWT_SECRET: KEYS.SEED_ENCRYPTION_KEY });
    assertTold(alike, { level: 'fail', found: /must not be the same/, remedy: /each its own/ });
    const none = await said('keys', { ...production, SEED_ENCRYPTION_KEY: '' });
    assertTold(none, {
      level: 'fail',
      found: /SEED_ENCRYPTION_KEY is required/,
      remedy: /must stay the one it had/,
    });
    const trial = await said('keys', { JWT_SECRET: 'my-own-secret-of-more-than-thirty-two-bytes' });
    assertTold(trial, { level: 'warn', found: /JWT_SECRET is one of the values/, remedy: /openssl/ });
  });

  it('RO-8 settings that no start takes, by the part they are about', async () => {
    const zone = await said('time zone', { BUSINESS_TIMEZONE: 'Mars/Olympus' });
    assertTold(zone, {
      level: 'fail',
      found: /^BUSINESS_TIMEZONE: must be an IANA/,
      remedy: /Asia\/Shanghai/,
    });
    const address = await said('address', { PUBLIC_ADDRESS: 'http://draw.example.com' });
    assertTold(address, { level: 'fail', found: /^PUBLIC_ADDRESS: /, remedy: /without http/ });
    const misspelt = await said('settings', { DATABASE_POOLSIZE: '10' });
    assertTold(misspelt, { level: 'fail', found: /DATABASE_POOL_SIZE\?$/, remedy: /\.env/ });
  });

  it('RO-8 a Node that is too old, or another one than it is made for', () => {
    assertTold(nodeVersion('v20.20.2'), {
      level: 'fail',
      found: /v20.20.2, and >=22/,
      remedy: /npm rebuild node/,
    });
    assertTold(nodeVersion('v22.13.1'), { level: 'fail', found: /is needed/, remedy: /npm/ });
    assertTold(nodeVersion('v22.22.0'), { level: 'warn', found: /is what is tested/, remedy: /npm/ });
    assert.equal(nodeVersion().level, 'ok');
    assertTold(openFiles(1024), { level: 'fail', found: /1024/, remedy: /ulimit -n/ });
    assertTold(openFiles(8192), { level: 'warn', found: /8192/, remedy: /LimitNOFILE/ });
    assert.equal(openFiles(Infinity).level, 'ok');
  });

  it('RO-8 each finding is a line, and what mends it another one below', () => {
    const lines = linesOf([
      { level: 'ok', name: 'node', found: 'v24.0.0' },
      { level: 'fail', name: 'redis eviction', found: 'allkeys-lru', remedy: 'noeviction' },
    ]);
    assert.deepEqual(lines, [
      'ok    node            v24.0.0',
      'fail  redis eviction  allkeys-lru',
      '                      remedy: noeviction',
    ]);
  });
});

describe('the doctor of folders', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'kaijiang-doctor-'))));
  after(() => rmSync(folder, { recursive: true }));

  it('RO-8 one that takes no writes', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const below = await said('image folder', { IMAGES_FOLDER: join(file, 'images') });
    assertTold(below, { level: 'fail', found: /a part of its path is a file/, remedy: /IMAGES_FOLDER/ });
    const system = await said('data folder', { DATABASE_URL: 'sqlite:/proc/self/kaijiang.db' });
    assertTold(system, { level: 'fail', found: /^\/proc\/self: DATABASE_URL/, remedy: /it is a volume/ });
  });

  it('RO-8 one that is nearly full', async () => {
    const looked = { name: 'data folder', folder, setting: 'DATABASE_URL' };
    const full = await lookAtFolder({ ...looked, least: { warn: Infinity, fail: Infinity } });
    assertTold(full, { level: 'fail', found: /\d+ MiB free$/, remedy: /free space/ });
    const soon = await lookAtFolder({ ...looked, least: { warn: Infinity, fail: 0 } });
    assertTold(soon, { level: 'warn', found: /MiB free$/, remedy: /larger disk/ });
  });

  it('RO-8 a bucket that does not answer', async () => {
    const bucket = await said('image bucket', {
      IMAGES_BUCKET: 'pictures',
      IMAGES_BUCKET_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      IMAGES_BUCKET_KEY_ID: 'id',
      IMAGES_BUCKET_SECRET: 'secret',
      IMAGES_BUCKET_PATHS: 'on',
    });
    assertTold(bucket, { level: 'fail', found: /pictures at http/, remedy: /IMAGES_BUCKET/ });
  });
});

forEachDatabase('the doctor of a schema', (_open, openUrl) => {
  it('RO-8 that is behind this build, or ahead of it', async () => {
    const url = await openUrl();
    const change = async (sql: string) => {
      if (!url.startsWith('sqlite:')) return run(url, sql);
      const file = new BetterSqlite3(url.slice('sqlite:'.length));
      file.exec(sql);
      file.close();
    };
    const schema = () => said('schema', { DATABASE_URL: url });
    assert.equal((await schema()).level, 'ok');
    await change("DELETE FROM migrations WHERE name LIKE 'Insights%'");
    assertTold(await schema(), {
      level: 'fail',
      found: /behind this build by 1: Insights/,
      remedy: /backup, then start a node/,
    });
    await change("INSERT INTO migrations (timestamp, name) VALUES (1800000000000, 'Tomorrow1800000000000')");
    assertTold(await schema(), {
      level: 'warn',
      found: /of a newer build: it has Tomorrow/,
      remedy: /finish the rollout/,
    });
    await change(
      "INSERT INTO migrations (timestamp, name) VALUES (1900000000000, 'DropNeeds1800000000000At1900000000000')",
    );
    assertTold(await schema(), {
      level: 'fail',
      found: /of a newer build: it has DropNeeds.* and 1 more/,
      remedy: /restore a backup/,
    });
  });
});

onSqlite('the doctor of a file', (_open, openUrl) => {
  it('RO-8 without a write-ahead log, or that is no database', async () => {
    const url = await openUrl();
    const path = url.slice('sqlite:'.length);
    const file = new BetterSqlite3(path);
    file.pragma('journal_mode = DELETE');
    file.close();
    assertTold(await said('flush', { DATABASE_URL: url }), {
      level: 'warn',
      found: /journal delete, synchronous FULL/,
      remedy: /start the server once/,
    });
    writeFileSync(path, 'no database at all, '.repeat(100));
    assertTold(await said('database', { DATABASE_URL: url }), {
      level: 'fail',
      found: /^DATABASE_URL: .*no SQLite database/,
      remedy: /DATABASE_URL/,
    });
  });
});

onMariadb('the doctor of a server', (_open, openUrl) => {
  let server: MariadbServer;
  let url: string;
  before('one with settings of its own', async function () {
    this.timeout(DELAY_MS);
    server = await startMariadb(['--log-bin=binlog', '--sync-binlog=0', '--server-id=1']);
    const name = 'doctored';
    await server.run(`CREATE DATABASE ${name} CHARACTER SET latin1`);
    url = server.url(name);
  });
  after(() => server?.stop());

  it('RO-8 that loses commits, or whose database has another character set', async () => {
    assertTold(await said('flush', { DATABASE_URL: url }), {
      level: 'fail',
      found: /trx_commit is 1, sync_binlog 0: /,
      remedy: /SET GLOBAL .*sync_binlog = 1/,
    });
    await server.run('SET GLOBAL sync_binlog = 1, innodb_flush_log_at_trx_commit = 2');
    assertTold(await said('flush', { DATABASE_URL: url }), {
      level: 'fail',
      found: /trx_commit is 2, sync_binlog 1: /,
      remedy: /innodb_flush_log_at_trx_commit = 1/,
    });
    await server.run('SET GLOBAL innodb_flush_log_at_trx_commit = 1');
    assert.equal((await said('flush', { DATABASE_URL: url })).level, 'ok');
    assertTold(await said('character set', { DATABASE_URL: url }), {
      level: 'warn',
      found: /^latin1/,
      remedy: /ALTER DATABASE .* CHARACTER SET utf8mb4/,
    });
  });

  it('RO-8 whose binlog cannot serve, or whose sessions are changed on the way', async () => {
    await server.run("SET GLOBAL binlog_format = 'STATEMENT'");
    assertTold(await said('session', { DATABASE_URL: url }), {
      level: 'fail',
      found: /binlog_format STATEMENT/,
      remedy: /binlog_format = ROW/,
    });
    await server.run("SET GLOBAL binlog_format = 'ROW'");
    const rewritten: [string, string, RegExp][] = [
      ['LEVEL READ COMMITTED', 'LEVEL SERIALIZABLE  ', /isolation of a connection: it is SERIALIZABLE/],
      ["'+00:00'", "'+05:00'", /time_zone of a connection: it is \+05:00/],
    ];
    for (const [from, to, found] of rewritten) {
      const proxy = await openRewriter(server.port, from, to);
      const session = await said('session', {
        DATABASE_URL: url.replace(`:${server.port}/`, `:${proxy.port}/`),
      });
      await proxy.close();
      assertTold(session, { level: 'fail', found, remedy: /connect to the server itself/ });
    }
    assert.equal((await said('session', { DATABASE_URL: url })).level, 'ok');
  });

  it('RO-8 a table whose texts lose characters, and the remedy mends it', async () => {
    const migrated = await openUrl();
    await run(migrated, 'ALTER TABLE users MODIFY nickname VARCHAR(64) CHARACTER SET latin1');
    const finding = await said('utf8mb4', { DATABASE_URL: migrated });
    assertTold(finding, {
      level: 'fail',
      found: /^1 columns are not as they are meant: users\.nickname is latin1$/,
      remedy: /ALTER TABLE users CONVERT TO CHARACTER SET utf8mb4/,
    });
    const { remedy } = finding as { remedy: string };
    await run(migrated, /ALTER TABLE .* COLLATE \w+/.exec(remedy)![0]);
    assert.equal((await said('utf8mb4', { DATABASE_URL: migrated })).level, 'ok');
  });

  it('RO-8 a table that is gone is told of, with all else that is found', async () => {
    const migrated = await openUrl();
    await run(migrated, 'SET foreign_key_checks = 0', 'DROP TABLE lottery_fairness_epochs');
    const faults: unknown[] = [];
    const environment = { ...KEYS, DATABASE_URL: migrated };
    const findings = await examine({ environment, onFault: (error) => faults.push(error) });
    assert.match(String(faults), /lottery_fairness_epochs/);
    const bad = findings.filter(({ level }) => level === 'fail');
    assert.deepEqual(
      bad.map(({ name }) => name),
      ['database'],
    );
    assertTold(bad[0]!, {
      level: 'fail',
      found: /could not be looked at: .*doesn't exist/,
      remedy: /standard error/,
    });
    await assert.rejects(examine({ environment }), /doesn't exist/);
  });

  it('RO-8 a clock that is not that of this machine', async () => {
    const clock = (offMs: number) => said('database clock', { DATABASE_URL: url }, aheadBy(offMs));
    assertTold(await clock(5000), { level: 'warn', found: /^\d{4} ms ahead of it/, remedy: /NTP/ });
    assertTold(await clock(-HOUR_MS), {
      level: 'fail',
      found: /^3\d{6} ms behind it/,
      remedy: /timedatectl/,
    });
    assert.equal((await clock(0)).level, 'ok');
  });

  it('RO-8 that is not there, or does not know this user', async () => {
    const nowhere = `mysql://root:pw@127.0.0.1:${await freePort()}/kaijiang`;
    assertTold(await said('database', { DATABASE_URL: nowhere }), {
      level: 'fail',
      found: /^DATABASE_URL: nobody listens/,
      remedy: /DATABASE_URL/,
    });
    const stranger = `mysql://nobody:wrong@127.0.0.1:${server.port}/doctored`;
    assertTold(await said('database', { DATABASE_URL: stranger }), {
      level: 'fail',
      found: /does not take this user and password/,
      remedy: /a node starts with the same connection/,
    });
  });
});

onMariadb('the doctor of replicas', (_open, openUrl) => {
  it('RO-8 one that is away, lacks the schema, or replicates nothing', async () => {
    const url = await openUrl();
    const replicas = [`mysql://root:pw@127.0.0.1:${await freePort()}/kaijiang`, url];
    const environment = { DATABASE_URL: url, DATABASE_REPLICA_URLS: replicas.join(',') };
    assertTold(await said('replica 1', environment), {
      level: 'fail',
      found: /^DATABASE_REPLICA_URLS: nobody listens/,
      remedy: /reads go to the primary/,
    });
    assertTold(await said('replica 2', environment), {
      level: 'warn',
      found: /replicates nothing/,
      remedy: /name a server that replicates/,
    });
  });

  it('RO-8 one that replicates, one that has stopped, and one that is behind', async function () {
    this.timeout(2 * DELAY_MS);
    const primary = await startMariadb(['--log-bin=binlog', '--server-id=1', '--binlog-format=ROW']);
    const replica = await startMariadb(['--server-id=2']);
    try {
      await primary.run('CREATE DATABASE kaijiang CHARACTER SET utf8mb4');
      const [own, copy] = [primary.url('kaijiang'), replica.url('kaijiang')];
      const replicaSays = () => said('replica 1', { DATABASE_URL: own, DATABASE_REPLICA_URLS: copy });
      await replica.run(
        `CHANGE MASTER TO master_host = '127.0.0.1', master_port = ${primary.port}, master_user = 'root', master_use_gtid = slave_pos`,
      );
      await replica.run('START SLAVE');
      await run(own, 'CREATE TABLE marked (at INT)');
      await until(() => run(copy, 'SELECT * FROM marked'));
      assertTold(await replicaSays(), {
        level: 'fail',
        found: /lacks \d+ steps of the schema/,
        remedy: /SHOW REPLICA STATUS/,
      });
      await closeDataSources(await openDataSources({ url: own, replicaUrls: [], poolSize: 1 }));
      await until(async () => assert.equal((await replicaSays()).level, 'ok'));
      // What was done 100 s ago comes with its time, and is not done there yet.
      await replica.run('STOP SLAVE');
      await replica.run('CHANGE MASTER TO master_delay = 3600');
      await replica.run('START SLAVE');
      await run(own, 'SET timestamp = UNIX_TIMESTAMP() - 100', 'INSERT INTO marked VALUES (1)');
      await until(async () => assert.equal((await replicaSays()).level, 'warn'));
      assertTold(await replicaSays(), {
        level: 'warn',
        found: /^10\d s behind$/,
        remedy: /parallel workers/,
      });
      await replica.run('STOP SLAVE SQL_THREAD');
      assertTold(await replicaSays(), {
        level: 'fail',
        found: /stopped replicating: no reason given/,
        remedy: /START REPLICA/,
      });
    } finally {
      await replica.stop();
      await primary.stop();
    }
  });

  it('RO-8 what a replica says of its lag', () => {
    assert.deepEqual(lagOf({ Seconds_Behind_Master: 0 }, 'replica 1'), {
      level: 'ok',
      name: 'replica 1',
      found: '0 s behind',
    });
    assertTold(lagOf({ Seconds_Behind_Source: 42 }, 'replica 1'), {
      level: 'warn',
      found: /^42 s/,
      remedy: /so old/,
    });
    assertTold(lagOf({ Seconds_Behind_Source: 900 }, 'replica 1'), {
      level: 'fail',
      found: /^900 s/,
      remedy: /disk/,
    });
    assertTold(lagOf({ Seconds_Behind_Master: null, Last_Error: 'duplicate' }, 'replica 1'), {
      level: 'fail',
      found: /stopped replicating: duplicate/,
      remedy: /START REPLICA/,
    });
    assertTold(lagOf(undefined, 'replica 1'), { level: 'warn', found: /may not ask/, remedy: /^GRANT / });
  });
});

async function until(look: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await look();
    } catch (error) {
      if (tries > 200) throw error;
      await sleep(50);
    }
  }
}

describe('the doctor of Redis', () => {
  needs('redis-server');
  let redis: RedisServer;
  before(async () => (redis = await startRedis()));
  after(() => redis?.stop());
  const redisSays = (name: string, offMs = 0) => said(name, { REDIS_URL: redis.url }, aheadBy(offMs));

  it('RO-8 that forgets keys, or has little room', async () => {
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    assertTold(await redisSays('redis eviction'), {
      level: 'fail',
      found: /^allkeys-lru: /,
      remedy: /CONFIG SET maxmemory-policy noeviction/,
    });
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    for (const [level, share] of [
      ['fail', 1],
      ['warn', 1.1],
    ] as const) {
      const used = Number(/used_memory:(\d+)/.exec(String(await redis.command('INFO', 'memory')))![1]);
      await redis.command('CONFIG', 'SET', 'maxmemory', String(Math.floor(used * share * 0.99)));
      assertTold(await redisSays('redis memory'), { level, found: /of \d MiB$/, remedy: /raise maxmemory/ });
    }
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    assert.equal((await redisSays('redis memory')).level, 'ok');
  });

  it('RO-8 whose clock is another one', async () => {
    assertTold(await redisSays('redis clock', 5000), { level: 'warn', found: /ahead of it/, remedy: /NTP/ });
    assertTold(await redisSays('redis clock', HOUR_MS), {
      level: 'fail',
      found: /ahead of it/,
      remedy: /NTP/,
    });
  });

  it('RO-8 whose nodes stand still, are of two builds, or share an address', async () => {
    const { Redis } = await import('ioredis');
    const client = new Redis(redis.url);
    const living = new Redis(redis.url);
    const tell = (id: string, told: object) =>
      client.set(
        `kaijiang:node:${id}`,
        JSON.stringify({
          address: null,
          version: VERSION,
          people: 0,
          owners: 0,
          queued: 0,
          up_ms: 1,
          ...told,
        }),
      );
    try {
      for (const id of ['one', 'two']) {
        await client.hset('roomcount', id, '1,1');
        await living.subscribe(`p:${id}`);
      }
      await tell('one', { address: 'draw.example.com/node1' });
      assertTold(await redisSays('nodes'), { level: 'warn', found: /^1 of 2/, remedy: /ended by force/ });
      await tell('two', { address: 'draw.example.com/node1', version: '0.0.9' });
      assertTold(await redisSays('versions'), { level: 'warn', found: /0\.0\.9 and /, remedy: /rollout/ });
      assertTold(await redisSays('addresses'), {
        level: 'fail',
        found: /two nodes say that they are at draw\.example\.com\/node1/,
        remedy: /of its own/,
      });
      await tell('two', { address: null });
      assertTold(await redisSays('addresses'), {
        level: 'fail',
        found: /has no PUBLIC_ADDRESS/,
        remedy: /node2/,
      });
      await tell('two', { address: 'draw.example.com/node2' });
      for (const name of ['nodes', 'versions', 'addresses'])
        assert.equal((await redisSays(name)).level, 'ok', name);
    } finally {
      client.disconnect();
      living.disconnect();
    }
  });

  it('RO-8 whose snapshot has failed', async () => {
    const [, folder] = (await redis.command('CONFIG', 'GET', 'dir')) as [string, string];
    rmSync(folder, { recursive: true });
    await redis.command('BGSAVE');
    await until(async () => {
      assert.match(String(await redis.command('INFO', 'persistence')), /rdb_last_bgsave_status:err/);
    });
    assertTold(await redisSays('redis persistence'), {
      level: 'fail',
      found: /last snapshot failed/,
      remedy: /CONFIG SET save/,
    });
  });

  it('RO-8 that is a replica, or not there', async () => {
    await redis.command('REPLICAOF', '127.0.0.1', String(await freePort()));
    assertTold(await redisSays('redis'), { level: 'fail', found: /slave$/, remedy: /lead to the primary/ });
    const nowhere = `redis://127.0.0.1:${await freePort()}`;
    assertTold(await said('redis', { REDIS_URL: nowhere }), {
      level: 'fail',
      found: /^REDIS_URL: nobody listens/,
      remedy: /REDIS_URL/,
    });
  });
});

describe('the doctor of PUBLIC_ADDRESS', () => {
  it('RO-8 that leads nowhere, or to somebody else', async () => {
    const nowhere = `127.0.0.1:${await freePort()}`;
    assertTold(await said('address', { PUBLIC_ADDRESS: nowhere }), {
      level: 'fail',
      found: /^http:\/\/127.*ECONNREFUSED$/,
      remedy: /start the node/,
    });
    const stranger = await openStranger('{"status":"fine"}');
    const other = await said('address', { PUBLIC_ADDRESS: `127.0.0.1:${stranger.port}` });
    await stranger.close();
    assertTold(other, { level: 'fail', found: /200, not of a node$/, remedy: /firewall and proxy/ });
  });

  it('RO-8 by which no WebSocket comes through', async () => {
    const proxy = await openStranger('{"status":"ok"}');
    const socket = await said('websocket', { PUBLIC_ADDRESS: `127.0.0.1:${proxy.port}/node1` });
    await proxy.close();
    assertTold(socket, { level: 'fail', found: /\/node1\/doctor\/doctor: 404, /, remedy: /pass upgrades/ });
  });

  it('RO-8 whose certificate nobody trusts', async () => {
    const certificates = makeCertificates('IP:127.0.0.1');
    const tls = { key: readFileSync(certificates.key), cert: readFileSync(certificates.cert) };
    const server = await listening(createHttps(tls, (_request, response) => response.end('{"status":"ok"}')));
    const address = await said('address', { PUBLIC_ADDRESS: `127.0.0.1:${server.port}` });
    await server.close();
    certificates.remove();
    assertTold(address, {
      level: 'fail',
      found: /^https:.*(SIGNATURE|ISSUER|SELF_SIGNED)/,
      remedy: /a certificate that names/,
    });
  });

  it('RO-8 that is not given although there are several nodes', async () => {
    const environment = { ...KEYS, HOST: '0.0.0.0', REDIS_URL: `redis://127.0.0.1:${await freePort()}` };
    const finding = (await examine({ environment })).find(({ name }) => name === 'address');
    assertTold(finding!, { level: 'fail', found: /is not set/, remedy: /leads to it alone/ });
  });
});
