/** What breaks the books of campaigns: stock, draws, logs, items and the events of draws. */
import { breaks, one, type Break } from './breaking.ts';

const WON = (type: string) =>
  `lottery_draws d JOIN lottery_prizes p ON p.prize_id = d.prize_id WHERE p.prize_type = '${type}'`;

export const CAMPAIGN_BREAKS: Break[] = [
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
    [
      'RL-10: no more codes of a pool are given',
      'UPDATE lottery_prizes SET codes_given = codes_given + 1 WHERE prize_id = 1',
    ],
    [
      'RL-10: no more codes of a pool are given',
      'UPDATE lottery_prizes SET codes_total = codes_given - 1 WHERE prize_id = 1',
    ],
    [
      'RL-10: codes of a pool are numbered',
      'UPDATE lottery_prizes SET codes_total = codes_total + 1 WHERE prize_id = 1',
    ],
    ['RL-10: codes of a pool are numbered', 'UPDATE lottery_prizes SET codes_total = 1 WHERE prize_id = 3'],
    [
      'RL-10: items have the codes',
      'UPDATE lottery_prizes SET codes_given = codes_given - 1 WHERE prize_id = 1',
    ],
  ]),
  ...breaks('lottery_coupons', [
    [
      'RL-10: codes of a pool are numbered',
      'DELETE FROM lottery_coupons WHERE prize_id = 1 AND coupon_no = 1',
    ],
    [
      'RL-10: codes of a pool are numbered',
      'DELETE FROM lottery_coupons WHERE prize_id = 1 AND coupon_no = 7',
    ],
    [
      'RL-10: codes of a pool are numbered',
      'DELETE FROM lottery_coupons WHERE prize_id = 1 AND coupon_no = 200',
    ],
    ['RL-10: codes of a pool are numbered', 'UPDATE lottery_coupons SET prize_id = 99 WHERE prize_id = 1'],
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
    [
      'L-7: each draw is free, or costs',
      'UPDATE lottery_draws SET points_cost = 99.99 WHERE draw_id = 10000000050',
    ],
    // The first of its request is 49.
    [
      'L-7: the free draws of a request',
      'UPDATE lottery_draws SET points_cost = 0 WHERE draw_id = 10000000050',
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
    ['RL-10: items have the codes', `UPDATE user_inventories SET coupon_no = NULL WHERE coupon_no = 1`],
    ['RL-10: items have the codes', `UPDATE user_inventories SET coupon_no = 0 WHERE coupon_no = 2`],
    ['RL-10: items have the codes', `UPDATE user_inventories SET coupon_no = 999 WHERE coupon_no = 2`],
    [
      'RL-10: items have the codes',
      `UPDATE user_inventories SET coupon_no = 1 WHERE inventory_id = ${one('inventory_id', 'user_inventories WHERE coupon_no IS NULL AND prize_id = 3')}`,
    ],
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
