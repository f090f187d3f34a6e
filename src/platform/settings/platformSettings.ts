import { z } from 'zod';
import { faultOfDatabaseUrl } from '../database/databaseUrl.ts';
import { ConfigError } from './configError.ts';
import { hostShape, list, whole } from './settingShapes.ts';
import { inCode, settingsGroup, type ConfigOf, type ValuesOf } from './settingsGroup.ts';
import { originShape, publicAddressShape, redisUrlShape } from './urlShapes.ts';
import { weaknessOfDatabaseUrl } from './weakSecrets.ts';

/** In production; elsewhere a node ends at once, and refuses nothing for its load: the machine is everybody's. */
const PRODUCTION = { drainWaitMs: 15_000, drainSpreadMs: 8000, loopLimitMs: 100 };
const ELSEWHERE = { drainWaitMs: 0, drainSpreadMs: 0, loopLimitMs: 0 };

const ANY_ADDRESS = /^(0\.0\.0\.0|::)$/;
const LOOPBACK = /^(127\.|::1$|localhost$)/;

const databaseUrl = z.string().superRefine((url, context) => {
  const fault = faultOfDatabaseUrl(url);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

const SETTINGS = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  PORT: whole(0, 65_535).default(2567),
  HOST: hostShape.default('127.0.0.1'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  DATABASE_URL: databaseUrl.default('sqlite:./data/kaijiang.db'),
  DATABASE_REPLICA_URLS: list.pipe(z.array(databaseUrl).max(8)).default([]),
  /** Of a replica that is read from. */
  DATABASE_REPLICA_LAG_MS: whole(1000, 600_000).default(5000),
  DATABASE_POOL_SIZE: whole(2, 200).default(10),
  /** Nothing that is younger is forgotten or packed, whatever else says that it may be. */
  LEGAL_HOLD_DAYS: whole(0, 36_500).default(0),
  REDIS_URL: redisUrlShape.optional(),
  PUBLIC_ADDRESS: publicAddressShape.optional(),
  /** Addresses and CIDR ranges whose X-Forwarded-For is believed; nobody else's is. */
  TRUSTED_PROXIES: list
    .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).max(50))
    .default([]),
  CORS_ORIGINS: list.pipe(z.array(originShape).max(50)).default([]),
  /** What one user, or one network that is not logged in, may ask of one node, weighed by what it costs. */
  REQUESTS_PER_MINUTE: whole(1, 100_000_000).default(15_000),
  /** Seats that one user may ask of one node. */
  JOINS_PER_MINUTE: whole(1, 1_000_000).default(60),
  /** Open connections of one network to one node; trusted proxies have as many as they like. */
  CONNECTIONS_PER_ADDRESS: whole(1, 1_000_000).default(2000),
  /** How late the event loop may be (99 of 100 looks) before a part of what is asked is refused; 0: nothing ever is. */
  LOOP_LIMIT_MS: whole(0, 60_000).optional(),
  /** How long a node that is told to end goes on as if nothing were, but that it is not ready. */
  DRAIN_WAIT_MS: whole(0, 600_000).optional(),
  /** Over what time its guests are then sent to other nodes. */
  DRAIN_SPREAD_MS: whole(0, 600_000).optional(),
};

export const platformSettings = settingsGroup({
  prefixes: ['DATABASE', 'PUBLIC', 'DRAIN', 'LEGAL'],
  settings: SETTINGS,
  refuseUnsafe({ DATABASE_URL, DATABASE_REPLICA_URLS }) {
    for (const [name, urls] of Object.entries({ DATABASE_URL: [DATABASE_URL], DATABASE_REPLICA_URLS })) {
      const weakness = urls.map(weaknessOfDatabaseUrl).find((found) => found !== undefined);
      if (weakness !== undefined) throw new ConfigError(`${name} ${weakness}`);
    }
  },
  read({ NODE_ENV: _, ...values }, production) {
    const publicAddress = values.PUBLIC_ADDRESS ?? ownAddress(values, production);
    const usual = production ? PRODUCTION : ELSEWHERE;
    const {
      DRAIN_WAIT_MS: drainWaitMs = usual.drainWaitMs,
      DRAIN_SPREAD_MS: drainSpreadMs = usual.drainSpreadMs,
      LOOP_LIMIT_MS: loopLimitMs = usual.loopLimitMs,
    } = values;
    return { ...inCode(values), production, publicAddress, drainWaitMs, drainSpreadMs, loopLimitMs };
  },
});

export type PlatformConfig = ConfigOf<typeof platformSettings>;

/**
 * Where clients reach one of several nodes that was not told: where it listens, if others can connect there. A loopback address
 * is for the nodes of a developer's machine; in production it is that of a proxy's neighbour.
 */
function ownAddress(
  { REDIS_URL, HOST, PORT }: Omit<ValuesOf<typeof SETTINGS>, 'NODE_ENV'>,
  production: boolean,
): string | undefined {
  if (REDIS_URL === undefined || PORT === 0 || ANY_ADDRESS.test(HOST)) return undefined;
  if (production && LOOPBACK.test(HOST)) return undefined;
  return `${HOST.includes(':') ? `[${HOST}]` : HOST}:${PORT}`;
}
