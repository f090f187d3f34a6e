/** What becomes of won items: that status, times and stock say the same (L-9). */
import type { Check } from './check.ts';
import type { Dialect } from '../platform/database/sources.ts';

const WON = `source = 'lottery'`;

/** A field of a log entry; null where the entry is no JSON, which another check finds. */
function field(dialect: Dialect, name: string): string {
  const value = `CASE WHEN json_valid(payload) THEN json_extract(payload, '$.${name}') END`;
  return dialect === 'sqlite' ? `CAST(${value} AS INTEGER)` : `CAST(${value} AS SIGNED)`;
}

export const ITEM_CHECKS: Check[] = [
  {
    rule: 'L-9',
    holds: 'the times of an item are those of its status',
    sql: () =>
      `SELECT inventory_id, status, claimed_at, redeemed_at, expires_at FROM user_inventories WHERE ${WON} AND NOT CASE status
         WHEN 'unclaimed' THEN claimed_at IS NULL AND redeemed_at IS NULL
         WHEN 'claimed' THEN claimed_at IS NOT NULL AND redeemed_at IS NULL AND expires_at IS NULL
         WHEN 'redeemed' THEN claimed_at IS NOT NULL AND redeemed_at IS NOT NULL AND expires_at IS NULL
         WHEN 'expired' THEN claimed_at IS NULL AND redeemed_at IS NULL AND expires_at IS NOT NULL
         WHEN 'void' THEN redeemed_at IS NULL AND expires_at IS NULL
         ELSE 1 = 0 END`,
  },
  {
    rule: 'L-9',
    holds: 'an item names who gave it out when it was, and nobody before',
    sql: () =>
      `SELECT inventory_id, status, redeemed_by, redeemed_restaurant_id FROM user_inventories WHERE ${WON}
         AND ((status = 'redeemed') <> (redeemed_by IS NOT NULL) OR (status <> 'redeemed' AND redeemed_restaurant_id IS NOT NULL))`,
  },
  {
    rule: 'L-9',
    holds: 'only what was given out is rated, from 1 to 5',
    sql: () =>
      `SELECT inventory_id, status, rating FROM user_inventories
       WHERE (rating IS NULL) <> (rated_at IS NULL) OR (rating IS NOT NULL AND (status <> 'redeemed' OR rating NOT BETWEEN 1 AND 5))`,
  },
  {
    rule: 'RL-9',
    holds: 'stock comes back of expired items alone',
    sql: () =>
      `SELECT inventory_id, status FROM user_inventories WHERE stock_returned <> 0 AND status <> 'expired'`,
  },
  {
    // Of a pool codes may be fewer than pieces, and then what comes back changes nothing that can be won.
    rule: 'RL-9',
    holds: 'what has come back of a prize is in its log',
    sql: (dialect) =>
      `SELECT r.prize_id, r.items, COALESCE(s.added, 0) AS added FROM
         (SELECT i.prize_id, COUNT(*) AS items FROM user_inventories i
          JOIN lottery_prizes p ON p.prize_id = i.prize_id AND p.total_quantity IS NOT NULL AND COALESCE(p.code_source, '') <> 'pool'
          WHERE i.stock_returned <> 0 GROUP BY i.prize_id) r
       LEFT JOIN (SELECT prize_id, SUM(delta) AS added FROM
           (SELECT ${field(dialect, 'prize_id')} AS prize_id, ${field(dialect, 'delta')} AS delta
            FROM lottery_fairness_entries WHERE kind = 'stock') e
         WHERE delta > 0 GROUP BY prize_id) s ON s.prize_id = r.prize_id
       WHERE r.items > COALESCE(s.added, 0)`,
  },
  {
    rule: 'L-9',
    holds:
      'every code is of an item that its owner is given by it, every delivery of a won one and of its owner',
    sql: () =>
      `SELECT c.inventory_id, i.user_id FROM
         (SELECT inventory_id, NULL AS user_id FROM inventory_codes UNION ALL SELECT inventory_id, user_id FROM inventory_deliveries) c
       LEFT JOIN user_inventories i ON i.inventory_id = c.inventory_id
         AND (i.${WON} OR (i.source = 'exchange' AND c.user_id IS NULL))
       WHERE i.inventory_id IS NULL OR i.user_id <> COALESCE(c.user_id, i.user_id)`,
  },
  {
    rule: 'L-9',
    holds: 'what has arrived or was fetched is given out, and what is under way is not',
    sql: () =>
      `SELECT d.inventory_id, d.status AS delivery, i.status FROM inventory_deliveries d
       JOIN user_inventories i ON i.inventory_id = d.inventory_id
       WHERE (d.status IN ('delivered', 'collected')) <> (i.status = 'redeemed')`,
  },
];
