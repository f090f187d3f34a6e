import type { Domain } from '../platform/domain.ts';
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
  handle: tellOfEvents,
  routes: notificationRoutes,
} satisfies Domain;
