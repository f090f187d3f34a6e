import type { Dialect } from '../database/dataSource.ts';
import { CAMPAIGN_CHECKS } from './auditCampaigns.ts';
import { DRAW_CHECKS } from './auditDraws.ts';
import { POINTS_CHECKS } from './auditPoints.ts';
import type { Snapshot } from './auditSnapshot.ts';

/** An invariant of the books. */
export interface Invariant {
  /** The id of the rule or feature it comes from. */
  rule: string;
  holds: string;
}

/** An invariant as one statement that selects what violates it; columns become the examples. Runs on both databases. */
export interface Check extends Invariant {
  sql(dialect: Dialect): string;
}

export interface Violation extends Invariant {
  examples: string[];
  /** There are more than the examples. */
  more: boolean;
}

const MAX_EXAMPLES = 10;

/** Runs every check that is a statement. */
export async function runChecks(snapshot: Snapshot): Promise<Violation[]> {
  const findings = new Findings();
  for (const check of [...POINTS_CHECKS, ...CAMPAIGN_CHECKS, ...DRAW_CHECKS]) {
    const rows = await snapshot.query<object>(`${check.sql(snapshot.dialect)} LIMIT ${MAX_EXAMPLES + 1}`);
    for (const row of rows) findings.add(check, describe(row));
  }
  return findings.violations;
}

/** Gathers violations by invariant, a few examples of each. */
export class Findings {
  private readonly found = new Map<string, Violation>();

  get violations(): Violation[] {
    return [...this.found.values()];
  }

  add({ rule, holds }: Invariant, example: string): void {
    const key = `${rule} ${holds}`;
    const violation = this.found.get(key) ?? { rule, holds, examples: [], more: false };
    this.found.set(key, violation);
    if (violation.examples.length < MAX_EXAMPLES) violation.examples.push(example);
    else violation.more = true;
  }
}

function describe(row: object): string {
  return Object.entries(row)
    .map(([column, value]) => `${column} ${String(value ?? 'none')}`)
    .join(', ');
}
