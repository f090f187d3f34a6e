/*
 * What a run must not leave behind. The nodes, the database and Redis are looked at before anybody has come and once everybody has gone:
 * rooms, connections, timers, listeners, keys and rows that somebody still waits for. Whatever may be kept for a while is waited for.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { NODES, type ChaosCluster, type Node } from './cluster.ts';
import { readMetrics, takeCensus } from './nodeFigures.ts';

const SETTLE_LIMIT_MS = 150_000;
const LOOK_MS = 2000;
/** A node is made to look for what it can collect so often. */
const CENSUSES = 3;
const KEYS_AT_ONCE = 1000;
const LISTINGS = 'roomcaches';

/** By what is counted. */
type Counts = Map<string, number>;

export interface Remainder {
  what: string;
  before: number;
  after: number;
  /** By how much it may be more. */
  allowed: number;
}

/** What the first look does not have yet, and a node keeps from its first work on. */
const ALLOWED_OF_NODE: Record<string, number> = {
  // Connections of its pool to the database, with what each of them waits for.
  connections: 16,
  timers: 12,
  listeners: 200,
};
/** Channels that a node listens to from the first call of another one on, or from the first person on, for good. */
const ALLOWED_CHANNELS: Record<string, number> = {
  'Redis: channel ipc:#': NODES,
  // Of a room that closed while a connection was made anew: the Redis client listens for it again, and nobody hears it.
  'Redis: channel $#': NODES,
  'Redis: channel notified': 1,
  'Redis: channel synced': 1,
};

export class Remains {
  static async before(cluster: ChaosCluster): Promise<Remains> {
    return new Remains(cluster, await look(cluster), await countAll(cluster));
  }

  private constructor(
    private readonly cluster: ChaosCluster,
    private readonly before: Counts,
    private readonly alive: Counts,
  ) {}

  /** Waits until nothing is left, or for as long as anything may be. */
  async after(): Promise<Remainder[]> {
    const deadlineMs = performance.now() + SETTLE_LIMIT_MS;
    let left = compare(this.before, await look(this.cluster));
    while (left.some(isTooMuch) && performance.now() < deadlineMs) {
      await sleep(LOOK_MS);
      left = compare(this.before, await look(this.cluster));
    }
    let alive = compare(this.alive, await countAll(this.cluster));
    for (let count = 1; alive.some(isTooMuch) && count < CENSUSES; count++) {
      await sleep(5 * LOOK_MS);
      alive = compare(this.alive, await countAll(this.cluster));
    }
    return [...left, ...alive];
  }
}

export function isTooMuch({ before, after, allowed }: Remainder): boolean {
  return after > before + allowed;
}

function compare(before: Counts, after: Counts): Remainder[] {
  return [...after].map(([what, count]) => ({
    what,
    before: before.get(what) ?? 0,
    after: count,
    allowed: ALLOWED_CHANNELS[what] ?? ALLOWED_OF_NODE[what.split(': ')[1] ?? ''] ?? 0,
  }));
}

async function look(cluster: ChaosCluster): Promise<Counts> {
  const [nodes, rows, keys] = await Promise.all([
    lookAtNodes(cluster),
    lookAtRows(cluster),
    lookAtRedis(cluster),
  ]);
  return new Map([...nodes, ...rows, ...keys]);
}

/** Rooms are of the cluster: whose they are changes as nodes end. */
async function lookAtNodes({ nodes }: ChaosCluster): Promise<Counts> {
  const counts: Counts = new Map();
  let rooms = 0;
  for (const node of nodes) {
    const figures = await readMetrics(node);
    const of = (name: string) => figures.get(name) ?? NaN;
    rooms += of('kaijiang_rooms');
    for (const name of ['clients', 'seats', 'queued_requests', 'waiting_transactions'])
      counts.set(`${node.name}: ${name.replace('_', ' ')}`, of(`kaijiang_${name}`));
  }
  return counts.set('rooms of all nodes', rooms);
}

