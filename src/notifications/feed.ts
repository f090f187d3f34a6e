import { z } from 'zod';
import type { Database } from '../platform/database/transaction.ts';
import type { Logger } from '../platform/logger.ts';
import { repeating } from '../platform/repeating.ts';
import { notifiedOf, type Notified } from './notified.ts';
import { PersonalFeed } from './personalFeed.ts';

/** People of one look at their inboxes. */
const LOOKED_AT = 1000;

/** `isLook`: nobody has said that anything is new. */
type Listener = (notified: Notified & { isLook: boolean }) => void;

/**
 * Tells this node's rooms of notifications, whichever node has written them. What is published may be lost; all inboxes that
 * somebody here listens to are looked at again every few seconds.
 */
export class NotificationFeed {
  private readonly feed: PersonalFeed<Notified, Parameters<Listener>[0]>;

  constructor(private readonly services: { database: Database; logger: Logger }) {
    const { database, logger } = services;
    this.feed = new PersonalFeed({
      logger,
      channel: 'notified',
      shape: z.object({ userId: z.int(), lastNo: z.int(), isUrgent: z.boolean() }),
      about: 'notifications',
      onHeard: (notified) => this.feed.tell(notified.userId, { ...notified, isLook: false }),
    });
    database.onCommit((topics) => this.feed.publish(notifiedOf(topics)));
  }

  /** For the one room of a person on this node. @returns the end of it */
  listen(userId: number, listener: Listener): () => void {
    return this.feed.listen(userId, listener);
  }

  /** @returns how to stop looking */
  keepLooking(): () => void {
    return repeating(this.services.logger, 'inboxes could not be looked at', () => this.look());
  }

  private async look(): Promise<void> {
    const userIds = this.feed.present;
    for (let from = 0; from < userIds.length; from += LOOKED_AT) {
      const part = userIds.slice(from, from + LOOKED_AT);
      const rows = await this.services.database.readCurrent<{ user_id: number; last_no: number }>(
        'SELECT user_id, last_no FROM notification_inboxes WHERE user_id IN (?)',
        [part],
      );
      for (const { user_id: userId, last_no: lastNo } of rows)
        this.feed.tell(userId, { userId, lastNo, isUrgent: false, isLook: true });
    }
  }
}
