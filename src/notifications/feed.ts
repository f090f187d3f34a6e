import { matchMaker } from '@colyseus/core';
import { In } from 'typeorm';
import { z } from 'zod';
import { NotificationInbox } from '../../entities/notifications/NotificationInbox.ts';
import { publish, type Topic } from '../platform/cluster/topic.ts';
import type { Database } from '../platform/database/transaction.ts';
import type { Logger } from '../platform/logger.ts';
import { repeating } from '../platform/repeating.ts';
import { notifiedOf, type Notified } from './notified.ts';

/** One message for all people of a commit, for all nodes. */
const FEED: Topic<string, unknown> = {
  channel: (name) => name,
  shape: z.array(z.object({ userId: z.int(), lastNo: z.int(), isUrgent: z.boolean() })),
};
const CHANNEL = 'notified';
const feedShape = FEED.shape as z.ZodType<Notified[]>;

/** People of one look at their inboxes. */
const LOOKED_AT = 1000;

/** `isLook`: nobody has said that anything is new. */
type Listener = (notified: Notified & { isLook: boolean }) => void;

/**
 * Tells this node's rooms of notifications, whichever node has written them. What is published may be lost; all inboxes that
 * somebody here listens to are looked at again every few seconds.
 */
export class NotificationFeed {
  private readonly listeners = new Map<number, Listener>();
  private isSubscribed = false;

  constructor(private readonly services: { database: Database; logger: Logger }) {
    services.database.onCommit((topics) => this.tell(topics));
  }

  /** For the one room of a person on this node. @returns the end of it */
  listen(userId: number, listener: Listener): () => void {
    this.subscribe();
    this.listeners.set(userId, listener);
    return () => {
      if (this.listeners.get(userId) === listener) this.listeners.delete(userId);
    };
  }

  /** @returns how to stop looking */
  keepLooking(): () => void {
    return repeating(this.services.logger, 'inboxes could not be looked at', () => this.look());
  }

  private tell(topics: ReadonlySet<string>): void {
    const notified = notifiedOf(topics);
    if (notified.length === 0) return;
    publish(FEED, CHANNEL, notified).catch((error: unknown) =>
      this.services.logger.warn({ err: error }, 'notifications were not published'),
    );
  }

  private subscribe(): void {
    if (this.isSubscribed) return;
    this.isSubscribed = true;
    Promise.resolve(matchMaker.presence.subscribe(CHANNEL, this.heard)).catch((error: unknown) => {
      this.isSubscribed = false;
      this.services.logger.warn({ err: error }, 'notifications are not listened to');
    });
  }

  private readonly heard = (published: unknown): void => {
    const { success, data } = feedShape.safeParse(published);
    if (!success) return this.services.logger.warn('a malformed message of notifications');
    for (const notified of data) this.listeners.get(notified.userId)?.({ ...notified, isLook: false });
  };

  private async look(): Promise<void> {
    const userIds = [...this.listeners.keys()];
    for (let from = 0; from < userIds.length; from += LOOKED_AT) {
      const part = In(userIds.slice(from, from + LOOKED_AT));
      const reader = this.services.database.currentReader;
      for (const { user_id: userId, last_no: lastNo } of await reader.findBy(NotificationInbox, {
        user_id: part,
      }))
        this.listeners.get(userId)?.({ userId, lastNo, isUrgent: false, isLook: true });
    }
  }
}
