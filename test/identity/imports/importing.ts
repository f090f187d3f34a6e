/** Files of members, and what becomes of them. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../../src/platform/database/transaction.ts';

export const HEADER = 'external_id,mobile,nickname,points';

/** `count` members in order: number n has n points, and the mobile of that number. */
export function fileOf(count: number, from = 1): string {
  const lines = Array.from({ length: count }, (_, at) => {
    const n = from + at;
    return `M-${n},${mobileOf(n)},会员${n},${n}`;
  });
  return [HEADER, ...lines, ''].join('\r\n');
}

export function mobileOf(n: number): string {
  return String(16_000_000_000 + n);
}

export interface ImportView {
  status: string;
  dry_run: boolean;
  rows: number;
  done: number;
  imported: number;
  importable: number;
  known: number;
  error_count: number;
  errors: { row: number; field: string; message: string }[];
}

export async function whenOver(read: () => Promise<ImportView>, patienceMs = 60_000): Promise<ImportView> {
  for (const startedMs = performance.now(); ; await sleep(20)) {
    const view = await read();
    if (view.status !== 'running') return view;
    assert.ok(performance.now() - startedMs < patienceMs, `it still runs: ${JSON.stringify(view)}`);
  }
}

/** Of those who were imported: how many there are, the rows of their points, and what these add up to. */
export async function importedSums(database: Database) {
  const [members] = await database.readCurrent<{ count: number | string }>(
    'SELECT COUNT(*) AS count FROM imported_members',
  );
  const [rows] = await database.readCurrent<{ count: number | string; sum: number | string | null }>(
    "SELECT COUNT(*) AS count, SUM(amount) AS sum FROM points_transactions WHERE transaction_type = 'import'",
  );
  const [audits] = await database.readCurrent<{ count: number | string }>(
    "SELECT COUNT(*) AS count FROM admin_audit_logs WHERE action = 'user.import'",
  );
  const [waiting] = await database.readCurrent<{ count: number | string }>(
    'SELECT COUNT(*) AS count FROM member_import_rows',
  );
  return {
    members: Number(members!.count),
    rows: Number(rows!.count),
    points: Number(rows!.sum ?? 0),
    audits: Number(audits!.count),
    waiting: Number(waiting!.count),
  };
}
