/** The books of days: what is counted against the rows up to the one that the cursor names. */
import type { Check } from './check.ts';
import { hundredths } from './sql.ts';

const GAINED = `SUM(CASE WHEN amount > 0 THEN ${hundredths('amount')} ELSE 0 END)`;
const LOST = `SUM(CASE WHEN amount < 0 THEN ${hundredths('-amount')} ELSE 0 END)`;

export const REPORT_CHECKS: Check[] = [
  {
    rule: 'R-8',
    holds: 'the days have all counted rows of the ledger, by type',
    sql: () =>
      `SELECT transaction_type, SUM(entries) AS more_entries, SUM(income) AS more_income, SUM(expense) AS more_expense FROM (
         SELECT t.transaction_type, COUNT(*) AS entries, ${GAINED} AS income, ${LOST} AS expense
         FROM points_transactions t
         WHERE t.transaction_id <= COALESCE((SELECT transaction_id FROM points_day_cursors WHERE cursor_id = 1), 0)
         GROUP BY t.transaction_type
         UNION ALL
         SELECT transaction_type, -SUM(entries), -SUM(${hundredths('income')}), -SUM(${hundredths('expense')})
         FROM points_days GROUP BY transaction_type
       ) s GROUP BY transaction_type HAVING SUM(entries) <> 0 OR SUM(income) <> 0 OR SUM(expense) <> 0`,
  },
  {
    rule: 'R-8',
    holds: 'no rows of the ledger are counted that are not there',
    sql: () =>
      `SELECT transaction_id FROM points_day_cursors
       WHERE cursor_id <> 1 OR transaction_id > COALESCE((SELECT MAX(transaction_id) FROM points_transactions), 0)`,
  },
  {
    rule: 'R-8',
    // The oldest day may be half forgotten.
    holds: 'a day has as many people as were there on it',
    sql: () =>
      `SELECT d.day, d.diners, COUNT(p.user_id) AS people FROM report_days d LEFT JOIN report_diners p ON p.day = d.day
       WHERE d.day > (SELECT COALESCE(MIN(day), '') FROM report_diners) GROUP BY d.day, d.diners
       HAVING d.diners <> COUNT(p.user_id)
       UNION ALL
       SELECT p.day, 0, COUNT(*) FROM report_diners p LEFT JOIN report_days d ON d.day = p.day
       WHERE d.day IS NULL GROUP BY p.day`,
  },
  {
    rule: 'R-8',
    holds: 'what is counted of single restaurants is counted of all',
    sql: () =>
      `SELECT r.day, r.measure, r.entries, r.amount / 100 AS amount FROM (
         SELECT day, measure, SUM(entries) AS entries, SUM(${hundredths('amount')}) AS amount
         FROM report_counts WHERE restaurant_id <> 0 GROUP BY day, measure
       ) r LEFT JOIN report_counts a ON a.restaurant_id = 0 AND a.day = r.day AND a.measure = r.measure
       WHERE COALESCE(a.entries, 0) < r.entries OR COALESCE(${hundredths('a.amount')}, 0) < r.amount`,
  },
];
