import type { Database } from '../../src/platform/database/transaction.ts';

/** As the relay leaves events whose tries have all failed. */
export async function giveUp(database: Database, eventIds: readonly number[]): Promise<void> {
  await database.transaction((tx) =>
    tx.execute(
      `UPDATE business_events SET status = 'dead_letter', attempts = 3, last_error = 'Error: broken',
         processed_at = created_at, available_at = NULL
       WHERE event_id IN (?)`,
      [eventIds],
    ),
  );
}
