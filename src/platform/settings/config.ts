import { z } from 'zod';
import { faultOfDatabaseUrl } from '../database/databaseUrl.ts';
import { keptSecret } from './keptSecret.ts';
import { nearestSetting } from './nearestSetting.ts';
import { isServiceVariable } from './serviceVariables.ts';
import { StartError } from '../startError.ts';
import { originShape, publicAddressShape, redisUrlShape } from './urlShapes.ts';
import { weaknessOf, weaknessOfDatabaseUrl } from './weakSecrets.ts';

/** A name that starts like one of ours and is none of ours is a typing mistake worth stopping for. */
const OUR_PREFIXES =
  /^(AUTH|DATABASE|DRAW|JWT|SEED|BUSINESS|SNAPSHOT|CAMPAIGN|LOTTERY|PUBLIC|SMS|ALIYUN|FIRST)_/;

const ANY_ADDRESS = /^(0\.0\.0\.0|::)$/;
const LOOPBACK = /^(127\.|::1$|localhost$)/;

const flag = z
  .enum(['true', 'false', '1', '0', 'on', 'off'])
  .transform((text) => ['true', '1', 'on'].includes(text));
const whole = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum));
const databaseUrl = z.string().superRefine((url, context) => {
  const fault = faultOfDatabaseUrl(url);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});
/** A mainland China number, with or without +86. */
const mobile = z
  .string()
  .regex(/^(?:\+86)?1[3-9]\d{9}$/, 'must be a mobile number')
  .transform((text) => text.slice(-11));
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
  // An IPv6 address may be written as URLs have it.
  HOST: z
    .string()
    .min(1)
    .transform((text) => text.replace(/^\[(.*)\]$/, '$1'))
    .default('127.0.0.1'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  DATABASE_URL: databaseUrl.default('sqlite:./data/kaijiang.db'),
  DATABASE_REPLICA_URLS: list.pipe(z.array(databaseUrl).max(8)).default([]),
  DATABASE_POOL_SIZE: whole(2, 200).default(10),
  REDIS_URL: redisUrlShape.optional(),
  PUBLIC_ADDRESS: publicAddressShape.optional(),
  TRUSTED_PROXIES: list
    .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).max(50))
    .default([]),
  CORS_ORIGINS: list.pipe(z.array(originShape).max(50)).default([]),
  JWT_SECRET: z
    .string()
    .refine((text) => Buffer.byteLength(text) >= 32, 'must have at least 32 bytes')
    .optional(),
  SEED_ENCRYPTION_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')
    .optional(),
  SMS_SENDER: z.enum(['console', 'aliyun']).optional(),
  ALIYUN_ACCESS_KEY_ID: z.string().max(128).optional(),
  ALIYUN_ACCESS_KEY_SECRET: z.string().max(128).optional(),
  ALIYUN_SMS_SIGN_NAME: z.string().max(64).optional(),
  ALIYUN_SMS_TEMPLATE_CODE: z.string().max(64).optional(),
  ALIYUN_SMS_ENDPOINT: z
    .string()
    .regex(/^(?:[\w.-]+|\[::1\])(?::\d{1,5})?$/, 'must be a host, without https://')
    .default('dysmsapi.aliyuncs.com'),
  FIRST_ADMIN_MOBILE: mobile.optional(),
  AUTH_DEV_CODE: z
    .string()
    .regex(/^(\d{6})?$/, 'must be 6 digits')
    .optional(),
  AUTH_ACCESS_TOKEN_SECONDS: whole(60, 86_400).default(7200),
  AUTH_REFRESH_TOKEN_SECONDS: whole(3600, 90 * 86_400).default(7 * 86_400),
  AUTH_CODES_PER_IP_PER_HOUR: whole(1, 1_000_000).default(30),
  AUTH_CODES_PER_NUMBER_PER_HOUR: whole(1, 1_000_000).default(30),
  AUTH_CODES_PER_DEVICE_PER_HOUR: whole(1, 1_000_000).default(30),
  AUTH_CODES_PER_HOUR: whole(1, 100_000_000).default(2000),
  AUTH_LOGINS_PER_IP_PER_MINUTE: whole(1, 1_000_000).default(300),
  AUTH_LOGINS_PER_NUMBER_PER_HOUR: whole(1, 1_000_000).default(600),
  AUTH_LOGINS_PER_DEVICE_PER_HOUR: whole(1, 1_000_000).default(600),
  AUTH_FAILURES_BEFORE_LOCK: whole(1, 1000).default(10),
  AUTH_LOCK_SECONDS: whole(1, 86_400).default(900),
  AUTH_ACCOUNTS_PER_DEVICE: whole(1, 10_000).default(5),
  REQUESTS_PER_MINUTE: whole(1, 100_000_000).default(15_000),
  JOINS_PER_MINUTE: whole(1, 1_000_000).default(60),
  CONNECTIONS_PER_ADDRESS: whole(1, 1_000_000).default(2000),
  CAMPAIGN_CLIENT_LIMIT: whole(1, 100_000).default(2000),
  DRAW_RATE_PER_SECOND: whole(1, 1_000_000).default(20),
  SEED_DEMO: flag.optional(),
  BUSINESS_TIMEZONE: z.string().refine(isTimezone, 'must be an IANA time zone').default('Asia/Shanghai'),
  SNAPSHOT_INTERVAL_MS: whole(100, 3_600_000).default(5000),
});

