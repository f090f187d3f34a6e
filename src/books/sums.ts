/** The books of statistics: what is added up against the rows of the ledger. */
import type { Check } from './check.ts';
import { APPLIED, EARNING, hundredths, NOT_OWN } from './sql.ts';

const GAIN = `CASE WHEN amount > 0 THEN ${hundredths('amount')} ELSE 0 END`;
const LOSS = `CASE WHEN amount < 0 THEN -${hundredths('amount')} ELSE 0 END`;
const PERIODS = `(SELECT 'day' AS period UNION ALL SELECT 'week' UNION ALL SELECT 'month')`;

export const SUM_CHECKS: Check[] = [
  {
    rule: 'P-12',
    holds: 'what was gained and lost from each source is what the rows say',
    sql: () =>
      `SELECT user_id, source, SUM(gained) AS gained_more, SUM(lost) AS lost_more FROM (
         SELECT user_id, source, ${GAIN} AS gained, ${LOSS} AS lost FROM points_transactions
         WHERE ${APPLIED} AND ${NOT_OWN}
         UNION ALL
         SELECT user_id, source, -${hundredths('income')}, -${hundredths('expense')} FROM points_daily
         UNION ALL
         SELECT user_id, open_source, -${hundredths('open_income')}, -${hundredths('open_expense')}
         FROM user_points_accounts WHERE open_source IS NOT NULL
       ) t GROUP BY user_id, source HAVING SUM(gained) <> 0 OR SUM(lost) <> 0`,
  },
  {
    rule: 'P-12',
    holds: 'what was earned in all days, weeks and months is what the rows say',
    sql: () =>
      `SELECT user_id, period, SUM(earned) AS earned_more FROM (
         SELECT user_id, p.period, ${GAIN} AS earned FROM points_transactions,
           ${PERIODS} p
         WHERE ${APPLIED} AND ${EARNING}
         UNION ALL
         SELECT user_id, period, -${hundredths('earned')} FROM points_earned
         UNION ALL
         SELECT user_id, p.period, -${hundredths('open_earned')} FROM user_points_accounts, ${PERIODS} p
       ) t GROUP BY user_id, period HAVING SUM(earned) <> 0`,
  },
  {
    rule: 'P-12',
    holds: 'what is earned and in no period yet is marked as such, and of a day',
    sql: () =>
      `SELECT user_id, open_day, open_earned, is_earned_open FROM user_points_accounts
       WHERE open_earned < 0 OR is_earned_open <> (open_earned > 0) OR (open_earned > 0 AND open_day IS NULL)`,
  },
];
