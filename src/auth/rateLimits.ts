import type { Redis } from 'ioredis';
import { isIPv6 } from 'node:net';
import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';

/** How often one address may ask. Each call counts one, or rejects with RATE_LIMITED. */
export interface AuthRateLimits {
  countCode(ip: string): Promise<void>;
  countLogin(ip: string): Promise<void>;
}

/** With Redis the counts are shared by all nodes; while it is away each node counts for itself. */
export function createAuthRateLimits(
  config: Pick<Config, 'codesPerIpPerHour' | 'loginsPerIpPerMinute'>,
  redis: Redis | undefined,
): AuthRateLimits {
  const codes = limiter({ keyPrefix: 'limit:code', points: config.codesPerIpPerHour, duration: 3600 }, redis);
  const logins = limiter(
    { keyPrefix: 'limit:login', points: config.loginsPerIpPerMinute, duration: 60 },
    redis,
  );
  return {
    countCode: (ip) => count(codes, ip),
    countLogin: (ip) => count(logins, ip),
  };
}

interface Window {
  keyPrefix: string;
  points: number;
  /** Seconds. */
  duration: number;
}

function limiter(window: Window, redis: Redis | undefined): RateLimiterAbstract {
  const memory = new RateLimiterMemory(window);
  if (redis === undefined) return memory;
  // Without rejectIfRedisNotReady a call would wait for the connection to come back instead of counting in memory.
  return new RateLimiterRedis({
    ...window,
    storeClient: redis,
    insuranceLimiter: memory,
    rejectIfRedisNotReady: true,
  });
}

async function count(limiter: RateLimiterAbstract, ip: string): Promise<void> {
  try {
    await limiter.consume(networkOf(ip));
  } catch (rejected) {
    if (!(rejected instanceof RateLimiterRes)) throw rejected;
    throw new AppError('RATE_LIMITED', {
      retryAfterSeconds: Math.max(1, Math.ceil(rejected.msBeforeNext / 1000)),
    });
  }
}

/** One customer has a whole IPv6 /64, so its addresses count as one; a mapped IPv4 address counts as itself. */
export function networkOf(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [head = '', tail = ''] = ip.split('%')[0]!.split('::');
  const before = head.split(':').filter((group) => group !== '');
  const after = tail.split(':').filter((group) => group !== '');
  const zeros = ip.includes('::')
    ? Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
    : [];
  return [...before, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':');
}
