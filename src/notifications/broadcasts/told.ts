/** Notifications of broadcasts, with what is kept once for all of their recipients. */
import { In, type EntityManager } from 'typeorm';
import type { Notification } from '../../../entities/notifications/Notification.ts';
import { NotificationBroadcast } from '../../../entities/notifications/NotificationBroadcast.ts';

export interface ToldNotification extends Notification {
  /** What a broadcast says, in place of what its type says. */
  words?: Pick<NotificationBroadcast, 'title' | 'body'>;
}

/** One statement where any of them is of a broadcast, and none otherwise. */
export async function withBroadcasts(
  manager: EntityManager,
  notifications: readonly Notification[],
): Promise<ToldNotification[]> {
  const ids = new Set(notifications.flatMap((one) => broadcastIdOf(one) ?? []));
  if (ids.size === 0) return [...notifications];
  const found = await manager.find(NotificationBroadcast, {
    select: { broadcast_id: true, title: true, body: true, data: true },
    where: { broadcast_id: In([...ids]) },
  });
  const byId = new Map(found.map((broadcast) => [broadcast.broadcast_id, broadcast]));
  return notifications.map((notification) => {
    const broadcast = byId.get(broadcastIdOf(notification) ?? 0);
    if (broadcast === undefined) return notification;
    const { title, body, data } = broadcast;
    return { ...notification, data: { ...data, ...notification.data }, words: { title, body } };
  });
}

function broadcastIdOf({ data }: Notification): number | undefined {
  const { broadcast_id: id } = data;
  return typeof id === 'number' ? id : undefined;
}
