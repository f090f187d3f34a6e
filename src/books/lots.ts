/** The books of lots: what accounts hold against the lots it is in, and what is frozen, taken back or owed. */
import type { Check } from './check.ts';
import { APPLIED, hundredths } from './sql.ts';

const SETTLED = `(SELECT user_id, SUM(${hundredths('remaining')}) AS remaining FROM points_lots GROUP BY user_id)`;
const USED = `(SELECT lot_id, SUM(${hundredths('spent_to')} - ${hundredths('spent_from')}) AS used
  FROM points_lot_uses GROUP BY lot_id)`;
const HELD = `(SELECT user_id, SUM(${hundredths('held')}) AS held FROM points_holds GROUP BY user_id)`;

export const LOT_CHECKS: Check[] = [
  {
    rule: 'P-6',
    holds: 'available points are what is left in lots, less what is spent and not settled yet',
    sql: () =>
      `SELECT a.user_id, a.available_points, l.remaining / 100 AS in_lots, a.spent_total, a.settled_total
       FROM user_points_accounts a LEFT JOIN ${SETTLED} l ON l.user_id = a.user_id
       WHERE ${hundredths('a.available_points')} <>
         COALESCE(l.remaining, 0) - (${hundredths('a.spent_total')} - ${hundredths('a.settled_total')})`,
  },
  {
    rule: 'P-6',
    holds: 'of each lot there is left from nothing to all',
    sql: () =>
      'SELECT lot_id, user_id, amount, remaining FROM points_lots WHERE remaining < 0 OR remaining > amount',
  },
  {
    rule: 'P-6',
    holds: 'the row that a lot names is of the lot’s user, and made it',
    sql: () =>
      `SELECT l.lot_id, l.user_id, l.origin_type, l.transaction_id, t.user_id AS of_user, t.transaction_type
       FROM points_lots l LEFT JOIN points_transactions t ON t.transaction_id = l.transaction_id
       WHERE l.transaction_id IS NOT NULL
         AND (t.transaction_id IS NULL OR t.user_id <> l.user_id OR t.transaction_type <> l.origin_type)`,
  },
  {
    rule: 'P-6',
    holds: 'no more was used of a lot than is gone of it',
    sql: () =>
      `SELECT l.lot_id, l.user_id, l.amount, l.remaining, u.used / 100 AS used
       FROM points_lots l JOIN ${USED} u ON u.lot_id = l.lot_id
       WHERE u.used > ${hundredths('l.amount')} - ${hundredths('l.remaining')}`,
  },
  {
    rule: 'P-6',
    holds: 'no piece of anybody’s spending was taken of two lots',
    sql: () =>
      `SELECT user_id, use_id, previous_to, spent_from FROM (
         SELECT user_id, use_id, spent_from,
           LAG(spent_to) OVER (PARTITION BY user_id ORDER BY spent_from, spent_to) AS previous_to
         FROM points_lot_uses
       ) t WHERE ${hundredths('previous_to')} > ${hundredths('spent_from')}`,
  },
  {
    rule: 'P-6',
    holds: 'whose lots end is looked at before they do',
    sql: () =>
      `SELECT l.lot_id, l.user_id, l.expires_at, a.next_due_at
       FROM points_lots l JOIN user_points_accounts a ON a.user_id = l.user_id
       WHERE l.remaining > 0 AND l.expires_at IS NOT NULL
         AND (a.next_due_at IS NULL OR a.next_due_at > l.expires_at)`,
  },
  {
    rule: 'P-4',
    holds: 'frozen points are what is held',
    sql: () =>
      `SELECT a.user_id, a.frozen_points, h.held / 100 AS held
       FROM user_points_accounts a LEFT JOIN ${HELD} h ON h.user_id = a.user_id
       WHERE ${hundredths('a.frozen_points')} <> COALESCE(h.held, 0)`,
  },
  {
    rule: 'P-4',
    holds: 'what is held and what was consumed of a hold are no more than was frozen',
    sql: () =>
      `SELECT hold_id, user_id, amount, held, committed FROM points_holds
       WHERE held < 0 OR committed < 0 OR ${hundredths('held')} + ${hundredths('committed')} > ${hundredths('amount')}`,
  },
  {
    rule: 'P-5',
    holds: 'no more of a row is taken back than it moved',
    sql: () =>
      `SELECT r.original_id, t.amount, r.reversed / 100 AS reversed
       FROM (SELECT original_id, SUM(${hundredths('amount')}) AS reversed FROM points_reversals GROUP BY original_id) r
       LEFT JOIN points_transactions t ON t.transaction_id = r.original_id AND ${APPLIED}
       WHERE t.transaction_id IS NULL OR r.reversed > ABS(${hundredths('t.amount')})`,
  },
  {
    rule: 'RP-7',
    holds: 'nobody is owed a debt',
    sql: () => 'SELECT user_id, debt_points FROM user_points_accounts WHERE debt_points < 0',
  },
];
