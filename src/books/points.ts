/** The books of points: accounts against the fold of their rows. */
import type { Check } from './check.ts';
import { APPLIED, EARNING, hundredths } from './sql.ts';

/** Per user: sum of rows, sum of gains, last row. */
const FOLD = `(
  SELECT user_id, SUM(${hundredths('amount')}) AS amount, MAX(transaction_id) AS last_id,
    SUM(CASE WHEN amount > 0 AND ${EARNING} THEN ${hundredths('amount')} ELSE 0 END) AS gained
  FROM points_transactions WHERE ${APPLIED} GROUP BY user_id
)`;

export const POINTS_CHECKS: Check[] = [
  {
    rule: 'PTS-3',
    holds: 'available and frozen points are never below zero',
    sql: () =>
      `SELECT user_id, available_points, frozen_points FROM user_points_accounts
       WHERE available_points < 0 OR frozen_points < 0`,
  },
  {
    rule: 'PTS-3',
    holds: 'available + frozen = total',
    sql: () =>
      `SELECT user_id, available_points, frozen_points, total_points FROM user_points_accounts
       WHERE ${hundredths('available_points')} + ${hundredths('frozen_points')} <> ${hundredths('total_points')}`,
  },
  {
    rule: 'PTS-2',
    holds: 'balance_before + amount = balance_after in every row',
    sql: () =>
      `SELECT transaction_id, user_id, balance_before, amount, balance_after FROM points_transactions
       WHERE ${APPLIED}
         AND ${hundredths('balance_before')} + ${hundredths('amount')} <> ${hundredths('balance_after')}`,
  },
  {
    rule: 'PTS-2',
    holds: 'the balance before each row is the one after the row before it, and 0 at first',
    sql: () =>
      `SELECT transaction_id, user_id, previous_after, balance_before FROM (
         SELECT transaction_id, user_id, balance_before,
           LAG(balance_after) OVER (PARTITION BY user_id ORDER BY transaction_id) AS previous_after
         FROM points_transactions WHERE ${APPLIED}
       ) t WHERE ${hundredths('balance_before')} <> ${hundredths('COALESCE(previous_after, 0)')}`,
  },
  {
    rule: 'P-2',
    holds: 'available points are the sum of the rows and the balance after the last one',
    sql: () =>
      `SELECT a.user_id, a.available_points, f.amount / 100 AS sum_of_rows, t.balance_after AS last_balance
       FROM user_points_accounts a
       LEFT JOIN ${FOLD} f ON f.user_id = a.user_id
       LEFT JOIN points_transactions t ON t.transaction_id = f.last_id
       WHERE ${hundredths('a.available_points')} <> COALESCE(f.amount, 0)
         OR ${hundredths('a.available_points')} <> ${hundredths('COALESCE(t.balance_after, 0)')}`,
  },
  {
    rule: 'P-1',
    holds: 'history_total_points is the sum of all gains',
    sql: () =>
      `SELECT a.user_id, a.history_total_points, f.gained / 100 AS sum_of_gains
       FROM user_points_accounts a LEFT JOIN ${FOLD} f ON f.user_id = a.user_id
       WHERE ${hundredths('a.history_total_points')} <> COALESCE(f.gained, 0)`,
  },
  {
    rule: 'P-2',
    holds: 'no row without an account',
    sql: () =>
      `SELECT t.user_id FROM (SELECT DISTINCT user_id FROM points_transactions) t
       LEFT JOIN user_points_accounts a ON a.user_id = t.user_id WHERE a.user_id IS NULL`,
  },
  {
    rule: 'P-1',
    holds: 'every user has exactly one account',
    sql: () =>
      `SELECT u.user_id, COUNT(a.account_id) AS accounts
       FROM users u LEFT JOIN user_points_accounts a ON a.user_id = u.user_id
       GROUP BY u.user_id HAVING COUNT(a.account_id) <> 1`,
  },
  {
    rule: 'P-1',
    holds: 'every account has its user',
    sql: () =>
      `SELECT a.account_id, a.user_id FROM user_points_accounts a
       LEFT JOIN users u ON u.user_id = a.user_id WHERE u.user_id IS NULL`,
  },
];
