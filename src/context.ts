import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { CodeSender } from './identity/login/codeSender.ts';
import { systemClock, type Clock } from './platform/clock.ts';
import { Cluster } from './platform/cluster/cluster.ts';
import { Departure } from './platform/cluster/departure.ts';
import { KnownRooms } from './platform/cluster/knownRooms.ts';
import { RedisClients } from './platform/cluster/redisClients.ts';
import { RoomDirectory } from './platform/cluster/roomDirectory.ts';
import { localWake, redisWake } from './platform/cluster/wake.ts';
import type { Config } from './settings.ts';
import { openDataSources } from './platform/database/dataSource.ts';
import { Forgetting } from './platform/database/forget.ts';
import { SharedClock } from './platform/database/sharedClock.ts';
import { probeWrite } from './platform/database/probeWrite.ts';
import { Database } from './platform/database/transaction.ts';
import { watchReplicas } from './platform/database/watchReplicas.ts';
import { EventBus } from './platform/events/bus.ts';
import { EVENTS_TOPIC } from './platform/events/outbox.ts';
import { EventRelay } from './platform/events/relay.ts';
import { RequestLimits } from './platform/http/requestLimits.ts';
import type { Route } from './platform/http/route.ts';
import { LIMITS } from './platform/limits.ts';
import { createLogger, type Logger } from './platform/logger.ts';
import { Shedding } from './platform/shedding.ts';
import { OwnerWatch } from './platform/actor/ownerWatch.ts';
import { Readiness, type Check } from './platform/readiness.ts';
import type { Basics, Platform } from './platform/domain.ts';
import {
  checksOf,
  openDomains,
  prepareDomains,
  registerHandlers,
  RETENTION,
  roomsOf,
  routesOf,
  type DomainServices,
} from './domains.ts';

/** Every service of one server, built once. */
export interface Context extends Platform, DomainServices {
  config: Config;
  ownerWatch: OwnerWatch;
  /** How this node's guests leave it. */
  departure: Departure;
  /** What it refuses while too much is asked of it. */
  shedding: Shedding;
  /** What each caller may ask of this node. */
  limits: RequestLimits;
  routes: Route[];
  /** The folder of the pages for people. */
  pages: string | undefined;
  /** Who handles committed events. What nobody handles by the time the context is there is completed without. */
  bus: EventBus;
  /** What does not answer now; empty when the service can do all of its work. */
  checkReady(): Promise<string[]>;
  close(): Promise<void>;
}

/** Rate limits fall back to memory while Redis is away, and wakes are only a convenience: neither waits for it. */
const RATE_LIMITS = { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: 2000 } as const;

