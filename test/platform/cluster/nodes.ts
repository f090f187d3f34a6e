import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDataSources } from '../../../src/platform/database/dataSource.ts';
import { Database } from '../../../src/platform/database/transaction.ts';
import { startMariadb, startRedis, type MariadbServer, type RedisServer } from '../../support/services.ts';
import { fillMigrated, migratedStatements } from '../../support/template.ts';
import { runCommand, startServerProcess, type ServerProcess } from './serverProcess.ts';

/** Processes of the product on one MariaDB and one Redis, all of them real and this suite's own. */
export interface Nodes {
  mariadb: MariadbServer;
  redis: RedisServer;
  database: Database;
  nodes: ServerProcess[];
  /** Another process in place of one that has ended. */
  replace(node: ServerProcess): Promise<ServerProcess>;
  /** The node that has a campaign's room, as the listings tell. */
  ownerOf(campaignId: number): Promise<ServerProcess>;
  ownerEpoch(campaignId: number): Promise<number>;
  close(): Promise<void>;
}

export interface NodesOptions {
  count?: number;
  /** Whether the first node seeds a migrated database alone, or all of them find it empty. */
  order?: 'first alone' | 'at once';
  /** Of each node, or of the one at a place: what takes a place has the environment of what was there. */
  environment?: Record<string, string> | ((at: number) => Record<string, string>);
  /** What is started as a node, by default the product. */
  main?: string;
  /** What the nodes reach the database through: given its port, the port that they connect to. */
  between?: (databasePort: number) => Promise<number>;
}

export async function startNodes(options: NodesOptions = {}): Promise<Nodes> {
  const { count = 3, order = 'first alone', environment, between, main } = options;
  const mariadb = await startMariadb();
  const redis = await startRedis();
  const url = mariadb.url(await mariadb.createDatabase());
  if (order === 'first alone')
    await fillMigrated(url, await migratedStatements(() => Promise.resolve(mariadb)));
  const nodesUrl = new URL(url);
  if (between !== undefined) nodesUrl.port = String(await between(Number(nodesUrl.port)));
  const start = (at: number) => {
    const own = typeof environment === 'function' ? environment(at) : environment;
    return startServerProcess(nodesUrl.href, { REDIS_URL: redis.url, ...own }, main);
  };
  const nodes = order === 'at once' ? [] : [await start(0)];
  const first = nodes.length;
  nodes.push(...(await Promise.all(Array.from({ length: count - first }, (_, at) => start(first + at)))));
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 4 }));
  const ownerEpoch = async (campaignId: number) => {
    const [row] = await database.read<{ owner_epoch: number }>(
      'SELECT owner_epoch FROM lottery_campaigns WHERE campaign_id = ?',
      [campaignId],
    );
    return row!.owner_epoch;
  };
  return {
    mariadb,
    redis,
    database,
    nodes,
    ownerEpoch,
    replace: async (node) => {
      const at = nodes.indexOf(node);
      const next = await start(at);
      nodes.splice(at, 1, next);
      return next;
    },
    ownerOf: async (campaignId) => {
      const listing = await redis.command('HGET', 'roomcaches', `campaign-${campaignId}`);
      const { publicAddress } = JSON.parse(String(listing)) as { publicAddress: string };
      const owner = nodes.find((node) => node.origin.endsWith(publicAddress));
      assert.ok(owner, `no node has ${publicAddress}`);
      return owner;
    },
    close: async () => {
      await database.close();
      await Promise.all(nodes.map((node) => node.end('SIGKILL')));
      await redis.stop();
      await mariadb.stop();
    },
  };
}

/** The audit of the books and the replay of a campaign's log must both be clean. */
export async function assertClean({ mariadb, database, nodes }: Nodes, campaignId: number): Promise<void> {
  const [row] = await database.read<{ name: string }>('SELECT DATABASE() AS name');
  const audit = await runCommand('src/cli/audit.ts', [], { DATABASE_URL: mariadb.url(row!.name) });
  assert.equal(audit.code, 0, audit.output);
  for (const { origin } of nodes) {
    const verify = await runCommand(
      'src/cli/verify.ts',
      ['--campaign', String(campaignId), '--url', origin],
      {},
    );
    // 2: nobody answers there, as after the node was killed.
    if (verify.code === 2) continue;
    assert.equal(verify.code, 0, verify.output);
    return;
  }
  assert.fail('no node published the log');
}

