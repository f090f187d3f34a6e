import type { BusinessEvent } from '../../../entities/platform/BusinessEvent.ts';
import { insertRows } from '../database/bulk.ts';
import { sqlTime } from '../database/sqlValues.ts';
import type { EventType } from './types.ts';
import type { Tx } from '../database/transaction.ts';

export interface NewEvent {
  type: EventType;
  userId: number | null;
  /** Plain JSON; snake_case names, as handlers and the events API show it. */
  data: object;
  priority?: BusinessEvent['priority'];
}

/** Among the topics of a transaction that wrote events. */
export const EVENTS_TOPIC = 'events';

const EVENTS = {
  table: 'business_events',
  columns: ['event_type', 'user_id', 'event_data', 'priority', 'status', 'created_at'],
} as const;

/** Writes events in the transaction of the change they tell of, so that none is lost or invented (E-1). */
export async function emitEvents(tx: Tx, events: readonly NewEvent[], nowMs: number): Promise<void> {
  if (events.length === 0) return;
  tx.topics.add(EVENTS_TOPIC);
  const at = sqlTime(nowMs);
  await insertRows(
    tx,
    EVENTS,
    events.map(({ type, userId, data, priority = 'normal' }) => [
      type,
      userId,
      JSON.stringify(data),
      priority,
      'pending',
      at,
    ]),
  );
}
