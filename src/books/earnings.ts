/** The books of what rules give: bills, check-ins, tasks, experience, and what they have granted. */
import type { Check } from './check.ts';
import { APPLIED, hundredths } from './sql.ts';

const EXPERIENCE = '(SELECT user_id, SUM(experience) AS experience FROM points_experience GROUP BY user_id)';

export const EARNING_CHECKS: Check[] = [
  {
    rule: 'P-10',
    holds: 'the experience of an account is what its rows gave',
    sql: () =>
      `SELECT a.user_id, a.experience_points, e.experience FROM user_points_accounts a
       LEFT JOIN ${EXPERIENCE} e ON e.user_id = a.user_id WHERE a.experience_points <> COALESCE(e.experience, 0)`,
  },
  {
    rule: 'P-10',
    holds: 'experience comes with a row of the same user',
    sql: () =>
      `SELECT e.transaction_id, e.user_id FROM points_experience e
       LEFT JOIN points_transactions t ON t.transaction_id = e.transaction_id AND t.user_id = e.user_id
       WHERE t.transaction_id IS NULL`,
  },
  {
    rule: 'RP-4',
    holds: 'the rule that a row names was published in that version',
    sql: () =>
      `SELECT t.transaction_id, t.rule_id, t.rule_version FROM points_transactions t
       LEFT JOIN points_rule_versions v ON v.rule_id = t.rule_id AND v.version = t.rule_version
       WHERE t.rule_id IS NOT NULL AND v.rule_id IS NULL`,
  },
  {
    rule: 'P-11',
    holds: 'what of a rule holds was published',
    sql: () =>
      `SELECT r.rule_id, r.published_version FROM points_rules r
       LEFT JOIN points_rule_versions v ON v.rule_id = r.rule_id AND v.version = r.published_version
       WHERE r.published_version IS NOT NULL AND v.rule_id IS NULL`,
  },
  {
    rule: 'P-9',
    holds: 'a bill gave what its rules gave, and no more is taken back or refunded than there was',
    sql: () =>
      `SELECT b.bill_id, b.points, b.reversed_points, g.granted / 100 AS granted, g.reversed / 100 AS reversed
       FROM points_bills b LEFT JOIN (
         SELECT bill_id, SUM(${hundredths('granted')}) AS granted, SUM(${hundredths('reversed')}) AS reversed
         FROM points_bill_grants GROUP BY bill_id
       ) g ON g.bill_id = b.bill_id
       WHERE ${hundredths('b.points')} <> COALESCE(g.granted, 0)
          OR ${hundredths('b.reversed_points')} <> COALESCE(g.reversed, 0)
          OR ${hundredths('b.reversed_points')} > ${hundredths('b.points')}
          OR ${hundredths('b.refunded_amount')} > ${hundredths('b.bill_amount')}`,
  },
  {
    rule: 'RP-3',
    holds: 'of a bill its refunds took the share that is refunded, rounded down by rule',
    sql: () =>
      `SELECT b.bill_id, b.bill_amount, b.refunded_amount, r.refunded / 100 AS refunds, b.reversed_points, r.points / 100 AS taken
       FROM points_bills b LEFT JOIN (
         SELECT bill_id, SUM(${hundredths('amount')}) AS refunded, SUM(${hundredths('points')}) AS points
         FROM points_bill_refunds GROUP BY bill_id
       ) r ON r.bill_id = b.bill_id
       WHERE ${hundredths('b.refunded_amount')} <> COALESCE(r.refunded, 0)
          OR ${hundredths('b.reversed_points')} <> COALESCE(r.points, 0)
          OR (${hundredths('b.refunded_amount')} = ${hundredths('b.bill_amount')}
              AND ${hundredths('b.reversed_points')} <> ${hundredths('b.points')})`,
  },
  {
    rule: 'P-9',
    holds: 'each grant of a bill whose points have come has its row, and no other has one',
    sql: () =>
      `SELECT g.bill_id, g.rule_id, g.transaction_id, t.amount FROM points_bill_grants g
       JOIN points_bills b ON b.bill_id = g.bill_id
       LEFT JOIN points_transactions t ON t.transaction_id = g.transaction_id AND t.user_id = b.user_id AND t.${APPLIED}
       WHERE (b.status <> 'completed' AND g.transaction_id IS NOT NULL)
          OR (b.status = 'completed' AND b.activates_at IS NULL AND t.transaction_id IS NULL)
          OR (t.transaction_id IS NOT NULL AND ${hundredths('t.amount')} > ${hundredths('g.granted')})`,
  },
  {
    rule: 'P-7',
    holds: 'a check-in has the rows of what it gave',
    sql: () =>
      `SELECT c.user_id, c.day, c.points, c.month_bonus, c.holiday_bonus, t.given / 100 AS given
       FROM points_check_ins c LEFT JOIN (
         SELECT user_id, related_id, SUM(${hundredths('amount')}) AS given FROM points_transactions
         WHERE transaction_type IN ('check_in', 'check_in_month', 'check_in_holiday') AND ${APPLIED}
         GROUP BY user_id, related_id
       ) t ON t.user_id = c.user_id AND t.related_id = c.day
       WHERE ${hundredths('c.points')} + ${hundredths('c.month_bonus')} + ${hundredths('c.holiday_bonus')} <> COALESCE(t.given, 0)`,
  },
  {
    rule: 'RP-12',
    holds: 'a streak goes on with the day after, and no day is skipped in it',
    sql: () =>
      `SELECT user_id, day, streak, streak_before FROM (
         SELECT user_id, day, streak, LAG(streak) OVER (PARTITION BY user_id ORDER BY day) AS streak_before
         FROM points_check_ins
       ) c WHERE streak <> 1 AND streak <> COALESCE(streak_before, 0) + 1`,
  },
  {
    rule: 'P-8',
    holds: 'a reward of a task has its row',
    sql: () =>
      `SELECT c.user_id, c.rule_id, c.claimed, t.given / 100 AS given FROM (
         SELECT user_id, rule_id, SUM(${hundredths('points')}) AS claimed FROM points_task_claims GROUP BY user_id, rule_id
       ) c LEFT JOIN (
         SELECT user_id, rule_id, SUM(${hundredths('amount')}) AS given FROM points_transactions
         WHERE transaction_type = 'task' AND ${APPLIED} GROUP BY user_id, rule_id
       ) t ON t.user_id = c.user_id AND t.rule_id = c.rule_id
       WHERE c.claimed <> COALESCE(t.given, 0)`,
  },
  {
    rule: 'RP-11',
    holds: 'what a rule is counted to have granted is no less than its rows',
    sql: () =>
      `SELECT t.user_id, t.rule_id, t.given / 100 AS given, u.granted / 100 AS counted FROM (
         SELECT user_id, rule_id, SUM(${hundredths('amount')}) AS given FROM points_transactions
         WHERE rule_id IS NOT NULL AND amount > 0 AND ${APPLIED} GROUP BY user_id, rule_id
       ) t LEFT JOIN (
         SELECT user_id, rule_id, SUM(${hundredths('granted')}) AS granted FROM points_rule_uses GROUP BY user_id, rule_id
       ) u ON u.user_id = t.user_id AND u.rule_id = t.rule_id
       WHERE t.given > COALESCE(u.granted, 0)`,
  },
];
