/** What somebody asks for and somebody else decides, and the bills that come of it (R-1, RA-3, RA-4). */
import { isLogged } from '../admin/askAdminLog.ts';
import type { Check } from './check.ts';
import { hundredths, isMergedInto } from './sql.ts';

const DECIDED = {
  actions: ['review.approve', 'review.reject'],
  target: 'review',
  id: 'r.review_id',
  by: 'r.decided_by',
};
const CLAIM_OF = `r.kind = 'spend_claim' AND r.subject_id = c.claim_id`;

/** What has a table of its own, and its place in the queue: by kind, its row as `s`, and what the review says then. */
const OTHERS = [
  { kinds: `r.kind = s.kind`, kept: 'approvals', id: 'approval_id', open: 'pending', status: 's.status' },
  {
    ...{ kinds: `r.kind = 'chat_report'`, kept: 'chat_reports', id: 'report_id', open: 'open' },
    status: `CASE WHEN s.status = 'open' THEN 'pending' WHEN s.decision = 'dismiss' THEN 'rejected' ELSE 'approved' END`,
  },
  {
    ...{ kinds: `r.kind = 'points_transfer'`, kept: 'points_transfers', id: 'transfer_id', open: 'review' },
    status: `CASE WHEN s.status = 'review' THEN 'pending' ELSE s.status END`,
  },
];

const queued = OTHERS.flatMap(({ kinds, kept, id, open, status }): Check[] => [
  {
    rule: 'R-1',
    holds: `what waits in ${kept} waits in the queue`,
    sql: () =>
      `SELECT s.${id} FROM ${kept} s LEFT JOIN reviews r ON ${kinds} AND r.subject_id = s.${id} AND r.status = 'pending'
       WHERE s.status = '${open}' AND r.review_id IS NULL`,
  },
  {
    rule: 'R-1',
    holds: `the queue says of ${kept} what they say themselves`,
    sql: () =>
      `SELECT r.review_id, r.status, r.decided_by, s.status AS kept, s.decided_by AS kept_by FROM ${kept} s
       JOIN reviews r ON ${kinds} AND r.subject_id = s.${id}
       WHERE r.status <> ${status} OR COALESCE(r.decided_by, 0) <> COALESCE(s.decided_by, 0)`,
  },
]);

export const REVIEW_CHECKS: Check[] = [
  ...queued,
  {
    rule: 'R-1',
    holds: 'what waits in the queue is there',
    sql: () =>
      `SELECT r.review_id, r.kind, r.subject_id FROM reviews r
       LEFT JOIN approvals a ON a.kind = r.kind AND a.approval_id = r.subject_id
       LEFT JOIN chat_reports m ON r.kind = 'chat_report' AND m.report_id = r.subject_id
       LEFT JOIN points_transfers t ON r.kind = 'points_transfer' AND t.transfer_id = r.subject_id
       LEFT JOIN spend_claims c ON r.kind = 'spend_claim' AND c.claim_id = r.subject_id
       WHERE r.status = 'pending'
         AND a.approval_id IS NULL AND m.report_id IS NULL AND t.transfer_id IS NULL AND c.claim_id IS NULL`,
  },
  {
    rule: 'RA-3',
    holds: 'a review that is decided says by whom and when, and no other does',
    sql: () =>
      `SELECT review_id, status, decided_by, decided_at FROM reviews
       WHERE status NOT IN ('pending', 'approved', 'rejected', 'void')
         OR (status IN ('pending', 'void')) <> (decided_by IS NULL) OR (status = 'pending') <> (decided_at IS NULL)`,
  },
  {
    rule: 'RA-3',
    holds: 'nobody decides a claim, a report or a transfer of theirs, and nobody one of somebody unknown',
    sql: () =>
      `SELECT review_id, applicant_id, beneficiary_id, editor_id, decided_by FROM reviews
       WHERE kind IN ('spend_claim', 'chat_report', 'points_transfer') AND decided_by IS NOT NULL AND (decided_by < 0 OR applicant_id IS NULL OR beneficiary_id IS NULL OR editor_id IS NULL
         OR decided_by IN (applicant_id, beneficiary_id, editor_id))`,
  },
  {
    rule: 'RA-2',
    holds: 'every decision of a claim is in the log, by whom it was made',
    sql: () =>
      `SELECT r.review_id, r.decided_by FROM reviews r
       WHERE r.kind = 'spend_claim' AND r.status <> 'pending' AND NOT ${isLogged(DECIDED)}`,
  },
  {
    rule: 'R-1',
    holds: 'a claim has its review, of its diner',
    sql: () =>
      `SELECT c.claim_id, c.user_id, r.review_id FROM spend_claims c LEFT JOIN reviews r ON ${CLAIM_OF}
       WHERE r.review_id IS NULL OR r.applicant_id <> c.user_id OR r.beneficiary_id <> c.user_id`,
  },
  {
    rule: 'R-1',
    holds: 'an approved claim is its bill, and no other claim is one',
    sql: () =>
      `SELECT c.claim_id, r.status, c.bill_id, b.bill_no FROM spend_claims c JOIN reviews r ON ${CLAIM_OF}
       LEFT JOIN points_bills b ON b.bill_id = c.bill_id
       WHERE (r.status = 'approved') <> (c.bill_id IS NOT NULL)
         OR (c.bill_id IS NOT NULL AND (b.bill_id IS NULL OR b.bill_no <> c.bill_no
           OR (b.user_id <> c.user_id AND NOT ${isMergedInto('c.user_id', 'b.user_id')})
           OR ${hundredths('b.bill_amount')} <> ${hundredths('c.amount')} OR b.created_by <> r.decided_by))`,
  },
  {
    rule: 'RA-4',
    holds: 'one claim of a bill is approved at most',
    sql: () =>
      `SELECT c.bill_no, COUNT(*) AS approved FROM spend_claims c JOIN reviews r ON ${CLAIM_OF}
       WHERE r.status = 'approved' GROUP BY c.bill_no HAVING COUNT(*) > 1`,
  },
];
