/** What belongs to a campaign as a whole: stock, numbers without gaps, seed epochs. */
import type { Check } from './check.ts';
import { drawId } from './sql.ts';

export const CAMPAIGN_CHECKS: Check[] = [
  {
    rule: 'DRAW-3',
    holds: 'total = remaining + won',
    sql: () =>
      `SELECT prize_id, total_quantity, remaining_quantity, won_quantity FROM lottery_prizes
       WHERE (total_quantity IS NULL) <> (remaining_quantity IS NULL)
         OR total_quantity <> remaining_quantity + won_quantity`,
  },
  {
    rule: 'DRAW-3',
    holds: 'remaining stock is never below zero',
    sql: () => 'SELECT prize_id, remaining_quantity FROM lottery_prizes WHERE remaining_quantity < 0',
  },
  {
    rule: 'DRAW-3',
    holds: 'won_quantity is the number of draws that gave the prize',
    sql: () =>
      `SELECT p.prize_id, p.won_quantity, COALESCE(d.draws, 0) AS draws FROM lottery_prizes p
       LEFT JOIN (SELECT prize_id, COUNT(*) AS draws FROM lottery_draws GROUP BY prize_id) d ON d.prize_id = p.prize_id
       WHERE p.won_quantity <> COALESCE(d.draws, 0)`,
  },
  {
    rule: 'RL-10',
    holds: 'no more codes of a pool are given than count, and each win took one',
    sql: () =>
      `SELECT prize_id, won_quantity, codes_given, codes_total FROM lottery_prizes
       WHERE codes_given < 0 OR codes_given > codes_total OR (code_source = 'pool' AND codes_given <> won_quantity)`,
  },
  {
    // More may be there: an upload stores its codes before they count.
    rule: 'RL-10',
    holds: 'codes of a pool are numbered from 1 without gaps, and all that count are there',
    sql: () =>
      `SELECT c.prize_id, p.codes_total, c.codes, c.first_no, c.last_no FROM
         (SELECT prize_id, COUNT(*) AS codes, MIN(coupon_no) AS first_no, MAX(coupon_no) AS last_no
          FROM lottery_coupons GROUP BY prize_id) c
       LEFT JOIN lottery_prizes p ON p.prize_id = c.prize_id
       WHERE p.codes_total > c.codes OR c.first_no <> 1 OR c.last_no <> c.codes
       UNION ALL
       SELECT p.prize_id, p.codes_total, 0, 0, 0 FROM lottery_prizes p
       WHERE p.codes_total > 0 AND NOT EXISTS (SELECT 1 FROM lottery_coupons c WHERE c.prize_id = p.prize_id)`,
  },
  {
    // No two items have the same code by the index of these columns.
    rule: 'RL-10',
    holds: 'items have the codes 1 to codes_given of their prize, each once',
    sql: () =>
      `SELECT p.prize_id, p.codes_given, i.items, i.first_no, i.last_no FROM lottery_prizes p
       LEFT JOIN (SELECT prize_id, COUNT(*) AS items, MIN(coupon_no) AS first_no, MAX(coupon_no) AS last_no
                  FROM user_inventories WHERE coupon_no IS NOT NULL GROUP BY prize_id) i ON i.prize_id = p.prize_id
       WHERE p.codes_given <> COALESCE(i.items, 0) OR p.codes_given <> COALESCE(i.last_no, 0)
         OR COALESCE(i.first_no, 1) <> 1`,
  },
  {
    rule: 'DRAW-3',
    holds: 'draws give prizes of their own campaign only',
    sql: () =>
      `SELECT d.campaign_id, d.prize_id, d.draws FROM
         (SELECT campaign_id, prize_id, COUNT(*) AS draws FROM lottery_draws
          WHERE prize_id IS NOT NULL GROUP BY campaign_id, prize_id) d
       LEFT JOIN lottery_prizes p ON p.prize_id = d.prize_id AND p.campaign_id = d.campaign_id
       WHERE p.prize_id IS NULL`,
  },
  {
    rule: 'L-5',
    holds: 'draw_id = campaign_id × 10¹⁰ + draw_no',
    sql: () => `SELECT draw_id, campaign_id, draw_no FROM lottery_draws d WHERE draw_id <> ${drawId('d')}`,
  },
  {
    // With the check before it and the primary key, count = last = draw_no leaves no room for a gap.
    rule: 'L-5',
    holds: 'draws are numbered 1 to draw_no without gaps',
    sql: () =>
      `SELECT c.campaign_id, c.draw_no, d.draws, d.first_no, d.last_no FROM lottery_campaigns c
       LEFT JOIN (SELECT campaign_id, COUNT(*) AS draws, MIN(draw_no) AS first_no, MAX(draw_no) AS last_no
                  FROM lottery_draws GROUP BY campaign_id) d ON d.campaign_id = c.campaign_id
       WHERE c.draw_no <> COALESCE(d.draws, 0) OR c.draw_no <> COALESCE(d.last_no, 0) OR COALESCE(d.first_no, 1) <> 1`,
  },
  {
    rule: 'L-5',
    holds: 'every draw and log entry has its campaign',
    sql: () =>
      `SELECT l.campaign_id FROM (SELECT campaign_id FROM lottery_draws UNION SELECT campaign_id FROM lottery_fairness_entries
         UNION SELECT campaign_id FROM lottery_draw_requests) l
       LEFT JOIN lottery_campaigns c ON c.campaign_id = l.campaign_id WHERE c.campaign_id IS NULL`,
  },
  {
    rule: 'L-5',
    holds: 'the log is numbered 1 to log_no without gaps',
    sql: () =>
      `SELECT c.campaign_id, c.log_no, l.entries, l.first_no, l.last_no FROM lottery_campaigns c
       LEFT JOIN (SELECT campaign_id, SUM(entries) AS entries, MIN(first_no) AS first_no, MAX(last_no) AS last_no FROM (
           SELECT campaign_id, COUNT(*) AS entries, MIN(log_no) AS first_no, MAX(log_no) AS last_no
           FROM lottery_draws GROUP BY campaign_id
           UNION ALL
           SELECT campaign_id, COUNT(*), MIN(log_no), MAX(log_no) FROM lottery_fairness_entries GROUP BY campaign_id
         ) parts GROUP BY campaign_id) l ON l.campaign_id = c.campaign_id
       WHERE c.log_no <> COALESCE(l.entries, 0) OR c.log_no <> COALESCE(l.last_no, 0) OR COALESCE(l.first_no, 1) <> 1`,
  },
  {
    rule: 'L-5',
    holds: 'no log number twice',
    sql: () =>
      `SELECT e.campaign_id, e.log_no, d.draw_id FROM lottery_fairness_entries e
       JOIN lottery_draws d ON d.campaign_id = e.campaign_id AND d.log_no = e.log_no`,
  },
  {
    rule: 'L-5',
    holds: 'seed epochs follow each other without gaps, and all but the last are revealed',
    sql: () =>
      `SELECT campaign_id, epoch, from_draw_no, to_draw_no, revealed_at FROM (
         SELECT e.*, c.fairness_epoch,
           LAG(epoch) OVER (PARTITION BY e.campaign_id ORDER BY epoch) AS epoch_before,
           LAG(to_draw_no) OVER (PARTITION BY e.campaign_id ORDER BY epoch) AS last_before
         FROM lottery_fairness_epochs e LEFT JOIN lottery_campaigns c ON c.campaign_id = e.campaign_id
       ) t
       WHERE epoch <> COALESCE(epoch_before, 0) + 1
         OR from_draw_no <> CASE WHEN epoch_before IS NULL THEN 1 ELSE COALESCE(last_before, -1) + 1 END
         OR (revealed_at IS NULL) <> (to_draw_no IS NULL) OR to_draw_no < from_draw_no - 1
         OR (epoch < fairness_epoch AND revealed_at IS NULL) OR epoch > COALESCE(fairness_epoch, 0)`,
  },
  {
    rule: 'L-5',
    holds: 'fairness_epoch is the last epoch',
    sql: () =>
      `SELECT c.campaign_id, c.fairness_epoch, e.last_epoch FROM lottery_campaigns c
       LEFT JOIN (SELECT campaign_id, MAX(epoch) AS last_epoch FROM lottery_fairness_epochs GROUP BY campaign_id) e
         ON e.campaign_id = c.campaign_id
       WHERE c.fairness_epoch <> COALESCE(e.last_epoch, 0)`,
  },
  {
    rule: 'L-5',
    holds: 'every draw lies within its seed epoch',
    sql: () =>
      `SELECT d.campaign_id, d.fairness_epoch, d.first_no, d.last_no, e.from_draw_no, e.to_draw_no FROM
         (SELECT campaign_id, fairness_epoch, MIN(draw_no) AS first_no, MAX(draw_no) AS last_no
          FROM lottery_draws GROUP BY campaign_id, fairness_epoch) d
       LEFT JOIN lottery_fairness_epochs e ON e.campaign_id = d.campaign_id AND e.epoch = d.fairness_epoch
       WHERE e.epoch IS NULL OR d.first_no < e.from_draw_no OR d.last_no > COALESCE(e.to_draw_no, d.last_no)`,
  },
  {
    rule: 'L-7',
    holds: 'remaining_draws = total_draws − draw_no',
    sql: () =>
      `SELECT campaign_id, total_draws, remaining_draws, draw_no FROM lottery_campaigns
       WHERE (total_draws IS NULL) <> (remaining_draws IS NULL) OR total_draws <> remaining_draws + draw_no`,
  },
  {
    rule: 'L-8',
    holds: 'participants is the number of users who drew',
    sql: () =>
      `SELECT c.campaign_id, c.participants, COALESCE(u.users, 0) AS users FROM lottery_campaigns c
       LEFT JOIN (SELECT campaign_id, COUNT(*) AS users FROM lottery_user_counters GROUP BY campaign_id) u
         ON u.campaign_id = c.campaign_id
       WHERE c.participants <> COALESCE(u.users, 0)`,
  },
];
