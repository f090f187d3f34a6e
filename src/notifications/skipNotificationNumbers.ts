import { MoreThanOrEqual } from 'typeorm';
import { NotificationInbox } from '../../entities/notifications/NotificationInbox.ts';
import type { Tx } from '../platform/database/transaction.ts';

/** Fewer than a device is sent without having said what it has: what is not read is sent all the same. */
const LEFT_OUT = 1000;

/** The next notification of everybody has a number that none had before: a device that has had later ones is sent it. */
export async function skipNotificationNumbers(tx: Tx): Promise<void> {
  await tx.manager.increment(NotificationInbox, { user_id: MoreThanOrEqual(0) }, 'last_no', LEFT_OUT);
}
