/** The books of transfers: each against its rows of the ledger, or against what is held for it. */
import type { Check } from './check.ts';
import { APPLIED, hundredths } from './sql.ts';

const GIVEN = `status IN ('completed', 'approved')`;

export const TRANSFER_CHECKS: Check[] = [
  {
    rule: 'P-3',
    holds: 'a transfer that was given has a row of both, of its amount, and no other has any',
    sql: () =>
      `SELECT transfer_id, user_id, type, SUM(found) AS rows_more, SUM(amount) / 100 AS amount_more FROM (
         SELECT CAST(related_id AS SIGNED) AS transfer_id, user_id, transaction_type AS type, 1 AS found,
           ${hundredths('amount')} AS amount
         FROM points_transactions WHERE transaction_type IN ('transfer_in', 'transfer_out') AND ${APPLIED}
         UNION ALL
         SELECT transfer_id, from_user_id, 'transfer_out', -1, ${hundredths('amount')} FROM points_transfers WHERE ${GIVEN}
         UNION ALL
         SELECT transfer_id, to_user_id, 'transfer_in', -1, -${hundredths('amount')} FROM points_transfers WHERE ${GIVEN}
       ) t GROUP BY transfer_id, user_id, type HAVING SUM(found) <> 0 OR SUM(amount) <> 0`,
  },
  {
    rule: 'P-3',
    holds: 'for a transfer in review its amount is held, and for no other anything',
    sql: () =>
      `SELECT transfer_id, user_id, SUM(held) / 100 AS held_more FROM (
         SELECT transfer_id, user_id, ${hundredths('held')} AS held FROM points_holds WHERE transfer_id IS NOT NULL
         UNION ALL
         SELECT transfer_id, from_user_id, -${hundredths('amount')} FROM points_transfers WHERE status = 'review'
       ) t GROUP BY transfer_id, user_id HAVING SUM(held) <> 0`,
  },
];
