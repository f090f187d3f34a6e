/** Tables that the statements below change; each is restored after its test. */
export const TABLES = [
  'users',
  'user_points_accounts',
  'points_transactions',
  'points_lots',
  'points_lot_uses',
  'points_holds',
  'points_reversals',
  'points_transfers',
  'points_daily',
  'points_earned',
  'points_rules',
  'points_rule_versions',
  'points_rule_uses',
  'points_experience',
  'points_bills',
  'points_bill_grants',
  'points_bill_refunds',
  'points_check_ins',
  'points_task_claims',
  'lottery_campaigns',
  'lottery_prizes',
  'lottery_draws',
  'lottery_draw_requests',
  'lottery_user_counters',
  'lottery_fairness_epochs',
  'lottery_fairness_entries',
  'user_inventories',
  'business_events',
];

export interface Break {
  /** Rule and invariant that the audit must name; the beginning is enough. */
  violates: string;
  table: string;
  sql: string;
}

/** A row chosen through a table of its own: MySQL does not change a table that the same statement reads. */
const one = (column: string, from: string) =>
  `(SELECT ${column} FROM (SELECT MAX(${column}) AS ${column} FROM ${from}) x)`;
const WON = (type: string) =>
  `lottery_draws d JOIN lottery_prizes p ON p.prize_id = d.prize_id WHERE p.prize_type = '${type}'`;

const breaks = (table: string, cases: [violates: string, sql: string][]): Break[] =>
  cases.map(([violates, sql]) => ({ violates, table, sql }));