/** What waits for somebody, who is either away by now or was not to wait. */
const WAITING: Record<string, string> = {
  'events that were not relayed': "SELECT COUNT(*) AS count FROM business_events WHERE status <> 'completed'",
  'points held': "SELECT COUNT(*) AS count FROM points_holds WHERE status = 'held'",
  'frozen points without a hold': `SELECT COUNT(*) AS count FROM user_points_accounts a WHERE a.frozen_points <>
     (SELECT COALESCE(SUM(h.held), 0) FROM points_holds h WHERE h.user_id = a.user_id)`,
  'transfers in review': "SELECT COUNT(*) AS count FROM points_transfers WHERE status = 'review'",
  'open transactions': `SELECT COUNT(*) AS count FROM information_schema.innodb_trx
     WHERE TIMESTAMPDIFF(SECOND, trx_started, NOW()) > 5`,
  tables: 'SELECT COUNT(*) AS count FROM information_schema.tables WHERE table_schema = DATABASE()',
};

async function lookAtRows(cluster: ChaosCluster): Promise<Counts> {
  const counts: Counts = new Map();
  for (const [what, sql] of Object.entries(WAITING)) {
    const [row] = await cluster.administer<{ count: number | string }>(sql);
    counts.set(`rows: ${what}`, Number(row!.count));
  }
  return counts;
}

/** Keys that last, by name without what varies in it, each with how much is in it; and those who listen. */
async function lookAtRedis({ redis }: ChaosCluster): Promise<Counts> {
  const client = new Redis(redis.port, '127.0.0.1');
  try {
    const counts: Counts = new Map();
    const add = (what: string, count: number) => counts.set(what, (counts.get(what) ?? 0) + count);
    for (let cursor = '0', isFirst = true; isFirst || cursor !== '0'; isFirst = false) {
      const [next, keys] = await client.scan(cursor, 'COUNT', KEYS_AT_ONCE);
      cursor = next;
      for (const key of keys) {
        if (key === LISTINGS)
          for (const room of await client.hkeys(key)) add(`Redis: listed room ${room}`, 1);
        const [type, lifetimeMs] = [await client.type(key), await client.pttl(key)];
        if (lifetimeMs === -1) add(`Redis: in ${nameOf(key)} (${type})`, await sizeOf(client, key, type));
      }
    }
    const channels = (await client.pubsub('CHANNELS')) as string[];
    for (const channel of channels) add(`Redis: channel ${nameOf(channel)}`, 1);
    return counts;
  } finally {
    client.disconnect();
  }
}

async function sizeOf(client: Redis, key: string, type: string): Promise<number> {
  if (type === 'hash') return client.hlen(key);
  if (type === 'set') return client.scard(key);
  if (type === 'zset') return client.zcard(key);
  if (type === 'list') return client.llen(key);
  if (type === 'stream') return client.xlen(key);
  return 1;
}

/** What has an identity that is new with each process, room or call, and one in five of those has no digit. */
const OF_ONE = /^(p:|ipc:|\$)[A-Za-z0-9_-]+$/;

/** A key's or channel's name without what varies in it. */
export function nameOf(key: string): string {
  return key.replace(OF_ONE, '$1#').replace(/[A-Za-z0-9_-]*\d[A-Za-z0-9_-]*/g, '#');
}

async function countAll({ nodes }: ChaosCluster): Promise<Counts> {
  const counts: Counts = new Map();
  for (const node of nodes) for (const [what, count] of await countIn(node)) counts.set(what, count);
  return counts;
}

async function countIn(node: Node): Promise<Counts> {
  const { timers, listeners, resources } = await takeCensus(node);
  const connections = resources['TCPSocketWrap'] ?? 0;
  const known = { timers, listeners, connections };
  return new Map(Object.entries(known).map(([what, count]) => [`${node.name}: ${what}`, count]));
}
