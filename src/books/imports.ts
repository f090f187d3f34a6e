/** The books of imports: each member who came with points against the row of them. */
import type { Check } from './check.ts';
import { APPLIED, hundredths } from './sql.ts';

export const IMPORT_CHECKS: Check[] = [
  {
    rule: 'R-10',
    holds:
      'a member who was imported with points has one row of them, of that amount, and nobody else has any',
    sql: () =>
      `SELECT user_id, SUM(found) AS rows_more, SUM(amount) / 100 AS amount_more FROM (
         SELECT user_id, 1 AS found, ${hundredths('amount')} AS amount
         FROM points_transactions WHERE transaction_type = 'import' AND ${APPLIED}
         UNION ALL
         SELECT user_id, -1, -${hundredths('points')} FROM imported_members WHERE points > 0
       ) t GROUP BY user_id HAVING SUM(found) <> 0 OR SUM(amount) <> 0`,
  },
];
