import type { Domain, Platform } from '../platform/domain.ts';
import { NotificationFeed } from './feed.ts';
import { tellOfEvents } from './handlers.ts';
import { notificationRoutes } from './routes.ts';

/** What people are told (C-6, C-7). */
export const notifications = {
  retention: [
    {
      table: 'notifications',
      key: ['user_id', 'notification_no'],
      column: 'created_at',
      days: 180,
      walk: 'time',
    },
  ],
  open: ({ database, logger }: Platform) => ({
    notificationFeed: new NotificationFeed({ database, logger }),
  }),
  handle: tellOfEvents,
  routes: notificationRoutes,
  background: ({ notificationFeed }: { notificationFeed: NotificationFeed }) =>
    Promise.resolve(notificationFeed.keepLooking()),
} satisfies Domain;
