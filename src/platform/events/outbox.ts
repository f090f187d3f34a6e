import { BusinessEvent } from '../../../entities/platform/BusinessEvent.ts';
import { insertAll } from '../database/bulk.ts';
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

/** Writes events in the transaction of the change they tell of, so that none is lost or invented (E-1). */
export async function emitEvents(tx: Tx, events: readonly NewEvent[], nowMs: number): Promise<void> {
  if (events.length === 0) return;
  tx.topics.add(EVENTS_TOPIC);
  const created_at = new Date(nowMs);
  await insertAll(
    tx,
    BusinessEvent,
    events.map(({ type, userId, data, priority = 'normal' }) => ({
      event_type: type,
      user_id: userId,
      event_data: JSON.stringify(data),
      priority,
      status: 'pending',
      created_at,
    })),
  );
}
