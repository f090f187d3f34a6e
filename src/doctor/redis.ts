/** The Redis by which nodes find each other. Nothing in it must last: what it loses is told again. */
import type { Redis } from 'ioredis';
import type { Clock } from '../platform/clock.ts';
import { askRedis } from '../platform/cluster/redisClients.ts';
import { StartError } from '../platform/startError.ts';
import { clockSkew } from './clocks.ts';
import type { Finding } from './finding.ts';
import { lookAtNodes } from './nodes.ts';

/** Of its memory, from which it is told. */
const FULL_SHARE = 0.8;

export async function lookAtRedis(url: string, clock: Clock): Promise<Finding[]> {
  try {
    return await askRedis(url, async (redis) => {
      const info = infoOf(await redis.info());
      const skew = await clockSkew('redis clock', clock, () => timeOf(redis));
      return [
        server(info),
        eviction(info),
        memory(info),
        persistence(info),
        skew,
        ...(await lookAtNodes(redis)),
      ];
    });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const remedy =
      'mend what REDIS_URL names, or what it says; without Redis each node serves its own rooms and none of the others';
    return [{ level: 'fail', name: 'redis', found: error.message, remedy }];
  }
}

type Info = ReadonlyMap<string, string>;

function infoOf(text: string): Info {
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const at = line.indexOf(':');
      return at <= 0 || line.startsWith('#') ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
}

async function timeOf(redis: Redis): Promise<number> {
  const [seconds, micros] = (await redis.time()) as unknown as [number | string, number | string];
  return Number(seconds) * 1000 + Number(micros) / 1000;
}

function server(info: Info): Finding {
  const name = 'redis';
  const found = `${info.get('redis_version')}, ${info.get('role')}`;
  if (info.get('role') !== 'slave') return { level: 'ok', name, found };
  const remedy = 'let REDIS_URL lead to the primary: a replica takes no writes';
  return { level: 'fail', name, found, remedy };
}

/** A key that is dropped is a room that is opened twice. */
function eviction(info: Info): Finding {
  const name = 'redis eviction';
  const policy = info.get('maxmemory_policy') ?? 'unknown';
  if (policy === 'noeviction') return { level: 'ok', name, found: policy };
  return {
    level: 'fail',
    name,
    found: `${policy}: rooms and nodes may be forgotten while they live`,
    remedy:
      'CONFIG SET maxmemory-policy noeviction, and the same in its configuration (or of the managed service)',
  };
}

function memory(info: Info): Finding {
  const name = 'redis memory';
  const [used, most] = ['used_memory', 'maxmemory'].map((key) => Number(info.get(key) ?? 0)) as [
    number,
    number,
  ];
  const mib = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  const found = `${mib(used)} of ${most === 0 ? 'what the machine has' : mib(most)}`;
  if (most === 0 || used < most * FULL_SHARE) return { level: 'ok', name, found };
  const remedy = 'raise maxmemory: a full one takes no writes, and no room can be opened';
  return { level: used >= most ? 'fail' : 'warn', name, found, remedy };
}

function persistence(info: Info): Finding {
  const name = 'redis persistence';
  if (info.get('rdb_last_bgsave_status') === 'err')
    return {
      level: 'fail',
      name,
      found: 'its last snapshot failed, after which it may take no writes',
      remedy: "CONFIG SET save '' (nothing in it must last), or free its disk",
    };
  const isOn = info.get('aof_enabled') === '1';
  return {
    level: 'ok',
    name,
    found: `${isOn ? 'appends to a file' : 'no append-only file'}; none is needed`,
  };
}