interface Acknowledged {
  requestId: string;
  token: string;
  drawIds: number[];
}

export interface Load {
  /** Ends the load when every request under way is answered, and returns what was acknowledged. */
  finish(): Promise<{ acknowledged: Acknowledged[]; latenciesMs: number[]; retries: number }>;
}

/** Diners who draw over REST at any node, one request at a time, and send an unanswered one again with the same id. */
export async function startLoad({ nodes }: Nodes, campaignId: number, diners: number): Promise<Load> {
  const acknowledged: Acknowledged[] = [];
  const latenciesMs: number[] = [];
  let retries = 0;
  let isOver = false;
  const draw = async (diner: number, token: string) => {
    for (let count = 0; !isOver; count++) {
      const requestId = `load-${campaignId}-${diner}-${Date.now()}-${count}`;
      const startMs = performance.now();
      for (let attempt = 0; ; attempt++) {
        assert.ok(attempt < 1000, `${requestId} was never answered`);
        const node = nodes[(diner + count + attempt) % nodes.length]!;
        const reply = await post(
          node,
          '/lottery/draw',
          { campaign_id: campaignId, request_id: requestId },
          token,
        );
        if (reply.code === 'OK') {
          const { draws } = reply.data as { draws: { draw_id: number }[] };
          acknowledged.push({ requestId, token, drawIds: draws.map((one) => one.draw_id) });
          break;
        }
        assert.ok(['BUSY', 'MOVED', 'no answer'].includes(reply.code), `${requestId}: ${reply.code}`);
        retries += 1;
        await sleep(20);
      }
      latenciesMs.push(performance.now() - startMs);
      await sleep(25);
    }
  };
  const tokens: string[] = [];
  for (let diner = 1; diner <= diners; diner++) tokens.push(await login(nodes, diner));
  const running = Promise.all(tokens.map((token, diner) => draw(diner, token)));
  return {
    finish: async () => {
      isOver = true;
      await running;
      return { acknowledged, latenciesMs: latenciesMs.sort((a, b) => a - b), retries };
    },
  };
}

/** Every acknowledged request, asked again, has its stored result; and no draw answers two of them. */
export async function assertExactlyOnce(
  { nodes }: Nodes,
  campaignId: number,
  acknowledged: readonly Acknowledged[],
): Promise<void> {
  const all = acknowledged.flatMap(({ drawIds }) => drawIds);
  assert.equal(new Set(all).size, all.length);
  for (const { requestId, token, drawIds } of acknowledged) {
    const body = { campaign_id: campaignId, request_id: requestId };
    const { data } = await postAnywhere(nodes, '/lottery/draw', body, token);
    const again = data as { replayed: boolean; draws: { draw_id: number }[] };
    assert.deepEqual([again.replayed, again.draws.map((one) => one.draw_id)], [true, drawIds]);
  }
}

/** The demo's diners 1 to 20. */
export async function login(nodes: readonly ServerProcess[], diner: number): Promise<string> {
  return loginAs(nodes, `139000000${String(diner).padStart(2, '0')}`);
}

export async function loginAs(nodes: readonly ServerProcess[], mobile: string): Promise<string> {
  const { data } = await postAnywhere(nodes, '/auth/login', { mobile, code: '123456' });
  return (data as { access_token: string }).access_token;
}

interface Reply {
  code: string;
  data: unknown;
}

/** As a load balancer would: the first node that answers. */
async function postAnywhere(
  nodes: readonly ServerProcess[],
  path: string,
  body: object,
  token?: string,
): Promise<Reply> {
  for (const node of nodes) {
    const reply = await post(node, path, body, token);
    if (reply.code !== 'no answer') return reply;
  }
  assert.fail(`no node answered ${path}`);
}

export async function post(node: ServerProcess, path: string, body: object, token?: string): Promise<Reply> {
  try {
    const response = await fetch(`${node.origin}/api/v3${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(8000),
    });
    return (await response.json()) as Reply;
  } catch {
    // A node that is dead or dying; the caller asks another one.
    return { code: 'no answer', data: undefined };
  }
}
