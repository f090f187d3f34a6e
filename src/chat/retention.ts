import type { Rule } from '../platform/database/forget.ts';

export const CHAT_RETENTION: readonly Rule[] = [
  // What was done is in the audit log.
  { table: 'chat_restrictions', key: ['restriction_id'], column: 'ends_at', days: 90, walk: 'time' },
  // With what was said, which stays with whoever can still read it. One that is open has no such time.
  { table: 'chat_reports', key: ['report_id'], column: 'decided_at', days: 180, walk: 'time' },
];
