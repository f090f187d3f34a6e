/** What tests of notifications share. */
import type { Database } from '../../src/platform/database/transaction.ts';
import { notify, type Notice } from '../../src/notifications/notify.ts';

let eventId = 1_000_000;

/** Of an event of its own, unless told otherwise. */
export function noticeTo(userId: number, notice: Partial<Notice> = {}): Notice {
  return { userId, eventId: ++eventId, type: 'earned', data: { amount: 5, balance: 10 }, ...notice };
}

export async function tell(database: Database, notices: readonly Notice[]): Promise<void> {
  await database.retryingTransaction((tx) => notify(tx, notices, Date.now()), 20);
}

export interface Row {
  notification_no: number;
  event_id: number;
  type: string;
}

export async function rowsOf(database: Database, userId: number): Promise<Row[]> {
  const rows = await database.read<Row>(
    'SELECT notification_no, event_id, type FROM notifications WHERE user_id = ? ORDER BY notification_no',
    [userId],
  );
  return rows.map(({ notification_no, event_id, type }) => ({
    notification_no,
    event_id: Number(event_id),
    type,
  }));
}

export async function numbersOf(database: Database, userId: number): Promise<number[]> {
  return (await rowsOf(database, userId)).map(({ notification_no: no }) => no);
}
