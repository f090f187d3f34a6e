/** Waits for what runs behind the draws: a house that was drawn in without a server has all of it before itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';

const POLL_MS = 500;
const PATIENCE_MS = 600_000;
const BEHIND = `SELECT 1 FROM business_events WHERE status = 'pending'
  UNION ALL SELECT 1 FROM lottery_campaigns c LEFT JOIN lottery_statistics_cursors s ON s.campaign_id = c.campaign_id
  WHERE c.draw_no > COALESCE(s.draw_no, 0) LIMIT 1`;

/** Resolves when the server that has this database has handled every event and counted every draw. @throws Error: it takes too long */
export async function untilCounted(url: string): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  while (await isBehind(url)) {
    if (Date.now() > deadlineMs) throw new Error('what was drawn before is not counted in time');
    await sleep(POLL_MS);
  }
}

/** Beside the server, whose lock the product's own way would wait for. */
async function isBehind(url: string): Promise<boolean> {
  if (url.startsWith('sqlite:')) {
    const file = new Sqlite(url.slice('sqlite:'.length), { readonly: true });
    try {
      return file.prepare(BEHIND).get() !== undefined;
    } finally {
      file.close();
    }
  }
  const connection = await createConnection(url);
  try {
    const [rows] = await connection.query(BEHIND);
    return (rows as unknown[]).length > 0;
  } finally {
    await connection.end();
  }
}
