/** What breaks reviews, and the claims that they decide. */
import { breaks, one, type Break } from './breaking.ts';

const APPROVED = `status = 'approved' AND kind = 'spend_claim'`;
const CLAIM = `kind = 'spend_claim'`;
const REPORT = `kind = 'chat_report'`;

export const REVIEW_BREAKS: Break[] = [
  ...breaks('reviews', [
    ['RA-3: a review that is decided', `UPDATE reviews SET decided_by = NULL WHERE ${APPROVED}`],
    ['RA-3: a review that is decided', `UPDATE reviews SET status = 'pending' WHERE ${APPROVED}`],
    ['RA-3: nobody decides', `UPDATE reviews SET decided_by = applicant_id WHERE ${APPROVED}`],
    ['RA-3: nobody decides', `UPDATE reviews SET beneficiary_id = NULL WHERE ${APPROVED}`],
    ['R-1: a claim has its review', `DELETE FROM reviews WHERE status = 'rejected' AND ${CLAIM}`],
    ['R-1: a claim has its review', 'UPDATE reviews SET applicant_id = applicant_id + 90000'],
    [
      'R-1: an approved claim',
      `UPDATE reviews SET status = 'approved' WHERE status = 'rejected' AND ${CLAIM}`,
    ],
    ['RA-4: one claim', `UPDATE reviews SET status = 'approved' WHERE status = 'rejected' AND ${CLAIM}`],
    [
      'R-1: the queue says of chat_reports',
      `UPDATE reviews SET status = 'rejected' WHERE ${REPORT} AND status = 'approved'`,
    ],
    [
      'R-1: the queue says of points_transfers',
      `UPDATE reviews SET decided_by = decided_by + 1 WHERE kind = 'points_transfer' AND status = 'approved'`,
    ],
    ['R-1: what waits in chat_reports', `DELETE FROM reviews WHERE ${REPORT} AND status = 'pending'`],
    [
      'R-1: what waits in the queue',
      `UPDATE reviews SET subject_id = subject_id + 70000 WHERE ${REPORT} AND status = 'pending'`,
    ],
  ]),
  ...breaks('chat_reports', [
    [
      'R-1: the queue says of chat_reports',
      `UPDATE chat_reports SET decided_by = 98 WHERE status = 'decided'`,
    ],
  ]),
  ...breaks('spend_claims', [
    ['R-1: an approved claim', 'UPDATE spend_claims SET bill_id = NULL'],
    ['R-1: an approved claim', 'UPDATE spend_claims SET amount = amount + 1'],
    ['R-1: an approved claim', `UPDATE spend_claims SET bill_id = ${one('bill_id', 'points_bills')} + 1`],
  ]),
  ...breaks('admin_audit_logs', [
    ['RA-2: every decision of a claim', `DELETE FROM admin_audit_logs WHERE action = 'review.approve'`],
    ['RA-2: every decision of a claim', `DELETE FROM admin_audit_logs WHERE action = 'review.reject'`],
  ]),
];
