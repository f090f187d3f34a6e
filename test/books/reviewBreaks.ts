/** What breaks reviews, and the claims that they decide. */
import { breaks, one, type Break } from './breaking.ts';

const APPROVED = `status = 'approved'`;

export const REVIEW_BREAKS: Break[] = [
  ...breaks('reviews', [
    ['RA-3: a review that is decided', `UPDATE reviews SET decided_by = NULL WHERE ${APPROVED}`],
    ['RA-3: a review that is decided', `UPDATE reviews SET status = 'pending' WHERE ${APPROVED}`],
    ['RA-3: nobody decides', `UPDATE reviews SET decided_by = applicant_id WHERE ${APPROVED}`],
    ['RA-3: nobody decides', `UPDATE reviews SET beneficiary_id = NULL WHERE ${APPROVED}`],
    ['R-1: a claim has its review', `DELETE FROM reviews WHERE status = 'rejected'`],
    ['R-1: a claim has its review', 'UPDATE reviews SET applicant_id = applicant_id + 90000'],
    ['R-1: an approved claim', `UPDATE reviews SET status = 'approved' WHERE status = 'rejected'`],
    ['RA-4: one claim', `UPDATE reviews SET status = 'approved' WHERE status = 'rejected'`],
  ]),
  ...breaks('spend_claims', [
    ['R-1: an approved claim', 'UPDATE spend_claims SET bill_id = NULL'],
    ['R-1: an approved claim', 'UPDATE spend_claims SET amount = amount + 1'],
    ['R-1: an approved claim', `UPDATE spend_claims SET bill_id = ${one('bill_id', 'points_bills')} + 1`],
  ]),
  ...breaks('admin_audit_logs', [
    ['RA-2: every decision of a review', `DELETE FROM admin_audit_logs WHERE action = 'review.approve'`],
    ['RA-2: every decision of a review', `DELETE FROM admin_audit_logs WHERE action = 'review.reject'`],
  ]),
];
