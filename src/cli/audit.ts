/**
 * `npm run audit`: checks every invariant of the books in the database of DATABASE_URL, on one consistent view of it, so it may
 * run while the server does. Changes nothing. Exit 0: the books balance; 1: a violated invariant; 2: the database cannot be read.
 */
import { runChecks, type Violation } from './auditChecks.ts';
import { auditEvents } from './auditEvents.ts';
import { auditLogs } from './auditLog.ts';
import { Snapshot, Unreadable } from './auditSnapshot.ts';
import { databaseUrl, seedKey } from './environment.ts';

export interface AuditTarget {
  databaseUrl: string;
  /** Opens the stored seeds; undefined: they are not checked against their commitments. */
  seedKey: Buffer | undefined;
}

/** Prints what it found and returns the exit code. */
export async function audit(target: AuditTarget, print: (line: string) => void): Promise<number> {
  try {
    const snapshot = await Snapshot.open(target.databaseUrl);
    try {
      const violations = [
        ...(await runChecks(snapshot)),
        ...(await auditEvents(snapshot)),
        ...(await auditLogs(snapshot, target.seedKey)),
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
    counts.push(`${Number(row!.rows_).toLocaleString('en-US')} ${name}`);
  }
  return counts.join(', ');
}

if (import.meta.main) {
  const target = { databaseUrl: databaseUrl(process.env), seedKey: seedKey(process.env) };
  process.exitCode = await audit(target, (line) => console.log(line));
}
