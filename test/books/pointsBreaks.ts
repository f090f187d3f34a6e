/** What breaks the books of points: accounts, rows, lots, transfers, and what rules have given. */
import { breaks, one, type Break } from './breaking.ts';

export const POINTS_BREAKS: Break[] = [
  ...breaks('user_points_accounts', [
    [
      'PTS-3: available and frozen',
      'UPDATE user_points_accounts SET frozen_points = -1, available_points = total_points + 1',
    ],
    [
      'PTS-3: available + frozen = total',
      'UPDATE user_points_accounts SET total_points = total_points + 0.01',
    ],
    [
      'P-2: available points are',
      'UPDATE user_points_accounts SET available_points = available_points - 0.01',
    ],
    [
      'P-1: history_total_points',
      'UPDATE user_points_accounts SET history_total_points = history_total_points + 1',
    ],
    [
      'P-12: what was gained and lost',
      'UPDATE user_points_accounts SET open_expense = open_expense + 1 WHERE open_source IS NOT NULL',
    ],
    ['P-12: what was earned', 'UPDATE user_points_accounts SET open_earned = open_earned + 1'],
    [
      'P-12: what is earned and in no period',
      'UPDATE user_points_accounts SET open_earned = open_earned + 1',
    ],
    [
      'P-12: what is earned and in no period',
      'UPDATE user_points_accounts SET is_earned_open = 1 - is_earned_open',
    ],
    ['RP-7: nobody is owed a debt', 'UPDATE user_points_accounts SET debt_points = -1'],
    [
      'P-6: available points are what is left',
      'UPDATE user_points_accounts SET settled_total = settled_total + 1 WHERE spent_total > 0',
    ],
    ['P-2: no row without an account', `DELETE FROM user_points_accounts WHERE user_id = 1`],
    ['P-1: every user has exactly one', `DELETE FROM user_points_accounts WHERE user_id = 1`],
  ]),
  ...breaks('points_daily', [
    ['P-12: what was gained and lost', 'UPDATE points_daily SET income = income + 0.01'],
    ['P-12: what was gained and lost', 'DELETE FROM points_daily'],
  ]),
  ...breaks('points_earned', [
    ['P-12: what was earned', `UPDATE points_earned SET earned = earned + 0.01 WHERE period = 'week'`],
    ['P-12: what was earned', `DELETE FROM points_earned WHERE period = 'month'`],
  ]),
  ...breaks('points_lots', [
    [
      'P-6: available points are what is left',
      'UPDATE points_lots SET remaining = remaining - 0.01 WHERE remaining > 1',
    ],
    ['P-6: of each lot there is left', 'UPDATE points_lots SET remaining = amount + 1'],
    ['P-6: of each lot there is left', 'UPDATE points_lots SET remaining = -1'],
    ['P-6: no more was used of a lot', 'UPDATE points_lots SET amount = remaining'],
    [
      'P-6: the row that a lot names',
      `UPDATE points_lots SET transaction_id = ${one('transaction_id', "points_transactions WHERE transaction_type = 'transfer_out'")} WHERE origin_type = 'transfer_in'`,
    ],
    [
      'P-6: the row that a lot names',
      `UPDATE points_lots SET transaction_id = 99999999 WHERE transaction_id IS NOT NULL`,
    ],
    [
      'P-6: whose lots end is looked at',
      `UPDATE points_lots SET expires_at = '2099-01-01 00:00:00.000' WHERE expires_at IS NULL AND remaining > 0`,
    ],
  ]),
  ...breaks('points_lot_uses', [
    ['P-6: no piece of anybody’s spending', 'UPDATE points_lot_uses SET spent_from = 0, spent_to = 0.01'],
  ]),
  ...breaks('points_holds', [
    ['P-4: frozen points are what is held', 'UPDATE points_holds SET held = held - 0.01 WHERE held > 0'],
    ['P-4: what is held and what was consumed', 'UPDATE points_holds SET committed = amount + 1'],
    ['P-3: for a transfer in review', 'UPDATE points_holds SET transfer_id = NULL WHERE held > 0'],
    ['P-3: for a transfer in review', 'UPDATE points_holds SET held = held - 1 WHERE transfer_id = 3'],
    ['P-3: for a transfer in review', 'UPDATE points_holds SET transfer_id = 1 WHERE transfer_id IS NULL'],
  ]),
  ...breaks('points_transfers', [
    [
      'P-3: a transfer that was given',
      'UPDATE points_transfers SET amount = amount + 0.01 WHERE transfer_id = 1',
    ],
    [
      'P-3: a transfer that was given',
      `UPDATE points_transfers SET status = 'rejected' WHERE transfer_id = 2`,
    ],
    ['P-3: a transfer that was given', 'UPDATE points_transfers SET to_user_id = 3 WHERE transfer_id = 2'],
    ['P-3: a transfer that was given', 'DELETE FROM points_transfers WHERE transfer_id = 1'],
    [
      'P-3: a transfer that was given',
      `UPDATE points_transfers SET status = 'approved' WHERE transfer_id = 3`,
    ],
    [
      'P-3: for a transfer in review',
      'UPDATE points_transfers SET amount = amount - 1 WHERE transfer_id = 3',
    ],
    [
      'P-3: for a transfer in review',
      `UPDATE points_transfers SET status = 'rejected' WHERE transfer_id = 3`,
    ],
  ]),
  ...breaks('points_reversals', [
    ['P-5: no more of a row is taken back', 'UPDATE points_reversals SET amount = 99999999'],
    ['P-5: no more of a row is taken back', 'UPDATE points_reversals SET original_id = 99999999'],
  ]),
  ...breaks('users', [['P-1: every account has its user', 'DELETE FROM users WHERE user_id = 1']]),
  ...breaks('points_transactions', [
    [
      'PTS-2: balance_before + amount',
      'UPDATE points_transactions SET amount = amount + 0.01 WHERE transaction_id = 6',
    ],
    [
      'PTS-2: the balance before each row',
      'UPDATE points_transactions SET balance_before = balance_before + 1 WHERE transaction_id = 6',
    ],
    ['PTS-2: the balance before each row', 'DELETE FROM points_transactions WHERE transaction_id = 6'],
    [
      'P-2: available points are',
      `UPDATE points_transactions SET status = 'failed' WHERE transaction_id = ${one('transaction_id', 'points_transactions')}`,
    ],
    [
      'DRAW-8: each request has exactly one debit',
      `DELETE FROM points_transactions WHERE transaction_id = ${one('transaction_id', "points_transactions WHERE transaction_type = 'lottery_draw'")}`,
    ],
    [
      'DRAW-8: each request has exactly one debit',
      `UPDATE points_transactions SET amount = amount - 1 WHERE transaction_id = ${one('transaction_id', "points_transactions WHERE transaction_type = 'lottery_draw'")}`,
    ],
    [
      'DRAW-8: each debit belongs',
      `UPDATE points_transactions SET related_id = '10000009999' WHERE transaction_id = ${one('transaction_id', "points_transactions WHERE transaction_type = 'lottery_draw'")}`,
    ],
    [
      'DRAW-8: each debit belongs',
      `UPDATE points_transactions SET transaction_type = 'lottery_draw' WHERE transaction_id = ${one('transaction_id', "points_transactions WHERE transaction_type = 'earn'")}`,
    ],
    [
      'DRAW-8: each won points prize',
      `DELETE FROM points_transactions WHERE transaction_id = ${one('transaction_id', "points_transactions WHERE transaction_type = 'lottery_prize'")}`,
    ],
    [
      'DRAW-8: each won points prize',
      `UPDATE points_transactions SET amount = 49.99 WHERE transaction_id = ${one('transaction_id', "points_transactions WHERE transaction_type = 'lottery_prize'")}`,
    ],
    [
      'DRAW-8: each credit belongs',
      `UPDATE points_transactions SET transaction_type = 'lottery_prize' WHERE related_id = (SELECT CAST(MAX(draw_id) AS CHAR) FROM lottery_draws WHERE prize_id IS NULL AND draw_id IN (SELECT campaign_id * 10000000000 + first_draw_no FROM lottery_draw_requests))`,
    ],
    [
      'DRAW-8: each credit belongs',
      `UPDATE points_transactions SET related_id = NULL WHERE transaction_id = ${one('transaction_id', "points_transactions WHERE transaction_type = 'lottery_prize'")}`,
    ],
  ]),
  ...breaks('points_experience', [
    ['P-10: the experience of an account', 'UPDATE points_experience SET experience = experience + 1'],
    ['P-10: experience comes with', 'UPDATE points_experience SET transaction_id = transaction_id + 1000000'],
  ]),
  ...breaks('points_rule_versions', [
    ['RP-4: the rule that a row names', 'UPDATE points_rule_versions SET version = version + 1'],
    ['P-11: what of a rule holds', 'UPDATE points_rule_versions SET rule_id = rule_id + 1000'],
  ]),
  ...breaks('points_rule_uses', [
    ['RP-11: what a rule is counted', 'UPDATE points_rule_uses SET granted = granted - 0.01'],
  ]),
  ...breaks('points_bills', [
    ['P-9: a bill gave what', "UPDATE points_bills SET points = points + 0.01 WHERE bill_no = 'B2'"],
    [
      'P-9: a bill gave what',
      "UPDATE points_bills SET refunded_amount = bill_amount + 0.01 WHERE bill_no = 'B1'",
    ],
    [
      'RP-3: of a bill its refunds',
      "UPDATE points_bills SET refunded_amount = refunded_amount + 1 WHERE bill_no = 'B1'",
    ],
    ['P-9: each grant of a bill', "UPDATE points_bills SET status = 'pending' WHERE bill_no = 'B1'"],
    ['P-9: each grant of a bill', "UPDATE points_bills SET status = 'cancelled' WHERE bill_no = 'B1'"],
  ]),
  ...breaks('points_bill_grants', [
    ['P-9: a bill gave what', 'UPDATE points_bill_grants SET reversed = reversed + 0.01'],
    ['P-9: each grant of a bill', 'UPDATE points_bill_grants SET transaction_id = NULL'],
  ]),
  ...breaks('points_bill_refunds', [
    ['RP-3: of a bill its refunds', 'UPDATE points_bill_refunds SET points = points + 0.01'],
  ]),
  ...breaks('points_check_ins', [
    ['P-7: a check-in has', 'UPDATE points_check_ins SET holiday_bonus = holiday_bonus + 1'],
    ['RP-12: a streak goes on', 'UPDATE points_check_ins SET streak = streak + 1'],
  ]),
  ...breaks('imported_members', [
    ['R-10: a member who was imported', 'UPDATE imported_members SET points = points + 0.01'],
    ['R-10: a member who was imported', 'DELETE FROM imported_members'],
  ]),
  ...breaks('points_task_claims', [
    ['P-8: a reward of a task', 'UPDATE points_task_claims SET points = points + 1'],
  ]),
];
