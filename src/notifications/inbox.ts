/** What somebody was told, and what of it they have read. */
import { In, MoreThan } from 'typeorm';
import { Notification, type NotificationKind } from '../../entities/notifications/Notification.ts';
import { NotificationInbox } from '../../entities/notifications/NotificationInbox.ts';
import { NotificationPreference } from '../../entities/notifications/NotificationPreference.ts';
import { upsertAll } from '../platform/database/bulk.ts';
import { readPage } from '../platform/database/readPage.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import type { Page, PageQuery } from '../platform/shapes.ts';
import { withBroadcasts, type ToldNotification } from './broadcasts/told.ts';
import { notifiedTopic } from './notified.ts';

export interface NotificationServices {
  database: Database;
}

export interface Received {
  notification: ToldNotification;
  isRead: boolean;
}

interface Narrowed {
  unread?: boolean | undefined;
  kind?: NotificationKind | undefined;
}

/** The newest first. */
export async function listNotifications(
  database: Database,
  userId: number,
  { unread = false, kind, ...query }: PageQuery & Narrowed,
): Promise<Page<Received>> {
  const reader = database.currentReader;
  const { readUpTo } = await readInbox(database, userId);
  const where = { user_id: userId, ...(unread && unreadAfter(readUpTo)), ...(kind && { kind }) };
  const order = { notification_no: 'DESC' } as const;
  const { items, ...page } = await readPage(query, {
    items: (part) => reader.find(Notification, { where, order, ...part }),
    count: () => reader.countBy(Notification, where),
  });
  const told = await withBroadcasts(reader, items);
  return { ...page, items: told.map((notification) => receivedOf(notification, readUpTo)) };
}

/** Those after a number, in their order. */
export async function readAfter(
  database: Database,
  { userId, afterNo, limit }: { userId: number; afterNo: number; limit: number },
): Promise<ToldNotification[]> {
  const reader = database.currentReader;
  const rows = await reader.find(Notification, {
    where: { user_id: userId, notification_no: MoreThan(afterNo) },
    order: { notification_no: 'ASC' },
    take: limit,
  });
  return withBroadcasts(reader, rows);
}

/** Counted, so that it is what there is. */
export async function countUnread(database: Database, userId: number): Promise<number> {
  const { readUpTo } = await readInbox(database, userId);
  return database.currentReader.countBy(Notification, { user_id: userId, ...unreadAfter(readUpTo) });
}

export type Reading = { ids: readonly number[] } | { up_to_id: number };

/**
 * Takes those for read that were named, or all up to one: what came after it stays unread (RC-12). Numbers that are nobody's, or
 * read already, change nothing; one that is still to come reads nothing ahead.
 */
export async function markRead(tx: Tx, userId: number, reading: Reading): Promise<void> {
  const [inbox] = await tx.lock(NotificationInbox, { where: { user_id: userId } });
  if (inbox === undefined) return;
  if ('ids' in reading) {
    const which = { user_id: userId, notification_no: In([...reading.ids]) };
    await tx.manager.update(Notification, which, { is_read: true });
  } else {
    const upTo = Math.min(reading.up_to_id, inbox.last_no);
    if (upTo <= inbox.read_up_to) return;
    await tx.manager.update(NotificationInbox, { user_id: userId }, { read_up_to: upTo });
  }
  tx.topics.add(notifiedTopic({ userId, lastNo: inbox.last_no, isUrgent: false }));
}

/** Takes somebody who leaves out of all of this. */
export async function forgetNotifications(tx: Tx, userId: number): Promise<void> {
  await tx.lock(NotificationInbox, { where: { user_id: userId } });
  await tx.manager.delete(Notification, { user_id: userId });
  await tx.manager.delete(NotificationPreference, { user_id: userId });
}

export interface Preferences {
  system: boolean;
  activity: boolean;
  lottery: boolean;
  points: boolean;
  quiet_hours: { from: string; to: string } | null;
}

/** @param usualHours the quiet hours of whoever has chosen nothing */
export async function readPreferences(
  { currentReader }: Pick<Database, 'currentReader'>,
  userId: number,
  usualHours: Preferences['quiet_hours'] = null,
): Promise<Preferences> {
  const row = await currentReader.findOneBy(NotificationPreference, { user_id: userId });
  const { quiet_from: from = null, quiet_to: to = null } = row ?? {};
  return {
    system: row?.wants_system ?? true,
    activity: row?.wants_activity ?? true,
    lottery: row?.wants_lottery ?? true,
    points: row?.wants_points ?? true,
    quiet_hours: row === null ? usualHours : from === null || to === null ? null : { from, to },
  };
}

export async function writePreferences(tx: Tx, userId: number, preferences: Preferences): Promise<void> {
  const { system, activity, lottery, points, quiet_hours: quiet } = preferences;
  const row = {
    user_id: userId,
    wants_system: system,
    wants_activity: activity,
    wants_lottery: lottery,
    wants_points: points,
    quiet_from: quiet?.from ?? null,
    quiet_to: quiet?.to ?? null,
  };
  await upsertAll(tx, NotificationPreference, [row]);
}

export async function readInbox(
  { currentReader }: Pick<Database, 'currentReader'>,
  userId: number,
): Promise<{ lastNo: number; readUpTo: number }> {
  const inbox = await currentReader.findOneBy(NotificationInbox, { user_id: userId });
  return { lastNo: inbox?.last_no ?? 0, readUpTo: inbox?.read_up_to ?? 0 };
}

function unreadAfter(readUpTo: number) {
  return { notification_no: MoreThan(readUpTo), is_read: false };
}

export function receivedOf(notification: ToldNotification, readUpTo: number): Received {
  return { notification, isRead: notification.is_read || notification.notification_no <= readUpTo };
}
