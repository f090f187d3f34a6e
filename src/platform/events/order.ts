/** What keeps an event waiting where a handler takes each user's events in order (RE-6). */
import { fromSqlTime } from '../database/sqlValues.ts';
import type { Tx } from '../database/transaction.ts';
import type { DueEvent } from './store.ts';

export interface EarlierEvent {
  eventId: number;
  /** When it is tried again, where it has failed; undefined: it is being handled, or is about to be. */
  againAtMs: number | undefined;
}

export interface OrderedHandler {
  handler: string;
  /** All that it takes. */
  types: readonly string[];
}

interface EarlierRow {
  event_id: number;
  user_id: number;
  priority: string;
  status: string;
  available_at: Date | string | null;
}

/**
 * Those of the events that must not be handled yet, each with the first of its user's events that is open, has no mark of the handler
 * and is not among these: whoever handles these does so in the order of their ids, in this transaction. One that is handled
 * elsewhere at this moment has no mark that is seen here. Two statements at most, over what is claimed, has failed, or is behind
 * the claim.
 */
export async function earlierOpen(
  tx: Tx,
  events: readonly DueEvent[],
  { handler, types }: OrderedHandler,
): Promise<ReadonlyMap<DueEvent, EarlierEvent>> {
  const ordered = events.filter(({ userId }) => userId !== null);
  if (ordered.length === 0) return new Map();
  const own = events.map(({ eventId }) => eventId);
  const priorities = [...new Set(ordered.map(({ priority }) => priority))];
  const upTo = own.reduce((most, eventId) => Math.max(most, eventId));
  const index = tx.dialect === 'mysql' ? ' FORCE INDEX (business_events_due)' : '';
  // By a sum, so that the ids are looked up in the list, which would make a range of the index for each of them else.
  const others = `FROM business_events e${index}
     WHERE e.status IN ('pending', 'processing', 'failed') AND e.priority IN (?) AND e.event_id <= ? AND e.event_id + 0 NOT IN (?)`;
  const which = [priorities, upTo, own];
  // Of the index alone. Mostly there are none, and that is all.
  if ((await tx.query(`SELECT 1 ${others} LIMIT 1`, which)).length === 0) return new Map();
  const rows = await tx.query<EarlierRow>(
    `SELECT e.event_id, e.user_id, e.priority, e.status, e.available_at ${others}
       AND e.event_type IN (?) AND e.user_id IN (?)
       AND NOT EXISTS (SELECT 1 FROM event_handlings h WHERE h.event_id = e.event_id AND h.handler = ?)`,
    [...which, types, [...new Set(ordered.map(({ userId }) => userId))], handler],
  );
  const first = new Map<string, EarlierEvent>();
  for (const row of rows.toSorted((a, b) => a.event_id - b.event_id)) {
    const key = `${row.user_id} ${row.priority}`;
    if (first.has(key)) continue;
    const isFailed = row.status === 'failed' && row.available_at !== null;
    const againAtMs = isFailed ? fromSqlTime(row.available_at!) : undefined;
    first.set(key, { eventId: Number(row.event_id), againAtMs });
  }
  return new Map(
    ordered.flatMap((event) => {
      const before = first.get(`${event.userId} ${event.priority}`);
      return before !== undefined && before.eventId < event.eventId ? [[event, before] as const] : [];
    }),
  );
}
