import { Buckets } from '../analytics/behaviors/buckets.ts';
import { findDifferences, textOf } from '../analytics/behaviors/recount.ts';
import type { Violation } from './check.ts';
import { Findings } from './checks.ts';
import type { Snapshot } from './snapshot.ts';

const COUNTED = {
  rule: 'RS-5',
  holds: 'minutes, hours and days have the behaviours that are stored, and no others',
};

/** Hours and days are of a time zone, which the two databases could not be told of in one way. */
export async function auditBehaviors(
  snapshot: Snapshot,
  timezone: string,
  nowMs: number,
): Promise<Violation[]> {
  const findings = new Findings();
  for await (const difference of findDifferences(snapshot, new Buckets(timezone), nowMs))
    findings.add(COUNTED, textOf(difference));
  return findings.violations;
}
