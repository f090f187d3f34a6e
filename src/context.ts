import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { identifyBy, type Identify } from './identity/session/identify.ts';
import { AccessControl } from './identity/access/accessControl.ts';
import { createAuthRateLimits } from './identity/login/rateLimits.ts';
import { ensureFirstAdmin } from './identity/login/firstAdmin.ts';
import { createSmsCap } from './identity/login/smsCap.ts';
import { createSender } from './identity/login/sender.ts';
import type { CodeSender } from './identity/login/codeSender.ts';
import { AccessTokens } from './identity/session/tokens.ts';
import { MonitorSessions } from './admin/monitorSessions.ts';
import { systemClock, type Clock } from './platform/clock.ts';
import { Cluster } from './platform/cluster/cluster.ts';
import { KnownRooms } from './platform/cluster/knownRooms.ts';
import { RedisClients } from './platform/cluster/redisClients.ts';
import { RoomDirectory } from './platform/cluster/roomDirectory.ts';
import { localWake, redisWake, type Wake } from './platform/cluster/wake.ts';
import type { Config } from './settings.ts';
import { openDataSources } from './platform/database/dataSource.ts';
import { Forgetting } from './platform/database/forget.ts';
import { SharedClock } from './platform/database/sharedClock.ts';
import { probeWrite } from './platform/database/probeWrite.ts';
import { Database } from './platform/database/transaction.ts';
import { seedDemo } from './demo/seedDemo.ts';
import { EventBus } from './platform/events/bus.ts';
import { EVENTS_TOPIC } from './platform/events/outbox.ts';
import { EventRelay } from './platform/events/relay.ts';
import { RequestLimits } from './platform/http/requestLimits.ts';
import type { Route } from './platform/http/route.ts';
import { LIMITS } from './platform/limits.ts';
import { createLogger, type Logger } from './platform/logger.ts';
import { hasCampaign } from './lottery/campaigns.ts';
import { campaignOwners, type CampaignOwners } from './lottery/ownerCalls.ts';
import { OwnerWatch } from './platform/actor/ownerWatch.ts';
import { SeedKeyCheck, SeedKeyError } from './lottery/seedKeyCheck.ts';
import { Readiness } from './platform/readiness.ts';
import { apiRoutes } from './routes.ts';
import { StartError } from './platform/startError.ts';
import { RETENTION } from './retention.ts';

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
  /** Who handles committed events. What nobody handles by the time the context is there is completed without. */
  bus: EventBus;
  /** What does not answer now; empty when the service can do all of its work. */
  checkReady(): Promise<string[]>;
  close(): Promise<void>;
}

/** Rate limits fall back to memory while Redis is away, and wakes are only a convenience: neither waits for it. */
const RATE_LIMITS = { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: 2000 } as const;

/** What tests give from outside. */
export interface Given {
  clock?: Clock;
  logger?: Logger;
  sender?: CodeSender;
  /** Registers handlers, before the first event reaches any. */
  handle?(bus: EventBus): void;
}

/**
 * The composition root: settings in, services out, wired by hand.
 * @throws StartError for what the operator can mend
 */
