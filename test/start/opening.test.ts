import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisClients } from '../../src/platform/cluster/redisClients.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { keptSecret } from '../../src/platform/settings/keptSecret.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { StartError } from '../../src/platform/startError.ts';
import { logSearch } from '../support/logs.ts';
import { freePort, startRedis, type RedisServer } from '../support/services.ts';
import { needs, needsMariadb, sharedMariadb } from '../support/shared.ts';

const logger = createLogger('debug', logSearch.destination);

/** Opening is refused with one line that begins with the setting, says what is wrong, and shows no password. */
async function assertTold(open: () => unknown, setting: string, what: RegExp): Promise<void> {
  await assert.rejects(
    async () => open(),
    (error) => {
      assert.ok(error instanceof StartError, String((error as Error).stack));
      assert.ok(error.message.startsWith(setting), error.message);
      assert.match(error.message, what);
      assert.doesNotMatch(error.message, /\n|top-secret/);
      return true;
    },
  );
}

const openDatabase =
  (url: string, replicaUrls: string[] = []) =>
  () =>
    openDataSources({ url, replicaUrls, poolSize: 2 });

describe('a start that cannot open what its settings name tells so in one line', () => {
  let folder: string;
  before('a folder', () => (folder = mkdtempSync(join(tmpdir(), 'kaijiang-start-'))));
  after('the folder is removed', () => rmSync(folder, { recursive: true }));

  describe('SQLite', () => {
    it('a file that is no database', async () => {
      const file = join(folder, 'letter.db');
      writeFileSync(file, 'Dear Sir or Madam, '.repeat(100));
      await assertTold(openDatabase(`sqlite:${file}`), 'DATABASE_URL: ', /no SQLite database/);
    });

    it('a folder in place of the file', async () => {
      mkdirSync(join(folder, 'inner'));
      await assertTold(openDatabase(`sqlite:${join(folder, 'inner')}`), 'DATABASE_URL: ', /cannot be opened/);
    });

    it('a place below a file', async () => {
      writeFileSync(join(folder, 'file'), '');
      const url = `sqlite:${join(folder, 'file', 'kj.db')}`;
      await assertTold(openDatabase(url), 'DATABASE_URL: ', /a part of its path is a file/);
    });

    it('a place that nobody may write to', async () => {
      await assertTold(
        openDatabase('sqlite:/proc/kaijiang/kj.db'),
        'DATABASE_URL: ',
        /no such place|may not/,
      );
      await assertTold(openDatabase('sqlite:/proc/version'), 'DATABASE_URL: ', /SQLITE|may not/);
    });
  });

  describe('MySQL', () => {
    needsMariadb();
    const urlWith = async (change: (url: URL) => void) => {
      const url = new URL((await sharedMariadb()).url('mysql'));
      change(url);
      return url.href;
    };

    it('a wrong password', async () => {
      const url = await urlWith((url) => Object.assign(url, { username: 'nobody', password: 'top-secret' }));
      await assertTold(openDatabase(url), 'DATABASE_URL: ', /does not take this user and password/);
    });

    it('a database that the server has not got', async () => {
      const url = await urlWith((url) => (url.pathname = '/nothing_of_this_name'));
      await assertTold(openDatabase(url), 'DATABASE_URL: ', /no database of this name/);
    });

    it('a user who may not make tables', async () => {
      const server = await sharedMariadb();
      const name = await server.createDatabase();
      const user = `reader_${name}`.slice(0, 32);
      await server.run(`CREATE USER ${user}@'127.0.0.1' IDENTIFIED BY 'top-secret'`);
      await server.run(`GRANT SELECT ON ${name}.* TO ${user}@'127.0.0.1'`);
      const url = await urlWith((url) =>
        Object.assign(url, { username: user, password: 'top-secret', pathname: `/${name}` }),
      );
      await assertTold(openDatabase(url), 'DATABASE_URL: ', /lacks a privilege|may not/);
      await server.run(`DROP USER ${user}@'127.0.0.1'`);
      await server.dropDatabase(name);
    });

    it('nobody at the port, and a host that is not known', async () => {
      const port = await freePort();
      const url = await urlWith((url) => (url.port = String(port)));
      await assertTold(openDatabase(url), 'DATABASE_URL: ', /nobody listens/);
      const elsewhere = await urlWith((url) => (url.hostname = 'db.invalid'));
      await assertTold(openDatabase(elsewhere), 'DATABASE_URL: ', /host/);
    });

    it('a server of another kind, which hangs up', async () => {
      await withPeer('talks', async (port) => {
        const url = await urlWith((url) => (url.port = String(port)));
        await assertTold(openDatabase(url), 'DATABASE_URL: ', /./);
      });
    });

    it('somebody who accepts and never says a word', async () => {
      await withPeer('is silent', async (port) => {
        const url = await urlWith((url) => (url.port = String(port)));
        await assertTold(openDatabase(url), 'DATABASE_URL: ', /no answer/);
      });
    });

    it('a replica that is none is told by the setting of the replicas', async () => {
      const server = await sharedMariadb();
      const name = await server.createDatabase();
      const replica = server.url(`${name}_of_others`);
      await assertTold(
        openDatabase(server.url(name), [replica]),
        'DATABASE_REPLICA_URLS: ',
        /no database of this name/,
      );
      await server.dropDatabase(name);
    });
  });

  describe('Redis', () => {
    needs('redis-server');
    let redis: RedisServer;
    before('a Redis of this suite', async () => {
      redis = await startRedis();
    });
    after('it is stopped', () => redis?.stop());
    const connect = (url: string) => async () => {
      (await RedisClients.connect(url, logger)).close();
    };

    it('nobody at the port, and a host that is not known', async () => {
      await assertTold(connect(`redis://127.0.0.1:${await freePort()}`), 'REDIS_URL: ', /nobody listens/);
      await assertTold(connect('redis://cache.invalid:6379'), 'REDIS_URL: ', /host/);
    });

    it('somebody who accepts and never says a word', async () => {
      await withPeer('is silent', (port) =>
        assertTold(connect(`redis://127.0.0.1:${port}`), 'REDIS_URL: ', /no answer/),
      );
    });

    it('a server of another kind', async () => {
      await withPeer('talks', (port) => assertTold(connect(`redis://127.0.0.1:${port}`), 'REDIS_URL: ', /./));
    });

    it('a password that is missing or wrong, and one number of a database too many', async () => {
      await redis.command('CONFIG', 'SET', 'requirepass', 'open-sesame');
      const told = /asks for a password/;
      await assertTold(connect(redis.url), 'REDIS_URL: ', told);
      const wrong = redis.url.replace('redis://', 'redis://:top-secret@');
      await assertTold(connect(wrong), 'REDIS_URL: ', /does not take this user and password/);
      const right = redis.url.replace('redis://', 'redis://:open-sesame@');
      await connect(right)();
      await assertTold(connect(`${right}/9999`), 'REDIS_URL: ', /DB index/);
      await redis.kill();
      await redis.restart();
    });

    it('a server that takes no writes: a replica, or one that is full', async () => {
      await redis.command('REPLICAOF', '127.0.0.1', '1');
      await assertTold(connect(redis.url), 'REDIS_URL: ', /is it a replica/);
      await redis.command('REPLICAOF', 'NO', 'ONE');
      await redis.command('CONFIG', 'SET', 'maxmemory', '1');
      await assertTold(connect(redis.url), 'REDIS_URL: ', /memory is full/);
      await redis.command('CONFIG', 'SET', 'maxmemory', '0');
      await connect(redis.url)();
    });
  });

  describe('kept secrets', () => {
    it('a data folder that cannot be made, and a file that holds something else', async () => {
      writeFileSync(join(folder, 'data'), '');
      const below = () => keptSecret({ setting: 'JWT_SECRET', path: join(folder, 'data', 'jwt-secret') });
      await assertTold(below, 'JWT_SECRET is not given', /a part of its path is a file/);
      const empty = join(folder, 'seed-key');
      writeFileSync(empty, '');
      await assertTold(
        () => keptSecret({ setting: 'SEED_ENCRYPTION_KEY', path: empty }),
        'SEED_ENCRYPTION_KEY is not given',
        /hex/,
      );
    });
  });
});

/** A server of our own that speaks neither protocol. */
async function withPeer(kind: 'talks' | 'is silent', work: (port: number) => Promise<void>): Promise<void> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (kind === 'talks') socket.end('220 mail.example.com ESMTP\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  try {
    await work((server.address() as AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}
