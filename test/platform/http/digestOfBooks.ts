import { createHash } from 'node:crypto';
import type { Database } from '../../../src/platform/database/transaction.ts';

/** The tables that money, stock, draws and their events are in, each with what orders its rows. */
const BOOKS = {
  user_points_accounts: 'account_id',
  points_transactions: 'transaction_id',
  lottery_campaigns: 'campaign_id',
  lottery_prizes: 'prize_id',
  lottery_draws: 'draw_id',
  lottery_draw_requests: 'campaign_id, user_id, request_id',
  lottery_user_counters: 'campaign_id, user_id',
  lottery_fairness_epochs: 'campaign_id, epoch',
  lottery_fairness_entries: 'campaign_id, log_no',
  user_inventories: 'inventory_id',
  business_events: 'event_id',
  idempotency_records: 'user_id, idempotency_key',
};

/** Where the books are a part of the row; the rest is the relay's, which works on its own. */
const COLUMNS: Record<string, string> = {
  business_events: 'event_id, event_type, user_id, event_data, priority',
};

/** Changes with every row of the books, and with nothing else. */
export async function digestOfBooks(database: Database): Promise<string> {
  const hash = createHash('sha256');
  for (const [table, order] of Object.entries(BOOKS)) {
    const rows = await database.read(`SELECT ${COLUMNS[table] ?? '*'} FROM ${table} ORDER BY ${order}`);
    hash.update(`${table}\n${JSON.stringify(rows)}\n`);
  }
  return hash.digest('hex');
}