export const BREAKS: Break[] = [
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
  ...breaks('lottery_prizes', [
    [
      'DRAW-3: total = remaining + won',
      'UPDATE lottery_prizes SET total_quantity = total_quantity + 1 WHERE prize_id = 1',
    ],
    ['DRAW-3: total = remaining + won', 'UPDATE lottery_prizes SET total_quantity = NULL WHERE prize_id = 1'],
    [
      'DRAW-3: remaining stock is never',
      'UPDATE lottery_prizes SET remaining_quantity = -1 WHERE prize_id = 1',
    ],
    [
      'DRAW-3: won_quantity is',
      'UPDATE lottery_prizes SET won_quantity = won_quantity + 1 WHERE prize_id = 3',
    ],
    [
      'DRAW-3: remaining stock is what the log leaves',
      'UPDATE lottery_prizes SET remaining_quantity = remaining_quantity + 1, total_quantity = total_quantity + 1 WHERE prize_id = 1',
    ],
    [
      'DRAW-3: draws give prizes of their own',
      'UPDATE lottery_prizes SET campaign_id = 2 WHERE prize_id = 1',
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
  ...breaks('points_task_claims', [
    ['P-8: a reward of a task', 'UPDATE points_task_claims SET points = points + 1'],
  ]),
  ...breaks('lottery_campaigns', [
    ['L-5: draws are numbered', 'UPDATE lottery_campaigns SET draw_no = draw_no + 1 WHERE campaign_id = 1'],
    ['L-5: the log is numbered', 'UPDATE lottery_campaigns SET log_no = log_no + 1 WHERE campaign_id = 1'],
    ['L-5: chain_head is', `UPDATE lottery_campaigns SET chain_head = '00' WHERE campaign_id = 2`],
    ['L-5: table_version is', 'UPDATE lottery_campaigns SET table_version = 2 WHERE campaign_id = 1'],
    [
      'L-5: fairness_epoch is',
      'UPDATE lottery_campaigns SET fairness_epoch = fairness_epoch + 1 WHERE campaign_id = 1',
    ],
    [
      'L-7: remaining_draws',
      'UPDATE lottery_campaigns SET remaining_draws = remaining_draws - 1 WHERE campaign_id = 2',
    ],
    [
      'L-8: participants',
      'UPDATE lottery_campaigns SET participants = participants + 1 WHERE campaign_id = 1',
    ],
    ['L-5: every draw and log entry has its campaign', 'DELETE FROM lottery_campaigns WHERE campaign_id = 2'],
  ]),
  ...breaks('lottery_draws', [
    ['L-5: draw_id =', 'UPDATE lottery_draws SET draw_id = draw_id + 5000 WHERE draw_id = 10000000104'],
    ['L-5: draws are numbered', 'DELETE FROM lottery_draws WHERE draw_id = 10000000001'],
    [
      'L-5: the log is numbered',
      'UPDATE lottery_draws SET log_no = log_no + 5000 WHERE draw_id = 10000000104',
    ],
    ['L-5: no log number twice', 'UPDATE lottery_draws SET log_no = 1 WHERE draw_id = 10000000104'],
    [
      'L-5: every draw lies within',
      'UPDATE lottery_draws SET fairness_epoch = 1 WHERE draw_id = 10000000104',
    ],
    ['L-5: each draw names', 'UPDATE lottery_draws SET table_version = 2 WHERE draw_id = 10000000104'],
    [
      'L-5: each won prize is in the configuration',
      'UPDATE lottery_draws SET table_version = 2 WHERE prize_id IS NOT NULL',
    ],
    ['DRAW-4: each request has exactly', 'DELETE FROM lottery_draws WHERE draw_id = 10000000050'],
    [
      'DRAW-4: each draw belongs',
      `UPDATE lottery_draws SET request_id = 'other' WHERE draw_id = 10000000050`,
    ],
    ['DRAW-4: each draw belongs', 'UPDATE lottery_draws SET user_id = 99 WHERE draw_id = 10000000050'],
    [
      'DRAW-8: each request has exactly one debit',
      'UPDATE lottery_draws SET points_cost = 99.99 WHERE draw_id = 10000000050',
    ],
    ['L-6: is_winner', 'UPDATE lottery_draws SET is_winner = 1 - is_winner WHERE draw_id = 10000000050'],
    ['L-6: is_winner', 'UPDATE lottery_draws SET is_guarantee = 1 WHERE prize_id IS NULL'],
    [
      'L-6: streak_before',
      'UPDATE lottery_draws SET streak_before = streak_before + 1 WHERE draw_id = 10000000050',
    ],
    ['L-8: counters', 'UPDATE lottery_draws SET prize_id = NULL, is_winner = 0 WHERE prize_id = 3'],
    ...[
      'user_id = 99',
      `client_seed = 'other'`,
      'fairness_epoch = 9',
      'table_version = 9',
      'level_bp = 1',
      'period_bp = 1',
      'pity_bp = 1',
      'streak_before = 99',
      'roll = roll + 1',
      'prize_id = 9',
      'is_guarantee = 1 - is_guarantee',
      `chain_hash = '00'`,
    ].map((change): [string, string] => [
      'L-5: each chain_hash',
      `UPDATE lottery_draws SET ${change} WHERE draw_id = 10000000050`,
    ]),
  ]),
  ...breaks('lottery_draw_requests', [
    [
      'DRAW-4: each draw belongs',
      `DELETE FROM lottery_draw_requests WHERE user_id = 1 AND request_id = 'r-2'`,
    ],
    [
      'DRAW-4: each request has exactly',
      `UPDATE lottery_draw_requests SET draw_count = 9 WHERE user_id = 1 AND request_id = 'r-2'`,
    ],
    [
      'DRAW-4: each request has exactly',
      `UPDATE lottery_draw_requests SET first_draw_no = first_draw_no + 1 WHERE user_id = 1 AND request_id = 'r-2'`,
    ],
    [
      'DRAW-8: each debit belongs',
      `DELETE FROM lottery_draw_requests WHERE user_id = 1 AND request_id = 'r-2'`,
    ],
    [
      'E-1: each lottery:draw_completed event tells',
      `DELETE FROM lottery_draw_requests WHERE user_id = 1 AND request_id = 'r-2'`,
    ],
  ]),
  ...breaks('lottery_user_counters', [
    ...[
      'draws = draws + 1',
      'wins = wins - 1',
      'streak = streak + 1',
      'prize_value = prize_value + 0.01',
      'first_draw_no = first_draw_no + 1',
    ].map((change): [string, string] => [
      'L-8: counters',
      `UPDATE lottery_user_counters SET ${change} WHERE campaign_id = 1 AND user_id = 2`,
    ]),
    ['L-8: counters', 'DELETE FROM lottery_user_counters WHERE campaign_id = 1 AND user_id = 2'],
    ['L-8: participants', 'DELETE FROM lottery_user_counters WHERE campaign_id = 1 AND user_id = 2'],
    ['L-8: counters', 'UPDATE lottery_user_counters SET user_id = 99 WHERE campaign_id = 1 AND user_id = 2'],
  ]),
  ...breaks('lottery_fairness_epochs', [
    [
      'L-5: seed epochs follow',
      'UPDATE lottery_fairness_epochs SET to_draw_no = to_draw_no - 1 WHERE campaign_id = 1 AND epoch = 1',
    ],
    [
      'L-5: seed epochs follow',
      'UPDATE lottery_fairness_epochs SET revealed_at = NULL WHERE campaign_id = 1 AND epoch = 1',
    ],
    [
      'L-5: every draw lies within',
      'UPDATE lottery_fairness_epochs SET from_draw_no = 2 WHERE campaign_id = 1 AND epoch = 1',
    ],
    ['L-5: fairness_epoch is', 'DELETE FROM lottery_fairness_epochs WHERE campaign_id = 1 AND epoch = 2'],
    [
      'L-5: the log commits',
      `UPDATE lottery_fairness_epochs SET server_seed_hash = '00' WHERE campaign_id = 1 AND epoch = 2`,
    ],
    [
      'L-5: each revealed seed',
      `UPDATE lottery_fairness_epochs SET server_seed_hash = '00' WHERE campaign_id = 1 AND epoch = 1`,
    ],
    [
      'L-5: each revealed seed',
      `UPDATE lottery_fairness_epochs SET encrypted_seed = 'AAAA' WHERE campaign_id = 1 AND epoch = 1`,
    ],
  ]),
  ...breaks('lottery_fairness_entries', [
    [
      'L-5: each chain_hash',
      `UPDATE lottery_fairness_entries SET payload = REPLACE(payload, '"p":10000000', '"p":10000001') WHERE kind = 'config'`,
    ],
    ['L-5: each chain_hash', `UPDATE lottery_fairness_entries SET chain_hash = '00' WHERE log_no = 1`],
    [
      'L-5: each log entry has the fields',
      `UPDATE lottery_fairness_entries SET payload = 'none' WHERE kind = 'config'`,
    ],
    [
      'L-5: each log entry has the fields',
      `UPDATE lottery_fairness_entries SET payload = '{}' WHERE kind = 'stock'`,
    ],
    [
      'L-5: each log entry has the fields',
      `UPDATE lottery_fairness_entries SET kind = 'seed' WHERE kind = 'stock'`,
    ],
    ['L-5: the log is numbered', `DELETE FROM lottery_fairness_entries WHERE kind = 'stock'`],
    [
      'DRAW-3: stock in the log',
      `UPDATE lottery_fairness_entries SET payload = REPLACE(payload, '"delta":5', '"delta":6') WHERE kind = 'stock'`,
    ],
    [
      'DRAW-3: stock in the log',
      `UPDATE lottery_fairness_entries SET payload = REPLACE(payload, '"stock":100', '"stock":0') WHERE kind = 'config'`,
    ],
  ]),
  ...breaks('user_inventories', [
    ['DRAW-8: each other won prize', `DELETE FROM user_inventories WHERE inventory_id = 1`],
    ['DRAW-8: each other won prize', `UPDATE user_inventories SET user_id = 99 WHERE inventory_id = 1`],
    ['DRAW-8: each other won prize', `UPDATE user_inventories SET prize_id = 2 WHERE inventory_id = 1`],
    ['DRAW-8: each won item', `UPDATE user_inventories SET draw_id = 30000000001 WHERE inventory_id = 1`],
    ['DRAW-8: each won item', `UPDATE user_inventories SET draw_id = NULL WHERE inventory_id = 1`],
    [
      'DRAW-8: each won item',
      `UPDATE user_inventories SET draw_id = (SELECT MAX(d.draw_id) FROM ${WON('points')}) WHERE inventory_id = 1`,
    ],
  ]),
  ...breaks('business_events', [
    ['E-1: each request has exactly one', `DELETE FROM business_events WHERE event_id = 1`],
    [
      'E-1: each request has exactly one',
      `INSERT INTO business_events (event_type, user_id, event_data, created_at) SELECT event_type, user_id, event_data, created_at FROM business_events WHERE event_id = 1`,
    ],
    [
      'E-1: each lottery:draw_completed event tells',
      `UPDATE business_events SET user_id = 99 WHERE event_id = 1`,
    ],
    ...[
      ['"campaign_id":1', '"campaign_id":2'],
      ['"user_id":1', '"user_id":99'],
      ['"r-1"', '"r-2"'],
      ['"draw_id":10000000003', '"draw_id":10000000004'],
      ['"draws":[', '"draws":[{"draw_id":1},'],
      ['"draws"', '"drawn"'],
    ].map(([from, to]): [string, string] => [
      'E-1: each lottery:draw_completed event tells',
      `UPDATE business_events SET event_data = REPLACE(event_data, '${from}', '${to}') WHERE event_id = 2`,
    ]),
    [
      'E-1: each lottery:draw_completed event tells',
      `UPDATE business_events SET event_data = 'none' WHERE event_id = 1`,
    ],
  ]),
];
