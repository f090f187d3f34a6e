/** What somebody was told, and wants to be told, for themself. */
import { z } from 'zod';
import { Notification } from '../../entities/notifications/Notification.ts';
import type { Database } from '../platform/database/transaction.ts';
import { newest, newestOf } from '../platform/shapes.ts';
import { withBroadcasts } from './broadcasts/told.ts';
import { readInbox, readPreferences, receivedOf } from './inbox.ts';
import { notificationsShape, preferencesShape, receivedToWire } from './messages.ts';

export const exportedNotificationsShape = z.object({
  notifications: newestOf(notificationsShape.shape.items.element),
  notification_preferences: preferencesShape,
});

/** Newest first, in Chinese, as they are written. */
export async function exportNotifications(
  database: Database,
  userId: number,
  limit: number,
): Promise<z.output<typeof exportedNotificationsShape>> {
  const [rows, preferences, { readUpTo }] = await Promise.all([
    database.reader.find(Notification, {
      where: { user_id: userId },
      order: { notification_no: 'DESC' },
      take: limit + 1,
    }),
    readPreferences(database, userId),
    readInbox(database, userId),
  ]);
  const told = await withBroadcasts(database.reader, rows);
  const shown = told.map((notification) => receivedToWire(receivedOf(notification, readUpTo), 'zh-CN'));
  return { notifications: newest(shown, limit), notification_preferences: preferences };
}