/** What is given from outside. */
export interface Given {
  clock?: Clock;
  logger?: Logger;
  sender?: CodeSender;
  /** Registers handlers, before the first event reaches any. */
  handle?(bus: EventBus): void;
  /** The folder of the pages for people; absent: this server has none. */
  pages?: string | undefined;
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
type OnClose = Platform['onClose'];

async function closeAll(opened: Closers): Promise<void> {
  for (const close of opened.splice(0).reverse()) await close();
}

async function buildContext(config: Config, given: Given, opened: Closers): Promise<Context> {
  const { logger = createLogger(config.logLevel) } = given;
  const onClose = (close: () => unknown) => void opened.push(close);
  warnOfAddress(config, logger);
  const redisClients = await connectRedis(config, logger, onClose);
  const database = await openDatabase(config, logger, onClose);
  const clock = given.clock ?? (await createClock({ database, logger }, onClose));
  const basics = { config, database, clock, logger };
  const checks = checksOf(basics);
  for (const { check } of Object.values(checks)) await check();
  await prepareDomains(basics);
  const cluster = redisClients === undefined ? undefined : new Cluster(redisClients, logger);
  const directory = new RoomDirectory(cluster, { known: new KnownRooms(roomsOf(basics)), logger });
  const redis = redisClients?.open(RATE_LIMITS);
  const wakeOf = createWakes({ clients: redisClients, redis, logger }, onClose);
  const platform = { ...basics, directory, cluster, redis, wakeOf, onClose };
  const ownerWatch = new OwnerWatch(database, logger);
  const services = await openDomains({ ...platform, ownerWatch, givenSender: given.sender });
  const events = createEvents(basics, wakeOf);
  onClose(() => events.stop());
  registerHandlers({ ...services, bus: events.bus });
  given.handle?.(events.bus);
  const readiness = new Readiness({ checks: { ...platformChecks(platform), ...checks }, logger });
  const shedding = new Shedding({ limitMs: config.loopLimitMs, logger });
  onClose(shedding.start());
  const forgetting = new Forgetting(basics, RETENTION, { holdDays: config.legalHoldDays });
  onClose(() => forgetting.stop());
  // Last: what is registered by now is all that handles events.
  events.start();
  forgetting.start();
  return {
    ...services,
    ownerWatch,
    departure: new Departure(cluster, logger),
    shedding,
    limits: new RequestLimits(config),
    routes: routesOf(services),
    pages: given.pages,
    checkReady: () => readiness.missing(),
    bus: events.bus,
    close: () => closeAll(opened),
  };
}

function warnOfAddress({ redisUrl, publicAddress }: Config, logger: Logger): void {
  if (redisUrl === undefined || publicAddress !== undefined) return;
  logger.warn(
    'PUBLIC_ADDRESS is not set: clients are sent to whatever node their proxy chooses, not to their room',
  );
}

async function connectRedis(
  { redisUrl }: Config,
  logger: Logger,
  onClose: OnClose,
): Promise<RedisClients | undefined> {
  if (redisUrl === undefined) return undefined;
  const clients = await RedisClients.connect(redisUrl, logger);
  onClose(() => clients.close());
  return clients;
}

async function openDatabase(config: Config, logger: Logger, onClose: OnClose): Promise<Database> {
  const sources = await openDataSources({
    url: config.databaseUrl,
    replicaUrls: config.databaseReplicaUrls,
    replicaLagMs: config.databaseReplicaLagMs,
    poolSize: config.databasePoolSize,
    answerMs: LIMITS.databaseAnswerMs,
    isAlone: true,
  });
  const { newerSteps } = sources;
  if (newerSteps.length > 0)
    logger.warn({ steps: newerSteps }, 'the schema is of a newer build, beside which this one goes on');
  const database = new Database(sources, { logger, timezone: config.businessTimezone });
  onClose(() => database.close());
  if (sources.replicas !== undefined) onClose(watchReplicas(database, logger));
  return database;
}

function platformChecks({
  database,
  cluster,
}: Pick<Platform, 'database' | 'cluster'>): Record<string, Check> {
  return {
    database: { check: () => probeWrite(database) },
    ...(cluster === undefined ? {} : { redis: { check: () => cluster.checkReady() } }),
  };
}

interface Events {
  bus: EventBus;
  start(): void;
  stop(): Promise<void>;
}

interface Waking {
  clients: RedisClients | undefined;
  redis: Redis | undefined;
  logger: Logger;
}

/** What tells the other nodes over Redis that something has changed; without Redis there are none. */
function createWakes({ clients, redis, logger }: Waking, onClose: OnClose): Platform['wakeOf'] {
  if (clients === undefined || redis === undefined) return () => localWake();
  const duplicate = clients.open(RATE_LIMITS);
  onClose(() => duplicate.disconnect());
  return (topic) => redisWake({ channel: `kaijiang:${topic}`, redis, duplicate, logger });
}

/** One that all nodes share. */
async function createClock(
  services: { database: Database; logger: Logger },
  onClose: OnClose,
): Promise<Clock> {
  if (services.database.dialect === 'sqlite') return systemClock;
  const clock = await SharedClock.start(services);
  onClose(() => clock.stop());
  return clock;
}

/** The relay of this node: woken by its own commits, by other nodes, and by polling. */
function createEvents({ database, clock, logger }: Basics, wakeOf: Platform['wakeOf']): Events {
  const bus = new EventBus();
  const wakes = { wake: wakeOf('events'), handlersWake: wakeOf('event-handlers') };
  const relay = new EventRelay({ database, clock, logger, nodeId: randomUUID(), handlers: bus, ...wakes });
  database.onCommit((topics) => {
    if (topics.has(EVENTS_TOPIC)) relay.notify();
  });
  return { bus, start: () => relay.start(), stop: () => relay.stop() };
}
