import type { IncomingMessage, ServerResponse } from 'node:http';
import { defineRoom, defineServer, type Server } from '@colyseus/core';
import { LocalListings } from './src/platform/cluster/localListings.ts';
import { placeOf } from './src/platform/cluster/roomDirectory.ts';
import { installMatchmaking } from './src/platform/cluster/matchmaking.ts';
import type { Context } from './src/context.ts';
import { Addresses } from './src/platform/http/address.ts';
import { configureHttp } from './src/platform/http/app.ts';
import { currentArrival } from './src/platform/http/arrival.ts';
import { GuardedServer } from './src/platform/http/guardedServer.ts';
import { sheddableOf } from './src/platform/http/sheddable.ts';
import { admit as admitToChat } from './src/chat/membership.ts';
import { joinChatShape } from './src/chat/messages.ts';
import { joinCampaignShape } from './src/lottery/messages.ts';
import { networkOf } from './src/platform/network.ts';
import { connectionBoundsOf } from './src/platform/sockets/connectionBounds.ts';
import { GuardedTransport } from './src/platform/sockets/guardedTransport.ts';
import { audienceRoomOf } from './rooms/campaign/AudienceRoom.ts';
import { campaignRoomOf } from './rooms/campaign/CampaignRoom.ts';
import { chatAudienceRoomOf } from './rooms/chat/ChatAudienceRoom.ts';
import { chatRoomOf } from './rooms/chat/ChatRoom.ts';
import { notificationRoomOf } from './rooms/user/NotificationRoom.ts';
import { joinNotificationsShape } from './src/notifications/messages.ts';
import { LIMITS } from './src/platform/limits.ts';

/** The server as one value: rooms, HTTP, transport, order of shutdown. */
export function createServer(context: Context): Server {
  const { config, logger, database, clock, identify, access, directory, owners, ownerWatch, cluster } =
    context;
  const { conversations, routes, monitor, limits, checkReady, identifyCaller, visitors } = context;
  const { campaignClientLimit: clientLimit, businessTimezone, drawRatePerSecond, chatRatePerSecond } = config;
  const { seatedPeople, departure, shedding } = context;
  const people = { identify, access, seatedPeople };
  const seated = { ...people, clock, logger, directory, clientLimit, departure, shedding };
  const isSheddable = sheddableOf(routes);
  const shed = (request: IncomingMessage, response: ServerResponse) => {
    if (config.loopLimitMs === 0 || !isSheddable(request)) return;
    const answered = shedding.admitCall();
    // Whoever reads slowly keeps nobody else waiting.
    response.once('prefinish', answered).once('close', answered);
  };
  const addresses = new Addresses(config.trustedProxies);
  installMatchmaking({
    directory,
    rooms: {
      campaign: { options: joinCampaignShape, key: 'campaign_id' },
      chat: {
        options: joinChatShape,
        key: 'conversation_id',
        admit: ({ userId }, key) =>
          admitToChat(database, { conversationId: Number(key), userId }, clock.nowMs()),
      },
      notifications: { options: joinNotificationsShape, key: null },
    },
    audiences: { campaign: 'audience', chat: 'chataudience' },
    identify,
    limits,
    arrival: currentArrival,
    corsOrigins: config.corsOrigins,
    logger,
  });
  const server = defineServer({
    rooms: {
      campaign: defineRoom(
        campaignRoomOf({
          ...seated,
          database,
          ownerWatch,
          seedKey: config.seedKey,
          businessTimezone,
          drawRatePerSecond,
          pointsLifetimeDays: config.pointsLifetimeDays,
          snapshotIntervalMs: config.snapshotIntervalMs,
          visitors,
        }),
      ),
      audience: defineRoom(audienceRoomOf({ ...seated, owners, drawRatePerSecond, visitors })),
      chat: defineRoom(
        chatRoomOf({ ...seated, database, ownerWatch, chatRatePerSecond, words: context.words }),
      ),
      chataudience: defineRoom(chatAudienceRoomOf({ ...seated, database, conversations, chatRatePerSecond })),
      notifications: defineRoom(
        notificationRoomOf({
          ...seated,
          database,
          clientLimit: LIMITS.devicesPerPerson,
          notificationFeed: context.notificationFeed,
          syncFeed: context.syncFeed,
          configuration: context.configuration,
          businessTimezone,
        }),
      ),
    },
    transport: new GuardedTransport({
      server: new GuardedServer({ ...config, limits, departure, shed }),
      bounds: connectionBoundsOf(config.drawRatePerSecond),
      socketsPerAddress: config.connectionsPerAddress,
      networkOf: (request) => networkOf(addresses.of(request)),
      logger,
    }),
    express: (app) =>
      configureHttp(app, {
        routes,
        identify: identifyCaller,
        limits,
        access,
        monitor: {
          admit: (token) => monitor.admit(token),
          recordKick: (actor, kick) => monitor.recordKick(actor, kick),
        },
        recordExport: context.recordExport,
        checkReady,
        departure,
        shedding,
        trustedProxies: config.trustedProxies,
        pages: context.pages,
        pictureOrigin: context.imageObjects.linkOrigin,
        logger,
      }),
    ...(cluster === undefined
      ? { driver: new LocalListings() }
      : { presence: cluster.presence, driver: cluster.listings }),
    selectProcessIdToCreateRoom: placeOf,
    ...(config.publicAddress === undefined ? {} : { publicAddress: config.publicAddress }),
    logger: frameworkLogger(context),
    gracefullyShutdown: false,
    greet: false,
  });
  // Rooms finish and close first (the framework), the database they write to last.
  server.onShutdown(() => context.close());
  return server;
}

/** What the framework prints is mostly about what clients did wrong. */
function frameworkLogger({ logger }: Context) {
  const child = logger.child({ source: 'colyseus' });
  const debug = (...parts: unknown[]) => child.debug({ parts: parts.map(String) }, 'framework');
  return { debug, trace: debug, info: debug, log: debug, warn: debug, error: debug };
}