export const SETTING_NAMES: ReadonlySet<string> = new Set(Object.keys(SETTINGS.shape));

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
  /** The account that login codes are sent from; undefined: they are printed where the server was started. */
  aliyunSms: AliyunSmsSettings | undefined;
  /** Made super admin where there is none. */
  firstAdminMobile: string | undefined;
  /** The universal login code, or undefined where there is none. */
  devCode: string | undefined;
  accessTokenSeconds: number;
  refreshTokenSeconds: number;
  codesPerIpPerHour: number;
  codesPerNumberPerHour: number;
  codesPerDevicePerHour: number;
  /** Text messages in all, from all nodes: what they may cost. */
  codesPerHour: number;
  loginsPerIpPerMinute: number;
  loginsPerNumberPerHour: number;
  loginsPerDevicePerHour: number;
  /** Wrong codes in a row after which a number is locked, and again after as many more. */
  failuresBeforeLock: number;
  /** Of the first lock; each further one is twice as long. */
  lockSeconds: number;
  accountsPerDevice: number;
  /** What one user, or one network that is not logged in, may ask of one node, weighed by what it costs. */
  requestsPerMinute: number;
  /** Seats that one user may ask of one node. */
  joinsPerMinute: number;
  /** Open connections of one network to one node; trusted proxies have as many as they like. */
  connectionsPerAddress: number;
  /** Clients of one campaign room; further ones are seated in audience rooms. */
  campaignClientLimit: number;
  drawRatePerSecond: number;
  /** undefined: seed when the database is new and this is not production. */
  seedDemo: boolean | undefined;
  businessTimezone: string;
  snapshotIntervalMs: number;
}

export interface AliyunSmsSettings {
  accessKeyId: string;
  accessKeySecret: string;
  signName: string;
  templateCode: string;
  /** Host, and port unless it is the usual one. */
  endpoint: string;
}

/** A setting that is missing, unknown or malformed. The message is one line and names it. */
export class ConfigError extends StartError {
  override readonly name = 'ConfigError';
}

/**
 * Reads the settings from the environment.
 * @throws {ConfigError} for an unknown setting of ours, a malformed value, or one that is not safe in production.
 */
export function loadConfig(environment: NodeJS.ProcessEnv): Config {
  const settings = parseSettings(environment);
  const production = settings.NODE_ENV === 'production';
  if (production) refuseUnsafe(settings);
  return {
    production,
    port: settings.PORT,
    host: settings.HOST,
    logLevel: settings.LOG_LEVEL,
    databaseUrl: settings.DATABASE_URL,
    databaseReplicaUrls: settings.DATABASE_REPLICA_URLS,
    databasePoolSize: settings.DATABASE_POOL_SIZE,
    redisUrl: settings.REDIS_URL,
    publicAddress: settings.PUBLIC_ADDRESS ?? ownAddress(settings),
    trustedProxies: settings.TRUSTED_PROXIES,
    corsOrigins: settings.CORS_ORIGINS,
    jwtSecret: settings.JWT_SECRET ?? keptSecret('JWT_SECRET', './data/jwt-secret'),
    seedKey: Buffer.from(
      settings.SEED_ENCRYPTION_KEY ?? keptSecret('SEED_ENCRYPTION_KEY', './data/seed-key'),
      'hex',
    ),
    aliyunSms: settings.SMS_SENDER === 'aliyun' ? aliyunSmsOf(settings) : undefined,
    firstAdminMobile: settings.FIRST_ADMIN_MOBILE,
    devCode: (settings.AUTH_DEV_CODE ?? (production ? '' : '123456')) || undefined,
    accessTokenSeconds: settings.AUTH_ACCESS_TOKEN_SECONDS,
    refreshTokenSeconds: settings.AUTH_REFRESH_TOKEN_SECONDS,
    codesPerIpPerHour: settings.AUTH_CODES_PER_IP_PER_HOUR,
    codesPerNumberPerHour: settings.AUTH_CODES_PER_NUMBER_PER_HOUR,
    codesPerDevicePerHour: settings.AUTH_CODES_PER_DEVICE_PER_HOUR,
    codesPerHour: settings.AUTH_CODES_PER_HOUR,
    loginsPerIpPerMinute: settings.AUTH_LOGINS_PER_IP_PER_MINUTE,
    loginsPerNumberPerHour: settings.AUTH_LOGINS_PER_NUMBER_PER_HOUR,
    loginsPerDevicePerHour: settings.AUTH_LOGINS_PER_DEVICE_PER_HOUR,
    failuresBeforeLock: settings.AUTH_FAILURES_BEFORE_LOCK,
    lockSeconds: settings.AUTH_LOCK_SECONDS,
    accountsPerDevice: settings.AUTH_ACCOUNTS_PER_DEVICE,
    requestsPerMinute: settings.REQUESTS_PER_MINUTE,
    joinsPerMinute: settings.JOINS_PER_MINUTE,
    connectionsPerAddress: settings.CONNECTIONS_PER_ADDRESS,
    campaignClientLimit: settings.CAMPAIGN_CLIENT_LIMIT,
    drawRatePerSecond: settings.DRAW_RATE_PER_SECOND,
    seedDemo: settings.SEED_DEMO,
    businessTimezone: settings.BUSINESS_TIMEZONE,
    snapshotIntervalMs: settings.SNAPSHOT_INTERVAL_MS,
  };
}

