/** What each draw and each request must have brought about: exactly once, and nothing that no draw brought about. */
import { sqlTime } from '../platform/database/sqlValues.ts';
import { EVENT_DAYS } from '../platform/events/types.ts';
import type { Check } from './check.ts';
import {
  APPLIED,
  differ,
  drawId,
  DRAWN_EVENT,
  hundredths,
  isMergedInto,
  OF_DRAW,
  publishedCosts,
  publishedPrizes,
  twice,
} from './sql.ts';

/** Per request: its draws, and the request's first draw_id as the key that points and events refer to. */
const DRAWN = `(
  SELECT ${drawId('r', 'first_draw_no')} AS first_draw_id, COUNT(*) AS draws, MIN(d.draw_no) AS first_no,
    MAX(d.draw_no) AS last_no, SUM(${hundredths('d.points_cost')}) AS cost
  FROM lottery_draws d
  JOIN lottery_draw_requests r
    ON r.campaign_id = d.campaign_id AND r.user_id = d.user_id AND r.request_id = d.request_id
  GROUP BY ${drawId('r', 'first_draw_no')}
)`;

/** Per draw_id that rows of a type refer to: how many there are and what they move. */
const moved = (type: string) => `(
  SELECT CAST(related_id AS SIGNED) AS draw_id, COUNT(*) AS movements, SUM(${hundredths('amount')}) AS amount
  FROM ${rowsOf(type)} GROUP BY CAST(related_id AS SIGNED)
)`;

function rowsOf(type: string): string {
  return `points_transactions WHERE transaction_type = '${type}' AND ${APPLIED}`;
}

/** A day's grace: clocks differ, and a pass may run while the books are read. */
function keptSince(): string {
  return `'${sqlTime(Date.now() - (EVENT_DAYS - 1) * 86_400_000)}'`;
}

/** The events of draws, by the first draw they tell of. */
const EVENTS = `(
  SELECT CAST(JSON_EXTRACT(event_data, '$.draws[0].draw_id') AS SIGNED) AS first_draw_id, COUNT(*) AS events
  FROM business_events WHERE event_type = '${DRAWN_EVENT}' AND JSON_VALID(event_data)
  GROUP BY CAST(JSON_EXTRACT(event_data, '$.draws[0].draw_id') AS SIGNED)
)`;

