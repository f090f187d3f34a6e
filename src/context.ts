import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { identifyBy, type Identify } from './auth/identify.ts';
import { AccessControl } from './auth/accessControl.ts';
import { createAuthRateLimits } from './auth/rateLimits.ts';
import { authRoutes } from './auth/routes.ts';
import { ensureFirstAdmin } from './auth/firstAdmin.ts';
import { createSender, type CodeSender } from './auth/sender.ts';
import { AccessTokens } from './auth/tokens.ts';
import { MonitorSessions } from './admin/monitorSessions.ts';
import { adminRoutes } from './admin/routes.ts';
import { systemClock, type Clock } from './clock.ts';
import { Cluster } from './cluster/cluster.ts';
import { RoomDirectory } from './cluster/roomDirectory.ts';
import { localWake, redisWake, type Wake } from './cluster/wake.ts';
import type { Config } from './config.ts';
import { openDataSources } from './database/dataSource.ts';
import { Database } from './database/transaction.ts';
import { seedDemo } from './demo/seedDemo.ts';
import { EventBus } from './events/bus.ts';
import { EVENTS_TOPIC } from './events/outbox.ts';
import { EventRelay } from './events/relay.ts';
import { RequestLimits } from './http/requestLimits.ts';
import type { Route } from './http/route.ts';
import { createLogger, type Logger } from './logger.ts';
import { CampaignOwners } from './lottery/ownerCalls.ts';
import { OwnerWatch } from './lottery/ownerWatch.ts';
import { lotteryRoutes } from './lottery/routes.ts';
import { pointsRoutes } from './points/routes.ts';

/** Every service of one server, built once. */
export interface Context {
  config: Config;
  clock: Clock;
  logger: Logger;
  database: Database;
  directory: RoomDirectory;
  owners: CampaignOwners;
  ownerWatch: OwnerWatch;
  /** The other processes; undefined without Redis. */
  cluster: Cluster | undefined;
  access: AccessControl;
  identify: Identify;
  /** What each caller may ask of this node. */
  limits: RequestLimits;
  /** Who may look at rooms in a browser. */
  monitor: MonitorSessions;
  routes: Route[];
  /** Where handlers of committed events are registered. */
  bus: EventBus;
  /** What does not answer now; empty when the service can do all of its work. */
  checkReady(): Promise<string[]>;
  close(): Promise<void>;
}

/** What tests give from outside. */
export interface Given {
  clock?: Clock;
  logger?: Logger;
  sender?: CodeSender;
}

/** The composition root: settings in, services out, wired by hand. */
export async function createContext(config: Config, given: Given = {}): Promise<Context> {
  const { clock = systemClock, logger = createLogger(config.logLevel) } = given;
  const sender = given.sender ?? createSender(config, logger);
  const sources = await openDataSources({
    url: config.databaseUrl,
    replicaUrls: config.databaseReplicaUrls,
    poolSize: config.databasePoolSize,
  });
  const database = new Database(sources, { logger });
  if (config.seedDemo ?? !config.production) await seedDemo(database, clock.nowMs());
  await ensureFirstAdmin({ database, clock, logger }, config.firstAdminMobile);
  const redis = config.redisUrl === undefined ? undefined : connectRedis(config.redisUrl, logger);
  const tokens = new AccessTokens({
    secret: config.jwtSecret,
    lifetimeSeconds: config.accessTokenSeconds,
    clock,
  });
  const cluster = config.redisUrl === undefined ? undefined : new Cluster(config.redisUrl, logger);
  const directory = new RoomDirectory(cluster, logger);
  const wakes = createWakes(redis, logger);
  const access = await AccessControl.load({
    database,
    clock,
    logger,
    wake: wakes.of('access'),
    accessTokenSeconds: config.accessTokenSeconds,
  });
  access.start();
  const events = startEvents({ database, clock, logger }, wakes.of('events'));
  const owners = new CampaignOwners(directory);
  const { jwtSecret: secret, accessTokenSeconds } = config;
  const monitor = new MonitorSessions({ database, clock, access, secret, accessTokenSeconds });
  const routes = [
    ...authRoutes({
      database,
      config,
      clock,
      access,
      sender,
      tokens,
      limits: createAuthRateLimits(config, redis),
    }),
    ...pointsRoutes({ database, clock }),
    ...lotteryRoutes({ database, owners, seedKey: config.seedKey }),
    ...adminRoutes({ database, clock, access, owners, monitor }),
  ];
  return {
    config,
    clock,
    logger,
    database,
    directory,
    owners,
    ownerWatch: new OwnerWatch(database, logger),
    cluster,
    access,
    identify: identifyBy(tokens, access),
    limits: new RequestLimits(config),
    monitor,
    routes,
    checkReady: () =>
      missingOf({ database: () => database.ping(), redis: async () => cluster?.ping() }, logger),
    bus: events.bus,
    close: async () => {
      await events.stop();
      await access.stop();
      wakes.close();
      redis?.disconnect();
      cluster?.close();
      await database.close();
    },
  };
}

interface Events {
  bus: EventBus;
  stop(): Promise<void>;
}

/** What tells the other nodes over Redis that something has changed; without Redis there are none. */
function createWakes(redis: Redis | undefined, logger: Logger) {
  if (redis === undefined) return { of: () => localWake(), close: () => undefined };
  const duplicate = redis.duplicate();
  duplicate.on('error', (error: Error) => logger.warn({ err: error }, 'redis is not reachable'));
  return {
    of: (topic: string): Wake => redisWake({ channel: `kaijiang:${topic}`, redis, duplicate, logger }),
    close: () => duplicate.disconnect(),
  };
}

/** The relay of this node: woken by its own commits, by other nodes, and by polling. */
function startEvents(services: { database: Database; clock: Clock; logger: Logger }, wake: Wake): Events {
  const bus = new EventBus();
  const relay = new EventRelay({ ...services, nodeId: randomUUID(), handlers: bus, wake });
  services.database.onCommit((topics) => {
    if (topics.has(EVENTS_TOPIC)) relay.notify();
  });
  relay.start();
  return { bus, stop: () => relay.stop() };
}

async function missingOf(parts: Record<string, () => Promise<void>>, logger: Logger): Promise<string[]> {
  const missing: string[] = [];
  for (const [name, ping] of Object.entries(parts)) {
    try {
      await ping();
    } catch (error) {
      logger.warn({ err: error, part: name }, 'not ready');
      missing.push(name);
    }
  }
  return missing;
}

/** Rate limits fall back to memory while Redis is away, so its errors are worth a line and nothing more. */
function connectRedis(url: string, logger: Logger): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: 2000,
  });
  redis.on('error', (error: Error) => logger.warn({ err: error }, 'redis is not reachable'));
  return redis;
}