function parseSettings(environment: NodeJS.ProcessEnv): Settings {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || (value === '' && name !== 'AUTH_DEV_CODE')) continue;
    if (SETTING_NAMES.has(name)) given[name] = value;
  }
  for (const [name, value] of Object.entries(environment))
    if (!isServiceVariable(name, value)) refuseMisspelt(name, given);
  const parsed = SETTINGS.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ConfigError(`${issue?.path.join('.') ?? 'settings'}: ${issue?.message ?? 'malformed'}`);
}

/**
 * A name with one of our prefixes is ours and wrong. Any other is only taken for a typing mistake when it is near to a setting
 * that was not given: most of the environment is other programs'.
 */
function refuseMisspelt(name: string, given: Record<string, string>): void {
  if (SETTING_NAMES.has(name)) return;
  const isOurs = OUR_PREFIXES.test(name);
  const nearest = nearestSetting(
    name,
    isOurs ? SETTING_NAMES : [...SETTING_NAMES].filter((setting) => !(setting in given)),
  );
  if (!isOurs && nearest === undefined) return;
  const question = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  throw new ConfigError(`${name} is not a setting of this version${question}`);
}

/**
 * Where clients reach one of several nodes that was not told: where it listens, if others can connect there. A loopback address
 * is for the nodes of a developer's machine; in production it is that of a proxy's neighbour.
 */
function ownAddress({ REDIS_URL, HOST, PORT, NODE_ENV }: Settings): string | undefined {
  if (REDIS_URL === undefined || PORT === 0 || ANY_ADDRESS.test(HOST)) return undefined;
  if (NODE_ENV === 'production' && LOOPBACK.test(HOST)) return undefined;
  return `${HOST.includes(':') ? `[${HOST}]` : HOST}:${PORT}`;
}

/**
 * What development does without and production must not (A-3).
 * @throws {ConfigError} that names the setting and never shows its value.
 */
function refuseUnsafe(settings: Settings): void {
  const { JWT_SECRET, SEED_ENCRYPTION_KEY, SMS_SENDER } = settings;
  if (settings.AUTH_DEV_CODE) throw new ConfigError('AUTH_DEV_CODE must not be set in production');
  if (settings.SEED_DEMO === true) throw new ConfigError('SEED_DEMO must not be on in production');
  for (const [name, value] of Object.entries({ JWT_SECRET, SEED_ENCRYPTION_KEY })) {
    if (value === undefined) throw new ConfigError(`${name} is required in production`);
    const weakness = weaknessOf(value);
    if (weakness !== undefined)
      throw new ConfigError(`${name} ${weakness}: take one of openssl rand -hex 32`);
  }
  if (JWT_SECRET === SEED_ENCRYPTION_KEY) {
    throw new ConfigError('SEED_ENCRYPTION_KEY must not be the same as JWT_SECRET');
  }
  if (SMS_SENDER === undefined) throw new ConfigError('SMS_SENDER is required in production');
  const { DATABASE_URL, DATABASE_REPLICA_URLS } = settings;
  for (const [name, urls] of Object.entries({ DATABASE_URL: [DATABASE_URL], DATABASE_REPLICA_URLS })) {
    const weakness = urls.map(weaknessOfDatabaseUrl).find((found) => found !== undefined);
    if (weakness !== undefined) throw new ConfigError(`${name} ${weakness}`);
  }
}

/** All of them or none: half an account sends nothing. */
function aliyunSmsOf(settings: Settings): AliyunSmsSettings {
  const required = (name: keyof Settings & `ALIYUN_${string}`): string => {
    const value = settings[name];
    if (value === undefined) throw new ConfigError(`${name} is required with SMS_SENDER=aliyun`);
    return value;
  };
  return {
    accessKeyId: required('ALIYUN_ACCESS_KEY_ID'),
    accessKeySecret: required('ALIYUN_ACCESS_KEY_SECRET'),
    signName: required('ALIYUN_SMS_SIGN_NAME'),
    templateCode: required('ALIYUN_SMS_TEMPLATE_CODE'),
    endpoint: settings.ALIYUN_SMS_ENDPOINT,
  };
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
