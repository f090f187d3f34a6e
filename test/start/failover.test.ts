import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Room } from '@colyseus/sdk';
import { login } from '../platform/cluster/nodes.ts';
import { startServerProcess, type ServerProcess } from '../platform/cluster/serverProcess.ts';
import {
  freePort,
  startMariadb,
  startRedis,
  type MariadbServer,
  type RedisServer,
} from '../support/services.ts';
import { eventually } from '../support/seat.ts';
import { readMetrics } from '../chaos/nodeFigures.ts';
import { needs } from '../support/shared.ts';
import { standStill } from '../support/standStill.ts';

const PATIENCE_MS = 15_000;

interface Ready {
  http: number;
  status: string;
  missing: string[];
}

/** An address that leads to one server after another, as that of a managed Redis does. */
async function startAddress(port: number) {
  let target = port;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    /** New connections lead there. Those that are open stay where they are. */
    lead: (to: number) => (target = to),
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe('S-4 S-6 a node of a cluster whose Redis or database takes no writes', function () {
  this.timeout(120_000);
  needs('mariadbd', 'redis-server');
  let mariadb: MariadbServer;
  let primary: RedisServer;
  let replica: RedisServer;
  let address: Awaited<ReturnType<typeof startAddress>>;
  let node: ServerProcess;
  let metricsUrl: string;

  before('MariaDB, two Redis, and one node', async () => {
    mariadb = await startMariadb();
    primary = await startRedis();
    replica = await startRedis();
    address = await startAddress(primary.port);
    const name = await mariadb.createDatabase();
    // Root may write to a server that is read-only.
    await mariadb.run(`CREATE USER app@'127.0.0.1' IDENTIFIED BY 'app'`);
    await mariadb.run(`GRANT ALL ON ${name}.* TO app@'127.0.0.1'`);
    const url = new URL(mariadb.url(name));
    Object.assign(url, { username: 'app', password: 'app' });
    const metricsPort = await freePort();
    metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
    node = await startServerProcess(url.href, {
      REDIS_URL: `redis://127.0.0.1:${address.port}`,
      METRICS_PORT: String(metricsPort),
    });
  });
  after('all of them end', async () => {
    await node?.end('SIGKILL');
    address?.close();
    await primary?.stop();
    await replica?.stop();
    await mariadb?.stop();
  });

  async function ready(): Promise<Ready> {
    const answer = await fetch(`${node.origin}/ready`);
    return { http: answer.status, ...((await answer.json()) as Omit<Ready, 'http'>) };
  }

  async function untilReady(is: (ready: Ready) => boolean): Promise<Ready> {
    const untilMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const now = await ready();
      if (is(now)) return now;
      assert.ok(performance.now() < untilMs, JSON.stringify(now));
      await sleep(200);
    }
  }

  async function join(): Promise<void> {
    await (await sit()).leave();
  }

  async function sit(): Promise<Room> {
    const client = new Client(node.origin);
    client.auth.token = await login([node], 1);
    const room = await client.joinOrCreate('campaign', { campaign_id: 1 });
    room.onMessage('*', () => undefined);
    return room;
  }

  const isBack = ({ http }: Ready) => http === 200;
  const isDegraded = ({ http, status, missing }: Ready) =>
    http === 503 && status === 'degraded' && missing.join() === 'redis';

  it('is degraded while Redis is full, and ready when it is not', async () => {
    await join();
    await untilReady(isBack);
    await primary.command('CONFIG', 'SET', 'maxmemory', '1');
    await untilReady(isDegraded);
    await primary.command('CONFIG', 'SET', 'maxmemory', '0');
    await untilReady(isBack);
  });

  it('ROOM-7 counts whoever leaves while Redis is full, and keeps no seat for whoever has asked for one', async () => {
    const clients = async () => (await readMetrics({ metricsUrl })).get('kaijiang_clients');
    const room = await sit();
    await eventually(async () => assert.equal(await clients(), 1));
    await primary.command('CONFIG', 'SET', 'maxmemory', '1');
    await untilReady(isDegraded);
    await room.leave();
    await eventually(async () => assert.equal(await clients(), 0));
    await primary.command('CONFIG', 'SET', 'maxmemory', '0');
    await untilReady(isBack);
  });

  it('connects anew with all its connections when the server has become a replica, and finds the new primary', async () => {
    await join();
    const subscribed = async (redis: RedisServer) =>
      ((await redis.command('PUBSUB', 'CHANNELS', 'p:*')) as string[]).length;
    assert.deepEqual([await subscribed(primary), await subscribed(replica)], [1, 0]);
    await primary.command('REPLICAOF', '127.0.0.1', '1');
    await untilReady(isDegraded);
    address.lead(replica.port);
    await untilReady(isBack);
    assert.deepEqual([await subscribed(primary), await subscribed(replica)], [0, 1]);
    await join();
  });

  it('is unavailable while the database is read-only', async () => {
    await mariadb.run('SET GLOBAL read_only = 1');
    const { http, missing } = await untilReady(({ status }) => status === 'unavailable');
    assert.deepEqual([http, missing], [503, ['database']]);
    await mariadb.run('SET GLOBAL read_only = 0');
    await untilReady(isBack);
  });

  it('answers that it is unavailable while the database stands still, instead of waiting with it', async () => {
    standStill(mariadb.pid);
    try {
      await sleep(1100);
      const startMs = performance.now();
      const { http, missing } = await ready();
      assert.deepEqual([http, missing], [503, ['database']]);
      assert.ok(performance.now() - startMs < 8000);
    } finally {
      process.kill(mariadb.pid, 'SIGCONT');
    }
    await untilReady(isBack);
  });

  it('answers BUSY to every call while the database stands still, and goes on by itself', async () => {
    const token = await login([node], 1);
    const call = async (path: string, body?: object) => {
      const answer = await fetch(`${node.origin}/api/v3${path}`, {
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          ...(path === '/points/consume' ? { 'idempotency-key': randomUUID() } : {}),
        },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
      const { code } = (await answer.json()) as { code: string };
      return [answer.status, code, answer.headers.get('retry-after') !== null];
    };
    const draw = { campaign_id: 1, request_id: randomUUID() };
    standStill(mariadb.pid);
    try {
      const answers = await Promise.all([
        call('/lottery/draw', draw),
        call('/points/consume', { amount: 1, reason: 'test' }),
        call('/points/account'),
        call('/lottery/campaigns'),
        call('/auth/login', { mobile: '13900000004', code: '123456' }),
        call('/auth/me'),
      ]);
      for (const answer of answers) assert.deepEqual(answer, [503, 'BUSY', true]);
    } finally {
      process.kill(mariadb.pid, 'SIGCONT');
    }
    await untilReady(isBack);
    // The first one may have been committed after all: the same request is the same draw.
    const [status, code] = await call('/lottery/draw', draw);
    assert.deepEqual([status, code], [200, 'OK']);
  });
});
