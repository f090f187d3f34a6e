import { APPROVAL_CHECKS } from './approvalChecks.ts';
import type { Check, Invariant, Violation } from './check.ts';
import { CAMPAIGN_CHECKS } from './campaigns.ts';
import { CHAT_CHECKS } from './chats.ts';
import { CONFIGURATION_CHECKS } from './configuration.ts';
import { DRAW_CHECKS } from './draws.ts';
import { IMAGE_CHECKS } from './images.ts';
import { IMPORT_CHECKS } from './imports.ts';
import { ITEM_CHECKS } from './items.ts';
import { LOT_CHECKS } from './lots.ts';
import { MERGE_CHECKS } from './merges.ts';
import { PACK_CHECKS } from './packChecks.ts';
import { withPacked } from './packedSql.ts';
import { POINTS_CHECKS } from './points.ts';
import { PRODUCT_CHECKS } from './products.ts';
import { REPORT_CHECKS } from './reports.ts';
import { REVIEW_CHECKS } from './reviews.ts';
import { SERVICE_CHECKS } from './services.ts';
import { STATISTICS_CHECKS } from './statistics.ts';
import { SUM_CHECKS } from './sums.ts';
import { TRADE_CHECKS } from './trades.ts';
import { TRANSFER_CHECKS } from './transfers.ts';
import type { Snapshot } from './snapshot.ts';
import { EARNING_CHECKS } from './earnings.ts';

const MAX_EXAMPLES = 10;

export const CHECKS: readonly Check[] = [
  ...POINTS_CHECKS,
  ...LOT_CHECKS,
  ...SUM_CHECKS,
  ...TRANSFER_CHECKS,
  ...EARNING_CHECKS,
  ...IMPORT_CHECKS,
  ...CAMPAIGN_CHECKS,
  ...DRAW_CHECKS,
  ...PACK_CHECKS,
  ...ITEM_CHECKS,
  ...PRODUCT_CHECKS,
  ...TRADE_CHECKS,
  ...MERGE_CHECKS,
  ...STATISTICS_CHECKS,
  ...APPROVAL_CHECKS,
  ...CHAT_CHECKS,
  ...SERVICE_CHECKS,
  ...IMAGE_CHECKS,
  ...CONFIGURATION_CHECKS,
  ...REVIEW_CHECKS,
  ...REPORT_CHECKS,
];

/** Runs every check that is a statement. On books that balance proofs do; where anything is wrong, all is looked at. */
export async function runChecks(snapshot: Snapshot): Promise<Violation[]> {
  return (await isProven(snapshot)) ? [] : findViolations(snapshot);
}

/** What selects rows of draws selects those in packs as well, once there are any. */
async function readerOf(snapshot: Snapshot): Promise<<Row>(statement: string) => Promise<Row[]>> {
  const hasPacks = (await snapshot.query('SELECT 1 AS found FROM lottery_draw_packs LIMIT 1')).length > 0;
  return <Row>(statement: string) =>
    snapshot.query<Row>(hasPacks ? withPacked(statement, snapshot.dialect) : statement);
}

async function isProven(snapshot: Snapshot): Promise<boolean> {
  const { dialect } = snapshot;
  const read = await readerOf(snapshot);
  for (const statement of CHECKS.flatMap((check) => check.proof?.(dialect) ?? [check.sql(dialect)])) {
    if ((await read(`${statement} LIMIT 1`)).length > 0) return false;
  }
  return true;
}

async function findViolations(snapshot: Snapshot): Promise<Violation[]> {
  const findings = new Findings();
  const read = await readerOf(snapshot);
  for (const check of CHECKS) {
    const rows = await read<object>(`${check.sql(snapshot.dialect)} LIMIT ${MAX_EXAMPLES + 1}`);
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
