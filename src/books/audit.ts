import type { Objects } from '../images/objects.ts';
import { auditBehaviors } from './behaviors.ts';
import { auditApprovals } from './approvals.ts';
import { runChecks } from './checks.ts';
import type { Violation } from './check.ts';
import { auditEvents } from './events.ts';
import { auditImages } from './imageObjects.ts';
import { auditLogs } from './log.ts';
import { auditPacks } from './packs.ts';
import { Snapshot, Unreadable } from './snapshot.ts';

export interface AuditTarget {
  databaseUrl: string;
  /** Opens the stored seeds; undefined: they are not checked against their commitments. */
  seedKey: Buffer | undefined;
  /** Where pictures are; absent: rows are not held against it. */
  images?: Objects;
  /** That business days are of. */
  timezone?: string;
}

/**
 * Checks every invariant, on one consistent view of the database, so it may run while the server does; changes nothing.
 * Prints what it found and returns the exit code: 0 the books balance, 1 something is violated, 2 the database cannot be read.
 */
export async function audit(target: AuditTarget, print: (line: string) => void): Promise<number> {
  try {
    const snapshot = await Snapshot.open(target.databaseUrl);
    try {
      const violations = [
        ...(await auditPacks(snapshot)),
        ...(await runChecks(snapshot)),
        ...(await auditEvents(snapshot)),
        ...(await auditLogs(snapshot, target.seedKey)),
        ...(await auditApprovals(snapshot)),
        ...(await auditBehaviors(snapshot, target.timezone ?? 'Asia/Shanghai', Date.now())),
        ...(target.images === undefined ? [] : await auditImages(snapshot, target.images, Date.now())),
      ];
      for (const line of violations.flatMap(linesOf)) print(line);
      if (violations.length > 0) return 1;
      print('books balance');
      print(await countsLine(snapshot));
    } finally {
      await snapshot.close();
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    print(error.message);
    return 2;
  }
  if (target.seedKey === undefined) print('revealed seeds not checked: SEED_ENCRYPTION_KEY is not set');
  return 0;
}

function linesOf({ rule, holds, examples, more }: Violation): string[] {
  const lines = [`${rule} violated: ${holds}`, ...examples.map((example) => `  ${example}`)];
  return more ? [...lines, '  …'] : lines;
}

async function countsLine(snapshot: Snapshot): Promise<string> {
  const tables = { users: 'users', transactions: 'points_transactions', draws: 'lottery_draws' };
  const counts: string[] = [];
  for (const [name, table] of Object.entries(tables)) {
    const [row] = await snapshot.query<{ rows_: number | string }>(`SELECT COUNT(*) AS rows_ FROM ${table}`);
    const packed = name === 'draws' ? await countPacked(snapshot) : 0;
    counts.push(`${(Number(row!.rows_) + packed).toLocaleString('en-US')} ${name}`);
  }
  return counts.join(', ');
}

/** Without a gap, which was looked for. */
async function countPacked(snapshot: Snapshot): Promise<number> {
  const [row] = await snapshot.query<{ draws: number | string | null }>(
    'SELECT SUM(last_draw_no - first_draw_no + 1) AS draws FROM lottery_draw_packs',
  );
  return Number(row?.draws ?? 0);
}
