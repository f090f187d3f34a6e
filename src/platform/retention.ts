import type { Rule } from './database/forget.ts';
import { EVENT_DAYS } from './events/types.ts';

/** What is forgotten of the platform's own tables. */
export const PLATFORM_RETENTION: readonly Rule[] = [
  // With their place in the live stream, and with the marks of their handlers, which nobody asks for again.
  {
    table: 'business_events',
    key: ['event_id'],
    column: 'created_at',
    days: EVENT_DAYS,
    condition: `status = 'completed' AND (processed_at IS NULL OR processed_at < ?)`,
    with: ['event_handlings', 'event_stream'],
    walk: 'key',
  },
  // Nobody has handled them for half a year.
  {
    table: 'business_events',
    key: ['event_id'],
    column: 'created_at',
    days: 180,
    condition: `status IN ('dead_letter', 'unknown')`,
    with: ['event_handlings', 'event_stream'],
    walk: 'key',
  },
  // Whoever still handles them says so every hour. The table is too small for an index on the time.
  {
    table: 'awaited_types',
    key: ['event_type', 'node_id'],
    column: 'seen_at',
    days: 7,
    walk: 'time',
  },
  // A call with its key is another one by then (PTS-4).
  {
    table: 'idempotency_records',
    key: ['user_id', 'idempotency_key'],
    column: 'created_at',
    days: 90,
    walk: 'time',
  },
];
