import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../logger.ts';
import { StartError, startErrorOf } from '../startError.ts';

/** What a start waits for an answer, and for a server that is loading its data. */
const START_LIMIT_MS = 3000;
/** While the address still leads to a server that takes no writes, connecting anew once in this time is enough. */
const RENEWAL_INTERVAL_MS = 1000;
const PROBE_LIFETIME_MS = 5000;

/*
 * The connections of this process to Redis.
 *
 * A server that answers READONLY has become a replica: a failover has made another one the primary, to which the address leads
 * from now on. The first connection that hears it has all of them connect anew; those that only subscribe would never hear it,
 * and nobody would find this process at the new primary.
 */
export class RedisClients {
  private readonly clients = new Set<Redis>();
  private renewedMs = -Infinity;

  private constructor(
    private readonly url: string,
    private readonly common: RedisOptions,
    private readonly logger: Logger,
  ) {}

  /** @throws StartError when no work could be done with this Redis now */
  static async connect(url: string, logger: Logger): Promise<RedisClients> {
    const { href, tls } = parseRedisUrl(url);
    const clients = new RedisClients(href, tls === undefined ? {} : { tls }, logger);
    await clients.checkStart();
    return clients;
  }

  open(options: RedisOptions): Redis {
    const client = new Redis(this.url, {
      ...this.common,
      ...options,
      reconnectOnError: (error) => (this.isRenewed(error) ? 2 : false),
    });
    return this.adopt(client);
  }

  /** Takes in a connection that was made by `duplicate()` of one of these. */
  adopt(client: Redis): Redis {
    client.on('error', (error: Error) => this.logger.warn({ err: error }, 'redis is not reachable'));
    client.once('end', () => this.clients.delete(client));
    this.clients.add(client);
    return client;
  }

  close(): void {
    for (const client of this.clients) client.disconnect();
  }

  /** Rejects unless Redis takes writes and all connections of this process are up. `client` does the writing. */
  async checkWritable(client: Redis, nodeId: string): Promise<void> {
    await client.set(`ready:${nodeId}`, '1', 'PX', PROBE_LIFETIME_MS);
    const away = [...this.clients].filter(({ status }) => status !== 'ready').length;
    if (away > 0) throw new Error(`${away} of ${this.clients.size} connections to Redis are not up`);
  }

  private isRenewed(error: Error): boolean {
    if (!error.message.includes('READONLY')) return false;
    const nowMs = performance.now();
    if (nowMs - this.renewedMs < RENEWAL_INTERVAL_MS) return false;
    this.renewedMs = nowMs;
    this.logger.warn('redis takes no writes: all connections are made anew, to find the new primary');
    for (const client of this.clients) if (client.status === 'ready') client.disconnect(true);
    return true;
  }

  /** An orchestrator starts this process again; until Redis is back it could neither find a room nor be found. */
  private async checkStart(): Promise<void> {
    const probe = { url: this.url, common: this.common };
    await askOnce(probe, (redis) => redis.set('ready:start', '1', 'PX', PROBE_LIFETIME_MS));
  }
}

/** Asks by a connection of its own, which is closed then. @throws StartError when there is no answer at once */
export async function askRedis<T>(url: string, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const { href, tls } = parseRedisUrl(url);
  return askOnce({ url: href, common: tls === undefined ? {} : { tls } }, ask);
}

async function askOnce<T>(
  { url, common }: { url: string; common: RedisOptions },
  ask: (redis: Redis) => Promise<T>,
): Promise<T> {
  const probe = new Redis(url, {
    ...common,
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  let fault: unknown;
  probe.on('error', (error: unknown) => (fault = error));
  const stop = new AbortController();
  try {
    const answer = await Promise.race([
      probe.connect().then(() => ask(probe)),
      sleep(START_LIMIT_MS, undefined, { signal: stop.signal }).then(() => {
        throw new StartError(`REDIS_URL: there is no answer within ${START_LIMIT_MS / 1000} s`);
      }),
    ]);
    // A number of a database that there is not is told of and then ignored.
    if (fault !== undefined) throw refusalOf(fault);
    return answer;
  } catch (error) {
    throw startErrorOf('REDIS_URL', fault) ?? startErrorOf('REDIS_URL', error) ?? refusalOf(fault ?? error);
  } finally {
    stop.abort();
    probe.disconnect();
  }
}

function refusalOf(error: unknown): StartError {
  const isReply = error instanceof Error && error.name === 'ReplyError';
  const said = isReply ? error.message.slice(0, 100) : 'whoever listens there does not answer as Redis does';
  return new StartError(`REDIS_URL: ${said}`, { cause: error });
}

interface ParsedRedisUrl {
  href: string;
  /** The authority that has signed the server's certificate; undefined: one that everybody trusts, or no TLS at all. */
  tls: { ca: Buffer } | undefined;
}

/** The file is ours to read; the rest of the URL is the client's to understand. */
function parseRedisUrl(text: string): ParsedRedisUrl {
  const url = new URL(text);
  const file = url.searchParams.get('ssl_ca');
  url.search = '';
  if (file === null) return { href: url.href, tls: undefined };
  return { href: url.href, tls: { ca: readCertificates(file) } };
}

/** What is no certificate would be passed over without a word, and then every server be refused. */
function readCertificates(file: string): Buffer {
  let ca: Buffer;
  try {
    ca = readFileSync(file);
  } catch (error) {
    throw startErrorOf(`REDIS_URL: ssl_ca ${file}`, error) ?? error;
  }
  try {
    new X509Certificate(ca);
  } catch (error) {
    throw new StartError(`REDIS_URL: ssl_ca ${file} holds no certificate`, { cause: error });
  }
  return ca;
}
