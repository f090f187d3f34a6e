/** What two people agreed to (RL-3): that it is what was asked for, by whom it may be decided, and what came of it. */
import { changeHashOf } from '../approvals/approvals.ts';
import { CHANGE } from '../lottery/manage/campaignKinds.ts';
import type { Invariant, Violation } from './check.ts';
import { Findings } from './checks.ts';
import type { Snapshot } from './snapshot.ts';

const BOUND: Invariant = { rule: 'RL-3', holds: 'a request is exactly what its hash says' };
const MADE: Invariant = {
  rule: 'RL-3',
  holds: 'each configuration that was agreed to has its request, and each such request its configuration',
};

interface ApprovalRow {
  approval_id: number | string;
  kind: string;
  subject_id: number;
  base_version: number;
  proposed: string;
  change_hash: string;
  status: string;
}

const PAGE = 1000;

/** What no statement can tell, since it is hashed. */
export async function auditApprovals(snapshot: Snapshot): Promise<Violation[]> {
  const findings = new Findings();
  /** What was agreed to and is not met in a log yet: campaign and hash. */
  const agreed = new Map<string, number>();
  for (let after = 0, last = PAGE; last === PAGE;) {
    const rows = await snapshot.query<ApprovalRow>(
      `SELECT approval_id, kind, subject_id, base_version, proposed, change_hash, status FROM approvals
       WHERE approval_id > ? ORDER BY approval_id LIMIT ${PAGE}`,
      [after],
    );
    for (const row of rows) {
      const { kind, subject_id: subjectId, base_version: baseVersion, proposed, change_hash, status } = row;
      const approvalId = Number(row.approval_id);
      if (changeHashOf({ kind, subjectId, baseVersion, proposed }) !== change_hash)
        findings.add(BOUND, `approval_id ${approvalId}, change_hash ${change_hash}`);
      if (kind === CHANGE && status === 'approved') agreed.set(`${subjectId} ${change_hash}`, approvalId);
      after = approvalId;
    }
    last = rows.length;
  }
  await findConfigurations(snapshot, agreed, findings);
  return findings.violations;
}

async function findConfigurations(
  snapshot: Snapshot,
  agreed: Map<string, number>,
  findings: Findings,
): Promise<void> {
  const rows = await snapshot.query<{ campaign_id: number; log_no: number | string; payload: string }>(
    `SELECT campaign_id, log_no, payload FROM lottery_fairness_entries
     WHERE kind = 'config' AND payload LIKE '%"change_hash"%' ORDER BY campaign_id, log_no`,
  );
  for (const { campaign_id, log_no, payload } of rows) {
    const hash = /"change_hash":"([0-9a-f]{64})"/.exec(payload)?.[1];
    if (!agreed.delete(`${campaign_id} ${hash}`))
      findings.add(MADE, `campaign_id ${campaign_id}, log_no ${Number(log_no)}: nobody agreed to ${hash}`);
  }
  for (const approvalId of agreed.values())
    findings.add(MADE, `approval_id ${approvalId}: its configuration was not published`);
}
