import type { Rule } from '../platform/database/forget.ts';

/** As long as a refresh token can be set to live. */
const LOGIN_DAYS = 90;

export const IDENTITY_RETENTION: readonly Rule[] = [
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
  // Who was imported is remembered without them: imported_members.
  {
    table: 'member_imports',
    key: ['import_id'],
    column: 'created_at',
    days: 30,
    condition: `status IN ('completed', 'failed')`,
    with: ['member_import_problems', 'member_import_rows'],
    walk: 'key',
  },
  // Broken off, or of a node that died.
  {
    table: 'member_imports',
    key: ['import_id'],
    column: 'created_at',
    days: 1,
    condition: `status = 'receiving'`,
    with: ['member_import_problems', 'member_import_rows'],
    walk: 'key',
  },
];
