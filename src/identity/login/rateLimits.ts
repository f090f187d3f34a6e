import { createHmac } from 'node:crypto';
import type { Redis } from 'ioredis';
import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import type { IdentityConfig } from '../settings.ts';
import { AppError } from '../../platform/errors.ts';
import { networkOf } from '../../platform/network.ts';

/** Who asks for a code or a login, as far as they say themselves. */
export interface Asker {
  ip: string;
  mobile: string;
  deviceId: string | null;
}

/** Whether a number's user has logged in from the device; asked of the database, and only once a number's share is used up. */
export type IsKnownDevice = (asker: Pick<Asker, 'mobile' | 'deviceId'>) => Promise<boolean>;

/**
 * How often one network, one number and one device may ask. A call counts one for each, in this order and up to the
 * first that has had its share: a network that is refused takes nothing from a number any more. It rejects with RATE_LIMITED.
 */
export interface AuthRateLimits {
  countCode(asker: Asker, isKnownDevice?: IsKnownDevice): Promise<void>;
  countLogin(asker: Asker, isKnownDevice?: IsKnownDevice): Promise<void>;
  countRefresh(ip: string): Promise<void>;
  /** A call about all that is held on a user: to take a copy of it, to have it removed. */
  countPersonal(userId: number): Promise<void>;
}

type Settings = Pick<
  IdentityConfig,
  | 'jwtSecret'
  | 'codesPerIpPerHour'
  | 'codesPerNumberPerHour'
  | 'codesPerDevicePerHour'
  | 'loginsPerIpPerMinute'
  | 'loginsPerNumberPerHour'
  | 'loginsPerDevicePerHour'
>;

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3600;
const PERSONAL_PER_HOUR = 10;

/** With Redis the counts are shared by all nodes; while it is away each node counts for itself. */
export function createAuthRateLimits(settings: Settings, redis: Redis | undefined): AuthRateLimits {
  const of = (keyPrefix: string, points: number, durationSeconds: number) =>
    limiter({ keyPrefix: `limit:${keyPrefix}`, points, duration: durationSeconds }, redis);
  const codes: Limiters = {
    network: of('code:ip', settings.codesPerIpPerHour, HOUR_SECONDS),
    number: of('code:number', settings.codesPerNumberPerHour, HOUR_SECONDS),
    device: of('code:device', settings.codesPerDevicePerHour, HOUR_SECONDS),
  };
  const logins: Limiters = {
    network: of('login:ip', settings.loginsPerIpPerMinute, MINUTE_SECONDS),
    number: of('login:number', settings.loginsPerNumberPerHour, HOUR_SECONDS),
    device: of('login:device', settings.loginsPerDevicePerHour, HOUR_SECONDS),
  };
  // As often as logins, but apart from them: whoever tries tokens must not keep an address from logging in.
  const refreshes = of('refresh:ip', settings.loginsPerIpPerMinute, MINUTE_SECONDS);
  const personal = of('personal:user', PERSONAL_PER_HOUR, HOUR_SECONDS);
  return {
    countCode: (asker, isKnownDevice) => countAll(codes, { ...asker, isKnownDevice }, settings.jwtSecret),
    countLogin: (asker, isKnownDevice) => countAll(logins, { ...asker, isKnownDevice }, settings.jwtSecret),
    countRefresh: (ip) => count(refreshes, networkOf(ip)),
    countPersonal: (userId) => count(personal, String(userId)),
  };
}

interface Limiters {
  network: RateLimiterAbstract;
  number: RateLimiterAbstract;
  device: RateLimiterAbstract;
}

interface KnownAsker extends Asker {
  isKnownDevice: IsKnownDevice | undefined;
}

/** Strangers may use up what a number has; a device that its user is known by has its own share. */
async function countAll(limiters: Limiters, asker: KnownAsker, secret: string): Promise<void> {
  const { ip, mobile, deviceId, isKnownDevice } = asker;
  await count(limiters.network, networkOf(ip));
  try {
    await count(limiters.number, keyOf(secret, `mobile:${mobile}`));
  } catch (refusal) {
    if (deviceId === null || (await isKnownDevice?.(asker)) !== true) throw refusal;
  }
  if (deviceId !== null) await count(limiters.device, keyOf(secret, `device:${deviceId}`));
}

/** Redis is no place for numbers in clear, and eleven digits without a key would be found by trying all of them. */
function keyOf(secret: string, text: string): string {
  return createHmac('sha256', secret).update(`limit:${text}`).digest('base64url');
}

export interface Window {
  keyPrefix: string;
  points: number;
  /** Seconds. */
  duration: number;
}

export function limiter(window: Window, redis: Redis | undefined): RateLimiterAbstract {
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

async function count(limiter: RateLimiterAbstract, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (rejected) {
    if (!(rejected instanceof RateLimiterRes)) throw rejected;
    throw new AppError('RATE_LIMITED', {
      retryAfterSeconds: Math.max(1, Math.ceil(rejected.msBeforeNext / 1000)),
    });
  }
}
