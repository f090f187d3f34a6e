import { createHash } from 'node:crypto';
import type { Database } from '../../../src/platform/database/transaction.ts';

/**
 * Tables that change by themselves, or by a call that was refused, and why; whatever else there is, and will be, are the books:
 * accounts, their rows and lots, stock, draws, items, rules, events and who may do what.
 */
const NOT_BOOKS: ReadonlySet<string> = new Set([
  // Who logs in, whether or not they are let in, and from where.
  'customer_sessions',
  'login_locks',
  'login_logs',
  'rotated_refresh_tokens',
  'user_devices',
  'verification_codes',
  // Who has read codes wrong.
  'redemption_locks',
  // Whose room it is: whoever asks may open it.
  'room_owners',
  // What nodes do on their own.
  'analytics_behaviors',
  'analytics_interactions',
  'analytics_realtime_stats',
  'analytics_user_days',
  'analytics_user_profiles',
  'analytics_folds',
  // Worked out behind, of whoever meets a condition.
  'analytics_segments',
  'user_segments',
  'awaited_types',
  'chat_gram_cursors',
  'chat_grams',
  'event_handlings',
  'event_stream',
  'event_stream_heads',
  'holiday_alarms',
  'image_sweeps',
  'lottery_campaign_figures',
  'lottery_campaign_visitors',
  'lottery_days_drawn',
  'lottery_period_prizes',
  'lottery_periods',
  'lottery_statistics_cursors',
  'lottery_simulations',
  'member_import_problems',
  'member_import_rows',
  'member_imports',
  'notification_inboxes',
  'notification_recipients',
  'notification_reminders',
  'notifications',
  'points_day_cursors',
  'points_days',
  'points_reminders',
  'readiness_probes',
  'replica_beats',
  'report_counts',
  'report_days',
  'report_diners',
  'smart_feedback',
  'smart_model_parts',
  'smart_models',
  'smart_served',
  'smart_insight_looks',
  'smart_insights',
  'webhook_deliveries',
]);

/** Columns of books that are no part of them. */
const NOT_COLUMNS: Record<string, readonly string[]> = {
  // The relay's, which works on its own.
  business_events: [
    ...['status', 'attempts', 'takeovers', 'available_at', 'claimed_by', 'processed_at', 'last_error'],
  ],
  // Whoever calls is heard of.
  admin_status: ['beats', 'updated_at'],
  // What searches go by is written behind the messages.
  chat_conversations: ['is_indexed'],
  // When they are due is worked out behind them.
  reviews: ['due_at', 'limit_minutes', 'escalated_at'],
  // What comes of deliveries.
  webhooks: ['failures', 'failing_since'],
  // How far they are.
  notification_broadcasts: [
    ...['status', 'up_to_user_id', 'collected_to', 'total', 'sent', 'left_out', 'failed'],
    ...['claimed_by', 'claimed_until', 'finished_at'],
  ],
};

/** Of each table of the books: changes with every row of it, and with nothing else. */
export async function digestsOfBooks(database: Database): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  const { entityMetadatas, driver } = database.currentReader.connection;
  for (const { tableName, columns, primaryColumns } of entityMetadatas) {
    if (NOT_BOOKS.has(tableName)) continue;
    const without = NOT_COLUMNS[tableName] ?? [];
    // Some are named as a word of SQL.
    const names = (of: typeof columns) =>
      of
        .map(({ databaseName }) => databaseName)
        .filter((name) => !without.includes(name))
        .map((name) => driver.escape(name))
        .join(', ');
    const rows = await database.readCurrent(
      `SELECT ${names(columns)} FROM ${tableName} ORDER BY ${names(primaryColumns)}`,
    );
    digests.set(tableName, createHash('sha256').update(JSON.stringify(rows)).digest('hex'));
  }
  return digests;
}

/** Changes with every row of the books, and with nothing else. */
export async function digestOfBooks(database: Database): Promise<string> {
  return JSON.stringify([...(await digestsOfBooks(database))]);
}
