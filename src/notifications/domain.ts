import type { Domain, Platform } from '../platform/domain.ts';
import { BroadcastSender } from './broadcasts/send.ts';
import { broadcastRoutes, type BroadcastRoutesServices } from './broadcasts/routes.ts';
import { NotificationFeed } from './feed.ts';
import { tellOfEvents } from './handlers.ts';
import { keepRemindingPeople, type RemindingServices } from './reminders/remind.ts';
import { notificationRoutes, type NotificationRoutesServices } from './routes.ts';
import { SyncFeed } from './syncFeed.ts';

interface Telling extends RemindingServices {
  notificationFeed: NotificationFeed;
  broadcastSender: BroadcastSender;
}

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
    {
      table: 'notification_recipients',
      key: ['broadcast_id', 'user_id'],
      column: 'created_at',
      days: 30,
      walk: 'time',
    },
    {
      table: 'notification_reminders',
      key: ['name', 'subject_id'],
      column: 'told_at',
      days: 365,
      walk: 'time',
    },
    // Their texts are those of their notifications, which come up to 90 days later.
    {
      table: 'notification_broadcasts',
      key: ['broadcast_id'],
      column: 'created_at',
      days: 365,
      condition: `status IN ('completed', 'failed', 'cancelled')`,
      walk: 'key',
    },
  ],
  open({ database, clock, logger, onClose }: Platform) {
    const broadcastSender = new BroadcastSender({ database, clock, logger });
    // While the database is open still.
    onClose(() => broadcastSender.close());
    return {
      notificationFeed: new NotificationFeed({ database, logger }),
      syncFeed: new SyncFeed({ database, logger }),
      broadcastSender,
    };
  },
  handle: tellOfEvents,
  routes: (services: NotificationRoutesServices & BroadcastRoutesServices) => [
    ...notificationRoutes(services),
    ...broadcastRoutes(services),
  ],
  background({ notificationFeed, broadcastSender, ...services }: Telling) {
    const stopReminding = keepRemindingPeople(services);
    const stopLooking = notificationFeed.keepLooking();
    broadcastSender.start();
    return Promise.resolve(() => {
      stopLooking();
      stopReminding();
      broadcastSender.stop();
    });
  },
} satisfies Domain;
