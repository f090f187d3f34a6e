import {
  Notification,
  NOTIFICATION_KINDS,
  type NotificationKind,
} from '../../entities/notifications/Notification.ts';
import { NotificationInbox } from '../../entities/notifications/NotificationInbox.ts';
import { activeAmong } from '../identity/people/isActive.ts';
import { insertAll, upsertAll } from '../platform/database/bulk.ts';
import { forUpdate, type Tx } from '../platform/database/transaction.ts';
import { notifiedTopic } from './notified.ts';
import { templateOf, type NoticeType } from './texts.ts';

/** What somebody is to be told. */
export interface Notice {
  userId: number;
  eventId: number;
  type: NoticeType;
  /** What its text names, and whoever shows it looks up. */
  data: Record<string, unknown>;
}

/**
 * Tells many people at once, in the order of the notices. Numbers are given under the locks of the inboxes, which are taken in
 * the order of user ids (RC-16); of an event that somebody has been told of they are not told again (RC-10). Who is not active,
 * or does not want to be told, is left out (RC-11). Seven statements, however many there are.
 * @returns who was told something
 */
export async function notify(
  tx: Tx,
  notices: readonly Notice[],
  nowMs: number,
): Promise<ReadonlySet<number>> {
  if (notices.length === 0) return new Set();
  const userIds = [...new Set(notices.map(({ userId }) => userId))].sort((a, b) => a - b);
  const inboxes = await tx.query<{ user_id: number; last_no: number }>(
    `SELECT user_id, last_no FROM notification_inboxes WHERE user_id IN (?) ORDER BY user_id${forUpdate(tx)}`,
    [userIds],
  );
  // Under the locks: whoever has just left is seen, and what another delivery has written.
  const wanted = await wantedOf(tx, notices, userIds);
  const isNew = await unknownOf(tx, wanted, userIds);
  const lastNos = new Map(inboxes.map(({ user_id: userId, last_no: lastNo }) => [userId, lastNo]));
  const created_at = new Date(nowMs);
  const changed = new Set<number>();
  const rows = wanted.filter(isNew).map(({ userId, eventId, type, data }) => {
    const notification_no = (lastNos.get(userId) ?? 0) + 1;
    lastNos.set(userId, notification_no);
    changed.add(userId);
    const { kind } = templateOf(type);
    return { user_id: userId, notification_no, event_id: eventId, kind, type, data, created_at };
  });
  await upsertAll(
    tx,
    NotificationInbox,
    userIds
      .filter((userId) => changed.has(userId))
      .map((user_id) => ({ user_id, last_no: lastNos.get(user_id)! })),
  );
  await insertAll(tx, Notification, rows);
  const urgent = new Set(wanted.flatMap(({ userId, type }) => (templateOf(type).isSecurity ? [userId] : [])));
  for (const userId of changed)
    tx.topics.add(notifiedTopic({ userId, lastNo: lastNos.get(userId)!, isUrgent: urgent.has(userId) }));
  return changed;
}

async function wantedOf(tx: Tx, notices: readonly Notice[], userIds: readonly number[]): Promise<Notice[]> {
  const [active, preferences] = await Promise.all([
    activeAmong(tx, userIds),
    tx.query<{ user_id: number } & Record<`wants_${NotificationKind}`, number | boolean>>(
      `SELECT user_id, ${NOTIFICATION_KINDS.map((kind) => `wants_${kind}`).join(', ')}
       FROM notification_preferences WHERE user_id IN (?)`,
      [userIds],
    ),
  ]);
  const preferenceOf = new Map(preferences.map((preference) => [preference.user_id, preference]));
  return notices.filter(({ userId, type }) => {
    const { kind, isSecurity } = templateOf(type);
    if (!active.has(userId)) return false;
    return isSecurity === true || Boolean(preferenceOf.get(userId)?.[`wants_${kind}`] ?? true);
  });
}

/** Whether somebody has not been told of something, neither before nor by an earlier one of these. @param userIds ascending */
async function unknownOf(
  tx: Tx,
  notices: readonly Notice[],
  userIds: readonly number[],
): Promise<(notice: Notice) => boolean> {
  const known = new Set<string>();
  if (notices.length > 0) {
    // A broadcast is one event of very many people: of them those between. A list of people would be met with each event's.
    const told = await tx.query<{ event_id: number; user_id: number; type: string }>(
      'SELECT event_id, user_id, type FROM notifications WHERE event_id IN (?) AND user_id BETWEEN ? AND ?',
      [[...new Set(notices.map(({ eventId }) => eventId))], userIds.at(0), userIds.at(-1)],
    );
    for (const row of told) known.add(`${row.event_id} ${row.user_id} ${row.type}`);
  }
  return ({ eventId, userId, type }) => {
    const name = `${eventId} ${userId} ${type}`;
    return !known.has(name) && known.add(name) !== undefined;
  };
}
