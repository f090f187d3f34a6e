/** Shapes of what is asked and answered about notifications. */
import { z } from 'zod';
import { NOTIFICATION_KINDS } from '../../entities/notifications/Notification.ts';
import type { Language } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import {
  booleanText,
  pageOf,
  pageQuery,
  quietHoursShape,
  rowIdShape,
  timeShape,
  toWireTime,
} from '../platform/shapes.ts';
import type { ToldNotification } from './broadcasts/told.ts';
import type { Received } from './inbox.ts';
import { textOf } from './texts.ts';

export const notificationShape = z.object({
  id: rowIdShape.meta({ description: 'Grows by one with each notification of a user' }),
  kind: z.enum(NOTIFICATION_KINDS),
  type: z.string(),
  title: z.string(),
  body: z.string(),
  data: z.record(z.string(), z.unknown()),
  created_at: timeShape,
});
export type NotificationOnWire = z.output<typeof notificationShape>;

/** `last_id`: the last one that the device has; absent, it is sent what is not read. */
export const joinNotificationsShape = z.strictObject({
  last_id: z.int().min(0).max(2_147_483_647).optional(),
});

export const notificationsQuery = z.strictObject({
  unread: booleanText.optional(),
  kind: z.enum(NOTIFICATION_KINDS).optional(),
  ...pageQuery,
});
export const notificationsShape = pageOf(notificationShape.extend({ is_read: z.boolean() }));
export const unreadShape = z.object({ unread: z.int() });

const numberShape = z.int().min(1).max(2_147_483_647);
export const readingShape = z
  .union([
    z.strictObject({ ids: z.array(numberShape).min(1).max(LIMITS.notificationsRead) }),
    z.strictObject({ up_to_id: numberShape }),
  ])
  .meta({ description: 'Single ones, or all up to one: what came after it stays unread' });

export const preferencesShape = z.strictObject({
  system: z.boolean().meta({ description: 'Notices of security come whatever this says' }),
  activity: z.boolean(),
  lottery: z.boolean(),
  points: z.boolean(),
  quiet_hours: quietHoursShape.nullable().meta({
    description:
      'Of each day in the time zone of the restaurants: nothing is pushed, and all of it afterwards',
    example: { from: '22:00', to: '08:00' },
  }),
});

/** The event goes with the data: of two events one may say the same as the other. */
export function notificationToWire(notification: ToldNotification, language: Language): NotificationOnWire {
  const { notification_no: id, event_id, kind, type, data, created_at, words } = notification;
  const text = textOf({ type, data }, language);
  const title = words?.title?.[language] ?? text.title;
  const body = words?.body?.[language] ?? text.body;
  return {
    id,
    kind,
    type,
    title,
    body,
    data: { ...data, event_id },
    created_at: toWireTime(created_at.getTime()),
  };
}

export function receivedToWire({ notification, isRead }: Received, language: Language) {
  return { ...notificationToWire(notification, language), is_read: isRead };
}
