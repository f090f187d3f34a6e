import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const DATA_DIRECTORY = './data';
/** A name that starts like one of ours and is none of ours is a typing mistake worth stopping for. */
const OUR_PREFIXES = /^(AUTH|DATABASE|DRAW|JWT|SEED|BUSINESS|SNAPSHOT|CAMPAIGN|LOTTERY|PUBLIC)_/;

const flag = z
  .enum(['true', 'false', '1', '0', 'on', 'off'])
  .transform((text) => ['true', '1', 'on'].includes(text));
const whole = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum));
const databaseUrl = z
  .string()
  .regex(
    /^(sqlite:.+|mysql:\/\/[^/]+\/[^/?]+)$/,
    'must be sqlite:FILE or mysql://user:pass@host:port/database',
  );
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

/** The settings, by the names they have in the environment. */
const SETTINGS = z.strictObject({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  PORT: whole(0, 65_535).default(2567),
  HOST: z.string().min(1).default('127.0.0.1'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  DATABASE_URL: databaseUrl.default(`sqlite:${DATA_DIRECTORY}/kaijiang.db`),
  DATABASE_REPLICA_URLS: list.pipe(z.array(databaseUrl).max(8)).default([]),
  DATABASE_POOL_SIZE: whole(2, 200).default(10),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/.+/, 'must be redis://host:port')
    .optional(),
  PUBLIC_ADDRESS: z
    .string()
    .regex(/^[^\s/]+(:\d+)?(\/\S*)?$/, 'must be host:port')
    .optional(),
  TRUSTED_PROXIES: list
    .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).max(50))
    .default([]),
  CORS_ORIGINS: list.pipe(z.array(z.url()).max(50)).default([]),
  JWT_SECRET: z.string().min(32, 'must have at least 32 bytes').optional(),
  SEED_ENCRYPTION_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')
    .optional(),
  AUTH_DEV_CODE: z
    .string()
    .regex(/^(\d{6})?$/, 'must be 6 digits')
    .optional(),
  AUTH_ACCESS_TOKEN_SECONDS: whole(60, 86_400).default(7200),
  AUTH_REFRESH_TOKEN_SECONDS: whole(3600, 90 * 86_400).default(7 * 86_400),
  AUTH_CODES_PER_IP_PER_HOUR: whole(1, 1_000_000).default(30),
  AUTH_LOGINS_PER_IP_PER_MINUTE: whole(1, 1_000_000).default(60),
  CAMPAIGN_CLIENT_LIMIT: whole(1, 100_000).default(2000),
  DRAW_RATE_PER_SECOND: whole(1, 1_000_000).default(20),
  SEED_DEMO: flag.optional(),
  BUSINESS_TIMEZONE: z.string().refine(isTimezone, 'must be an IANA time zone').default('Asia/Shanghai'),
  SNAPSHOT_INTERVAL_MS: whole(100, 3_600_000).default(5000),
});

type Settings = z.infer<typeof SETTINGS>;

export interface Config {
  production: boolean;
  port: number;
  host: string;
  logLevel: Settings['LOG_LEVEL'];
  databaseUrl: string;
  databaseReplicaUrls: string[];
  databasePoolSize: number;
  redisUrl: string | undefined;
  publicAddress: string | undefined;
  /** Addresses and CIDR ranges whose X-Forwarded-For is believed; nobody else's is. */
  trustedProxies: string[];
  corsOrigins: string[];
  jwtSecret: string;
  /** 32 bytes that encrypt the fairness seeds at rest. */
  seedKey: Buffer;
  /** The universal login code, or undefined where there is none. */
  devCode: string | undefined;
  accessTokenSeconds: number;
  refreshTokenSeconds: number;
  codesPerIpPerHour: number;
  loginsPerIpPerMinute: number;
  /** Clients of one campaign room; further ones are seated in audience rooms. */
  campaignClientLimit: number;
  drawRatePerSecond: number;
  /** undefined: seed when the database is new and this is not production. */
  seedDemo: boolean | undefined;
  businessTimezone: string;
  snapshotIntervalMs: number;
}

/** A setting that is missing, unknown or malformed. The message is one line and names it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the settings from the environment.
 * @throws {ConfigError} for an unknown setting of ours, a malformed value, or a secret missing in production.
 */
export function loadConfig(environment: NodeJS.ProcessEnv): Config {
  const settings = parseSettings(environment);
  const production = settings.NODE_ENV === 'production';
  if (production && settings.AUTH_DEV_CODE) {
    throw new ConfigError('AUTH_DEV_CODE must not be set in production');
  }
  return {
    production,
    port: settings.PORT,
    host: settings.HOST,
    logLevel: settings.LOG_LEVEL,
    databaseUrl: settings.DATABASE_URL,
    databaseReplicaUrls: settings.DATABASE_REPLICA_URLS,
    databasePoolSize: settings.DATABASE_POOL_SIZE,
    redisUrl: settings.REDIS_URL,
    publicAddress: settings.PUBLIC_ADDRESS,
    trustedProxies: settings.TRUSTED_PROXIES,
    corsOrigins: settings.CORS_ORIGINS,
    jwtSecret: settings.JWT_SECRET ?? keptSecret('JWT_SECRET', 'jwt-secret', production),
    seedKey: Buffer.from(
      settings.SEED_ENCRYPTION_KEY ?? keptSecret('SEED_ENCRYPTION_KEY', 'seed-key', production),
      'hex',
    ),
    devCode: (settings.AUTH_DEV_CODE ?? (production ? '' : '123456')) || undefined,
    accessTokenSeconds: settings.AUTH_ACCESS_TOKEN_SECONDS,
    refreshTokenSeconds: settings.AUTH_REFRESH_TOKEN_SECONDS,
    codesPerIpPerHour: settings.AUTH_CODES_PER_IP_PER_HOUR,
    loginsPerIpPerMinute: settings.AUTH_LOGINS_PER_IP_PER_MINUTE,
    campaignClientLimit: settings.CAMPAIGN_CLIENT_LIMIT,
    drawRatePerSecond: settings.DRAW_RATE_PER_SECOND,
    seedDemo: settings.SEED_DEMO,
    businessTimezone: settings.BUSINESS_TIMEZONE,
    snapshotIntervalMs: settings.SNAPSHOT_INTERVAL_MS,
  };
}

function parseSettings(environment: NodeJS.ProcessEnv): Settings {
  const known = new Set(Object.keys(SETTINGS.shape));
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || (value === '' && name !== 'AUTH_DEV_CODE')) continue;
    if (known.has(name)) given[name] = value;
    else if (OUR_PREFIXES.test(name)) throw new ConfigError(`${name} is not a setting of this version`);
  }
  const parsed = SETTINGS.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ConfigError(`${issue?.path.join('.') ?? 'settings'}: ${issue?.message ?? 'malformed'}`);
}

/** Outside production a secret that was not given is made once and kept in the data folder, so a restart keeps logins. */
function keptSecret(setting: string, fileName: string, production: boolean): string {
  if (production) throw new ConfigError(`${setting} is required in production`);
  const path = join(DATA_DIRECTORY, fileName);
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  mkdirSync(DATA_DIRECTORY, { recursive: true });
  const secret = randomBytes(32).toString('hex');
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  return secret;
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
