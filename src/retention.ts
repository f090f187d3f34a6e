/*
 * What is forgotten, and when. Only what is listed here ever goes. Draws and their requests, the fairness log, ledger rows,
 * won items, people, campaigns and the administration's log never do.
 */
import type { Rule } from './platform/database/forget.ts';
import { EVENT_DAYS } from './platform/events/types.ts';

/** As long as a refresh token can be set to live. */
const LOGIN_DAYS = 90;

export const RETENTION: readonly Rule[] = [
  // A number's codes of one day are counted.
  { table: 'verification_codes', key: ['code_id'], column: 'created_at', days: 7, walk: 'key' },
  // Operators in China have to keep them for six months.
  { table: 'login_logs', key: ['log_id'], column: 'created_at', days: 200, walk: 'key' },
  // No lock is longer than a day.
  { table: 'login_locks', key: ['mobile', 'origin'], column: 'updated_at', days: 30, walk: 'time' },
  {
    table: 'rotated_refresh_tokens',
    key: ['token_hash'],
    column: 'rotated_at',
    days: LOGIN_DAYS,
    walk: 'time',
  },
  {
    table: 'customer_sessions',
    key: ['session_id'],
    column: 'created_at',
    days: LOGIN_DAYS,
    condition: 'expires_at < ? OR (revoked_at IS NOT NULL AND revoked_at < ?)',
    walk: 'key',
  },
  // With the marks of their handlers, which nobody asks for again.
  {
    table: 'business_events',
    key: ['event_id'],
    column: 'created_at',
    days: EVENT_DAYS,
    condition: `status = 'completed' AND (processed_at IS NULL OR processed_at < ?)`,
    with: ['event_handlings'],
    walk: 'key',
  },
  // Nobody has handled them for half a year.
  {
    table: 'business_events',
    key: ['event_id'],
    column: 'created_at',
    days: 180,
    condition: `status IN ('dead_letter', 'unknown')`,
    with: ['event_handlings'],
    walk: 'key',
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
