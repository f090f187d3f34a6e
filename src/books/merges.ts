/** The books of merges: nothing is left of an account that has ended, and what it had has come where it went. */
import type { Check } from './check.ts';
import { APPLIED, hundredths } from './sql.ts';

/** Accounts that were merged into another. */
const MERGED = 'user_points_accounts a WHERE a.merged_into IS NOT NULL';

export const MERGE_CHECKS: Check[] = [
  {
    rule: 'R-2',
    holds: 'of a merge that is done each account has one row, of what has moved, and no other merge has any',
    sql: () =>
      `SELECT merge_id, user_id, type, SUM(found) AS rows_more, SUM(amount) / 100 AS amount_more FROM (
         SELECT CAST(related_id AS SIGNED) AS merge_id, user_id, transaction_type AS type, 1 AS found, ${hundredths('amount')} AS amount
         FROM points_transactions WHERE transaction_type IN ('merge_in', 'merge_out') AND ${APPLIED}
         UNION ALL
         SELECT merge_id, from_user_id, 'merge_out', -1, ${hundredths('points')} FROM account_merges WHERE status = 'done'
         UNION ALL
         SELECT merge_id, into_user_id, 'merge_in', -1, -${hundredths('points')} FROM account_merges WHERE status = 'done'
       ) t GROUP BY merge_id, user_id, type HAVING SUM(found) <> 0 OR SUM(amount) <> 0`,
  },
  {
    rule: 'R-2',
    holds: 'a merged account holds nothing, owes nothing and has no experience',
    sql: () =>
      `SELECT a.user_id, a.total_points, a.frozen_points, a.debt_points, a.experience_points FROM ${MERGED}
         AND (a.total_points <> 0 OR a.frozen_points <> 0 OR a.debt_points <> 0 OR a.experience_points <> 0)`,
  },
  {
    rule: 'R-2',
    holds: 'a merged account owns nothing, and nothing is to come of it',
    sql: () =>
      `SELECT a.user_id, a.merged_into FROM ${MERGED}
         AND (EXISTS (SELECT 1 FROM user_inventories i WHERE i.user_id = a.user_id)
           OR EXISTS (SELECT 1 FROM points_bills b WHERE b.user_id = a.user_id AND b.status = 'pending')
           OR EXISTS (SELECT 1 FROM trade_records s WHERE s.seller_id = a.user_id AND s.status IN ('open', 'escrow', 'disputed'))
           OR EXISTS (SELECT 1 FROM trade_records s WHERE s.buyer_id = a.user_id AND s.status IN ('escrow', 'disputed'))
           OR EXISTS (SELECT 1 FROM points_transfers p
             WHERE (p.from_user_id = a.user_id OR p.to_user_id = a.user_id) AND p.status = 'review'))`,
  },
  {
    rule: 'R-2',
    holds:
      'a merged account is closed, was merged by one merge, and names the account that has what it had now',
    sql: () =>
      `SELECT a.user_id, a.merged_into, u.status, m.merges, into_.merged_into AS next FROM user_points_accounts a
       LEFT JOIN users u ON u.user_id = a.user_id
       LEFT JOIN (SELECT from_user_id, COUNT(*) AS merges FROM account_merges WHERE status = 'done' GROUP BY from_user_id) m
         ON m.from_user_id = a.user_id
       LEFT JOIN user_points_accounts into_ ON into_.user_id = a.merged_into
       WHERE (a.merged_into IS NULL) <> (m.merges IS NULL) OR m.merges > 1
         OR (a.merged_into IS NOT NULL
           AND (u.status <> 'closed' OR into_.user_id IS NULL OR into_.merged_into IS NOT NULL OR into_.has_merged <> 1))`,
  },
  {
    rule: 'R-2',
    holds: 'an account that is said to have others merged into it has',
    sql: () =>
      `SELECT a.user_id FROM user_points_accounts a WHERE a.has_merged <> 0
         AND NOT EXISTS (SELECT 1 FROM user_points_accounts e WHERE e.merged_into = a.user_id)`,
  },
  {
    rule: 'R-2',
    holds:
      'a merge is done when both have confirmed it, or somebody in place of the first; and says what has moved',
    sql: () =>
      `SELECT merge_id, status, from_user_id, into_user_id, points, items, ended_at FROM account_merges
       WHERE from_user_id = into_user_id OR (status = 'pending') <> (ended_at IS NULL)
         OR status NOT IN ('pending', 'done', 'declined', 'cancelled', 'expired')
         OR (status = 'done') <> (points IS NOT NULL) OR (status = 'done') <> (items IS NOT NULL)
         OR (status = 'done' AND (into_confirmed_at IS NULL OR (from_confirmed_at IS NULL AND is_number_lost = 0)))`,
  },
];
