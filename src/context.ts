import { Redis } from 'ioredis';
import { identifyBy, type Identify } from './auth/identify.ts';
import { createAuthRateLimits } from './auth/rateLimits.ts';
import { authRoutes } from './auth/routes.ts';
import { consoleSender, type CodeSender } from './auth/sender.ts';
import { AccessTokens } from './auth/tokens.ts';
import { adminRoutes } from './admin/routes.ts';
import { systemClock, type Clock } from './clock.ts';
import { RoomDirectory } from './cluster/roomDirectory.ts';
import type { Config } from './config.ts';
import { openDataSources } from './database/dataSource.ts';
import { Database } from './database/transaction.ts';
import { seedDemo } from './demo/seedDemo.ts';
import type { Route } from './http/route.ts';
import { createLogger, type Logger } from './logger.ts';
import { campaignOwners } from './lottery/ownerCalls.ts';
import { lotteryRoutes } from './lottery/routes.ts';
import { pointsRoutes } from './points/routes.ts';

/** Every service of one server, built once. */
export interface Context {
  config: Config;
  clock: Clock;
  logger: Logger;
  database: Database;
  directory: RoomDirectory;
  identify: Identify;
  routes: Route[];
  /** Rejects while the database does not answer. */
  checkReady(): Promise<void>;
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
  const { clock = systemClock, logger = createLogger(config.logLevel), sender = consoleSender } = given;
  const sources = await openDataSources({
    url: config.databaseUrl,
    replicaUrls: config.databaseReplicaUrls,
    poolSize: config.databasePoolSize,
  });
  const database = new Database(sources);
  if (config.seedDemo ?? !config.production) await seedDemo(database, clock.nowMs());
  const redis = config.redisUrl === undefined ? undefined : connectRedis(config.redisUrl, logger);
  const tokens = new AccessTokens({
    secret: config.jwtSecret,
    lifetimeSeconds: config.accessTokenSeconds,
    clock,
  });
  const directory = new RoomDirectory();
  const owners = campaignOwners(directory);
  const routes = [
    ...authRoutes({ database, config, clock, sender, tokens, limits: createAuthRateLimits(config, redis) }),
    ...pointsRoutes({ database, clock }),
    ...lotteryRoutes({ database, owners, seedKey: config.seedKey }),
    ...adminRoutes({ database, owners }),
  ];
  return {
    config,
    clock,
    logger,
    database,
    directory,
    identify: identifyBy(tokens),
    routes,
    checkReady: () => database.ping(),
    close: async () => {
      redis?.disconnect();
      await database.close();
    },
  };
}

/** Rate limits fall back to memory while Redis is away, so its errors are worth a line and nothing more. */
function connectRedis(url: string, logger: Logger): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: false });
  redis.on('error', (error: Error) => logger.warn({ err: error }, 'redis is not reachable'));
  return redis;
}
