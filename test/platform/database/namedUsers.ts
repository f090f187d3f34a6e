import { sqlTime } from '../../../src/platform/database/sqlValues.ts';
import type { Database, Tx } from '../../../src/platform/database/transaction.ts';

const NOW = sqlTime(Date.parse('2026-03-01T00:00:00.000Z'));
let nextMobile = 15_000_000_000;

export async function insertUser(tx: Tx, nickname: string, mobile = String(nextMobile++)): Promise<void> {
  await tx.execute(
    'INSERT INTO users (mobile, nickname, registration_date, created_at, updated_at) VALUES (?, ?, ?, ?, ?)',
    [mobile, nickname, NOW, NOW, NOW],
  );
}

export async function countOf(database: Pick<Database, 'read'>, nickname: string): Promise<number> {
  const [row] = await database.read<{ count: number | string }>(
    'SELECT COUNT(*) AS count FROM users WHERE nickname = ?',
    [nickname],
  );
  return Number(row!.count);
}