export async function createContext(config: Config, given: Given = {}): Promise<Context> {
  const opened: Closers = [];
  try {
    return await buildContext(config, given, opened);
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

/** How to close what was opened, in the order it was opened in. */
type Closers = (() => unknown)[];

async function closeAll(opened: Closers): Promise<void> {
  for (const close of opened.splice(0).reverse()) await close();
}

async function buildContext(config: Config, given: Given, opened: Closers): Promise<Context> {
  const { logger = createLogger(config.logLevel) } = given;
  const sender = given.sender ?? createSender(config, logger);
  if (config.redisUrl !== undefined && config.publicAddress === undefined) {
    logger.warn(
      'PUBLIC_ADDRESS is not set: clients are sent to whatever node their proxy chooses, not to their room',
    );
  }
  const redisClients =
    config.redisUrl === undefined ? undefined : await RedisClients.connect(config.redisUrl, logger);
  opened.push(() => redisClients?.close());
  const sources = await openDataSources({
    url: config.databaseUrl,
    replicaUrls: config.databaseReplicaUrls,
    poolSize: config.databasePoolSize,
    answerMs: LIMITS.databaseAnswerMs,
    isAlone: true,
  });
  const database = new Database(sources, { logger });
  opened.push(() => database.close());
  const clock = given.clock ?? (await createClock({ database, logger }, opened));
  const seedKeyCheck = new SeedKeyCheck(database, config.seedKey);
  await checkSeedKey(seedKeyCheck);
  if (config.seedDemo ?? !config.production) await seedDemo(database, clock.nowMs());
  await ensureFirstAdmin({ database, clock, logger }, config.firstAdminMobile);
  const tokens = new AccessTokens({
    secret: config.jwtSecret,
    lifetimeSeconds: config.accessTokenSeconds,
    clock,
  });
  const cluster = redisClients === undefined ? undefined : new Cluster(redisClients, logger);
  const known = new KnownRooms({ campaign: (key) => hasCampaign(database, Number(key)) });
  const directory = new RoomDirectory(cluster, { known, logger });
  const redis = redisClients?.open(RATE_LIMITS);
  const wakes = createWakes(redisClients, redis, logger);
  opened.push(() => wakes.close());
  const access = await AccessControl.load({
    database,
    clock,
    logger,
    wake: wakes.of('access'),
    accessTokenSeconds: config.accessTokenSeconds,
  });
  access.start();
  opened.push(() => access.stop());
  const events = createEvents({ database, clock, logger }, wakes.of('events'));
  opened.push(() => events.stop());
  given.handle?.(events.bus);
  const readiness = new Readiness({
    checks: {
      database: { check: () => probeWrite(database) },
      ...(cluster === undefined ? {} : { redis: { check: () => cluster.checkReady() } }),
      seed_key: { check: () => seedKeyCheck.check(), needs: 'database' },
    },
    logger,
  });
  const owners = campaignOwners(directory);
  const { jwtSecret: secret, accessTokenSeconds } = config;
  const monitor = new MonitorSessions({ database, clock, access, secret, accessTokenSeconds });
  const routes = apiRoutes({
    auth: {
      database,
      config,
      clock,
      access,
      sender,
      tokens,
      limits: createAuthRateLimits(config, redis),
      cap: createSmsCap({ config, redis, database, clock, logger }),
    },
    points: { database, clock },
    lottery: { database, clock, owners, seedKey: config.seedKey },
    admin: { database, clock, access, owners, monitor },
  });
  const forgetting = new Forgetting({ database, clock, logger }, RETENTION);
  opened.push(() => forgetting.stop());
  // Last: what is registered by now is all that handles events.
  events.start();
  forgetting.start();
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
    checkReady: () => readiness.missing(),
    bus: events.bus,
    close: () => closeAll(opened),
  };
}

/** @throws StartError */
async function checkSeedKey(check: SeedKeyCheck): Promise<void> {
  try {
    await check.check();
  } catch (error) {
    if (!(error instanceof SeedKeyError)) throw error;
    throw new StartError(`SEED_ENCRYPTION_KEY: ${error.message}`, { cause: error });
  }
}

interface Events {
  bus: EventBus;
  start(): void;
  stop(): Promise<void>;
}

/** What tells the other nodes over Redis that something has changed; without Redis there are none. */
function createWakes(clients: RedisClients | undefined, redis: Redis | undefined, logger: Logger) {
  if (clients === undefined || redis === undefined) return { of: () => localWake(), close: () => undefined };
  const duplicate = clients.open(RATE_LIMITS);
  return {
    of: (topic: string): Wake => redisWake({ channel: `kaijiang:${topic}`, redis, duplicate, logger }),
    close: () => duplicate.disconnect(),
  };
}

/** One that all nodes share. */
async function createClock(
  services: { database: Database; logger: Logger },
  opened: Closers,
): Promise<Clock> {
  if (services.database.dialect === 'sqlite') return systemClock;
  const clock = await SharedClock.start(services);
  opened.push(() => clock.stop());
  return clock;
}

/** The relay of this node: woken by its own commits, by other nodes, and by polling. */
function createEvents(services: { database: Database; clock: Clock; logger: Logger }, wake: Wake): Events {
  const bus = new EventBus();
  const relay = new EventRelay({ ...services, nodeId: randomUUID(), handlers: bus, wake });
  services.database.onCommit((topics) => {
    if (topics.has(EVENTS_TOPIC)) relay.notify();
  });
  return { bus, start: () => relay.start(), stop: () => relay.stop() };
}