export const DRAW_CHECKS: Check[] = [
  {
    rule: 'DRAW-4',
    holds: 'each request has exactly its draws, numbered from first_draw_no',
    sql: () =>
      `SELECT r.campaign_id, r.user_id, r.request_id, r.draw_count, r.first_draw_no, COALESCE(d.draws, 0) AS draws,
         d.first_no, d.last_no
       FROM lottery_draw_requests r LEFT JOIN ${DRAWN} d ON d.first_draw_id = ${drawId('r', 'first_draw_no')}
       WHERE COALESCE(d.draws, 0) <> r.draw_count OR d.first_no <> r.first_draw_no
         OR d.last_no <> r.first_draw_no + r.draw_count - 1`,
    // Each draw lies in its own request's range of draw_count numbers, so equal sums leave no room in any of them.
    proof: () => [
      `SELECT r.campaign_id FROM
         (SELECT campaign_id, SUM(draw_count) AS draws FROM lottery_draw_requests GROUP BY campaign_id) r
       LEFT JOIN (SELECT campaign_id, COUNT(*) AS draws FROM lottery_draws GROUP BY campaign_id) d
         ON d.campaign_id = r.campaign_id
       WHERE r.draws <> COALESCE(d.draws, 0)`,
    ],
  },
  {
    rule: 'DRAW-4',
    holds: 'each draw belongs to a request and lies within its numbers',
    sql: () =>
      `SELECT d.draw_id, d.user_id, d.request_id FROM lottery_draws d
       LEFT JOIN lottery_draw_requests r
         ON r.campaign_id = d.campaign_id AND r.user_id = d.user_id AND r.request_id = d.request_id
       WHERE r.request_id IS NULL OR d.draw_no < r.first_draw_no OR d.draw_no >= r.first_draw_no + r.draw_count`,
  },
  {
    rule: 'L-6',
    holds: 'is_winner and is_guarantee agree with prize_id',
    sql: () =>
      `SELECT draw_id, prize_id, is_winner, is_guarantee FROM lottery_draws
       WHERE is_winner <> (prize_id IS NOT NULL) OR (is_guarantee = 1 AND prize_id IS NULL)`,
  },
  {
    rule: 'L-5',
    holds: 'each won prize is in the configuration that the draw names',
    sql: (dialect) =>
      `SELECT d.campaign_id, d.table_version, d.prize_id, d.draws FROM
         (SELECT campaign_id, table_version, prize_id, COUNT(*) AS draws FROM lottery_draws
          WHERE prize_id IS NOT NULL GROUP BY campaign_id, table_version, prize_id) d
       LEFT JOIN ${publishedPrizes(dialect)} p ON ${OF_DRAW} WHERE p.prize_id IS NULL`,
  },
  {
    rule: 'DRAW-8',
    holds: 'each request has exactly one debit, of what its draws cost, and none where all of them are free',
    sql: () =>
      `SELECT r.campaign_id, r.user_id, r.request_id, COALESCE(t.movements, 0) AS debits, t.amount / 100 AS amount,
         d.cost / 100 AS cost
       FROM lottery_draw_requests r
       LEFT JOIN ${moved('lottery_draw')} t ON t.draw_id = ${drawId('r', 'first_draw_no')}
       LEFT JOIN ${DRAWN} d ON d.first_draw_id = ${drawId('r', 'first_draw_no')}
       WHERE COALESCE(t.movements, 0) > 1 OR COALESCE(t.amount, 0) <> -COALESCE(d.cost, 0)`,
    // No request has two debits, and each is of what its request cost, where paid draws cost the same and follow the free ones:
    // so none is missing where all of them together are what all draws cost.
    proof: () => [
      `SELECT t.amount FROM (SELECT COALESCE(SUM(${hundredths('amount')}), 0) AS amount FROM ${rowsOf('lottery_draw')}) t
       JOIN (SELECT COALESCE(SUM(${hundredths('points_cost')}), 0) AS cost FROM lottery_draws) d ON t.amount <> -d.cost`,
      twice('CAST(related_id AS SIGNED)', rowsOf('lottery_draw')),
      `SELECT campaign_id FROM lottery_draws WHERE points_cost > 0
       GROUP BY campaign_id HAVING MIN(points_cost) <> MAX(points_cost)`,
    ],
  },
  {
    rule: 'L-7',
    holds: 'each draw is free, or costs what the configuration that it names says',
    sql: (dialect) =>
      `SELECT d.campaign_id, d.table_version, d.points_cost, d.draws, p.cost FROM
         (SELECT campaign_id, table_version, points_cost, COUNT(*) AS draws FROM lottery_draws
          WHERE points_cost <> 0 GROUP BY campaign_id, table_version, points_cost) d
       LEFT JOIN ${publishedCosts(dialect)} p ON p.campaign_id = d.campaign_id AND p.table_version = d.table_version
       WHERE p.cost IS NULL OR ${hundredths('p.cost')} <> ${hundredths('d.points_cost')}`,
  },
  {
    rule: 'L-7',
    holds: 'the free draws of a request are its first ones',
    sql: () =>
      `SELECT d.draw_id, d.user_id, d.request_id FROM lottery_draws d
       JOIN lottery_draws p ON p.draw_id = d.draw_id - 1 AND p.user_id = d.user_id AND p.request_id = d.request_id
       WHERE d.points_cost = 0 AND p.points_cost > 0`,
  },
  {
    rule: 'DRAW-8',
    holds: 'each debit belongs to a request of the same user and is what it cost',
    sql: () =>
      `SELECT t.transaction_id, t.user_id, t.related_id FROM points_transactions t
       LEFT JOIN lottery_draws d ON d.draw_id = CAST(t.related_id AS SIGNED)
       LEFT JOIN lottery_draw_requests r
         ON r.campaign_id = d.campaign_id AND r.user_id = d.user_id AND r.request_id = d.request_id
       WHERE t.transaction_type = 'lottery_draw' AND ${APPLIED}
         AND (r.request_id IS NULL OR r.first_draw_no <> d.draw_no OR t.user_id <> r.user_id
           OR CAST(d.draw_id AS CHAR) <> t.related_id
           OR (${hundredths('t.amount')} <> -r.draw_count * ${hundredths('d.points_cost')}
             AND ${hundredths('t.amount')} <> (
               SELECT -SUM(${hundredths('x.points_cost')}) FROM lottery_draws x
               WHERE x.draw_id >= d.draw_id AND x.draw_id < d.draw_id + r.draw_count)))`,
  },
  {
    rule: 'DRAW-8',
    holds: 'each won points prize has exactly one credit, of its value',
    sql: (dialect) =>
      `SELECT d.draw_id, d.user_id, COALESCE(t.movements, 0) AS credits, t.amount / 100 AS amount, p.prize_value
       FROM lottery_draws d JOIN ${publishedPrizes(dialect)} p ON ${OF_DRAW}
       LEFT JOIN ${moved('lottery_prize')} t ON t.draw_id = d.draw_id
       WHERE p.prize_type = 'points'
         AND (COALESCE(t.movements, 0) <> 1 OR t.amount <> ${hundredths('p.prize_value')})`,
    // Each credit is of a won points prize and of its value: as many as those, none twice.
    proof: (dialect) => [
      differ(
        rowsOf('lottery_prize'),
        `lottery_draws d JOIN ${publishedPrizes(dialect)} p ON ${OF_DRAW} WHERE p.prize_type = 'points'`,
      ),
      twice('CAST(related_id AS SIGNED)', rowsOf('lottery_prize')),
    ],
  },
  {
    rule: 'DRAW-8',
    holds: 'each credit belongs to a won points prize of the same user and is its value',
    sql: (dialect) =>
      `SELECT t.transaction_id, t.user_id, t.related_id FROM points_transactions t
       LEFT JOIN lottery_draws d ON d.draw_id = CAST(t.related_id AS SIGNED)
       LEFT JOIN ${publishedPrizes(dialect)} p ON ${OF_DRAW}
       WHERE t.transaction_type = 'lottery_prize' AND ${APPLIED}
         AND (COALESCE(p.prize_type, '') <> 'points' OR t.user_id <> d.user_id OR CAST(d.draw_id AS CHAR) <> t.related_id
           OR ${hundredths('t.amount')} <> ${hundredths('p.prize_value')})`,
  },
  {
    rule: 'DRAW-8',
    holds: 'each other won prize is one item of the winner, or of the account that theirs was merged into',
    sql: (dialect) =>
      `SELECT d.draw_id, d.user_id, d.prize_id, i.user_id AS item_user, i.prize_id AS item_prize
       FROM lottery_draws d JOIN ${publishedPrizes(dialect)} p ON ${OF_DRAW}
       LEFT JOIN user_inventories i ON i.draw_id = d.draw_id
       WHERE p.prize_type <> 'points'
         AND (i.draw_id IS NULL OR COALESCE(i.prize_id, 0) <> d.prize_id
           OR (i.user_id <> d.user_id AND NOT ${isMergedInto('d.user_id', 'i.user_id')}))`,
  },
  {
    rule: 'DRAW-8',
    holds: 'each won item has its draw, which gave no points',
    sql: (dialect) =>
      `SELECT i.inventory_id, i.user_id, i.draw_id FROM user_inventories i
       LEFT JOIN lottery_draws d ON d.draw_id = i.draw_id
       LEFT JOIN ${publishedPrizes(dialect)} p ON ${OF_DRAW}
       WHERE (i.draw_id IS NOT NULL OR i.source = 'lottery') AND COALESCE(p.prize_type, 'points') = 'points'`,
  },
  {
    rule: 'E-1',
    holds: 'each request has exactly one lottery:draw_completed event, until it is forgotten',
    sql: () =>
      `SELECT r.campaign_id, r.user_id, r.request_id, COALESCE(e.events, 0) AS events FROM lottery_draw_requests r
       LEFT JOIN ${EVENTS} e ON e.first_draw_id = ${drawId('r', 'first_draw_no')}
       WHERE COALESCE(e.events, 0) <> 1 AND (r.created_at >= ${keptSince()} OR e.events > 1)`,
    // auditEvents.ts finds that each event is of a request and no two of the same one.
    proof: () => {
      const young = `created_at >= ${keptSince()}`;
      return [
        differ(
          `business_events WHERE event_type = '${DRAWN_EVENT}' AND ${young}`,
          `lottery_draw_requests WHERE ${young}`,
        ),
      ];
    },
  },
];
