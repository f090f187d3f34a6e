import type { LiveConfiguration } from '../configuration/liveConfiguration.ts';
import { languageOf } from '../platform/errors.ts';
import { identityOf, route, type Route } from '../platform/http/route.ts';
import {
  countUnread,
  listNotifications,
  markRead,
  readPreferences,
  writePreferences,
  type NotificationServices,
} from './inbox.ts';
import {
  notificationsQuery,
  notificationsShape,
  preferencesShape,
  readingShape,
  receivedToWire,
  unreadShape,
} from './messages.ts';

export interface NotificationRoutesServices extends NotificationServices {
  configuration: Pick<LiveConfiguration, 'now'>;
}

/** What the caller is told, and wants to be told. */
export function notificationRoutes(services: NotificationRoutesServices): Route[] {
  return [listRoute(services), unreadRoute(services), readRoute(services), ...preferencesRoutes(services)];
}

function listRoute({ database }: NotificationServices): Route {
  return route({
    method: 'get',
    path: '/notifications',
    access: 'user',
    summary: 'What I was told, newest first, in the language of the call',
    query: notificationsQuery,
    data: notificationsShape,
    handle: async (input) => {
      const language = languageOf(input.request.get('Accept-Language'));
      const { items, ...page } = await listNotifications(database, identityOf(input).userId, input.query);
      return { data: { items: items.map((received) => receivedToWire(received, language)), ...page } };
    },
  });
}

function unreadRoute({ database }: NotificationServices): Route {
  return route({
    method: 'get',
    path: '/notifications/unread-count',
    access: 'user',
    summary: 'How much of it I have not read',
    data: unreadShape,
    handle: async (input) => ({
      data: { unread: await countUnread(database, identityOf(input).userId) },
    }),
  });
}

function readRoute({ database }: NotificationServices): Route {
  return route({
    method: 'post',
    path: '/notifications/read',
    access: 'user',
    summary: 'Say that I have read some of it, or all up to one',
    body: readingShape,
    data: unreadShape,
    handle: async (input) => {
      const { userId } = identityOf(input);
      await database.retryingTransaction((tx) => markRead(tx, userId, input.body));
      return { data: { unread: await countUnread(database, userId) } };
    },
  });
}

function preferencesRoutes({ database, configuration }: NotificationRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/notifications/preferences',
      access: 'user',
      summary: 'What I want to be told, and when',
      data: preferencesShape,
      handle: async (input) => {
        const { quiet_hours } = configuration.now().notifications;
        return { data: await readPreferences(database, identityOf(input).userId, quiet_hours) };
      },
    }),
    route({
      method: 'put',
      path: '/notifications/preferences',
      access: 'user',
      summary: 'Change what I want to be told, and when',
      body: preferencesShape,
      data: preferencesShape,
      handle: async (input) => {
        const { userId } = identityOf(input);
        await database.retryingTransaction((tx) => writePreferences(tx, userId, input.body));
        return { data: input.body };
      },
    }),
  ];
}
