/** The books of products: stock against what was exchanged, exchanges against the ledger and against the items that they gave. */
import type { Check } from './check.ts';
import { APPLIED, hundredths, isMergedInto } from './sql.ts';

const EXCHANGED = `source = 'exchange'`;

export const PRODUCT_CHECKS: Check[] = [
  {
    rule: 'R-3',
    holds: 'of a product nothing is missing: total stock is what is left and what is sold',
    sql: () =>
      `SELECT product_id, stock, sold, total_stock FROM products
       WHERE stock < 0 OR sold < 0 OR stock + sold <> total_stock`,
  },
  {
    rule: 'R-3',
    holds: 'what is sold of a product was exchanged',
    sql: () =>
      `SELECT product_id, SUM(pieces) AS sold_more FROM (
         SELECT product_id, sold AS pieces FROM products
         UNION ALL SELECT product_id, -quantity FROM product_exchanges
       ) t GROUP BY product_id HAVING SUM(pieces) <> 0`,
  },
  {
    rule: 'R-3',
    holds: 'an exchange has cost what its pieces cost, by one row of the ledger, and no other row is of one',
    sql: () =>
      `SELECT exchange_id, user_id, SUM(found) AS rows_more, SUM(amount) / 100 AS amount_more FROM (
         SELECT CAST(related_id AS SIGNED) AS exchange_id, user_id, 1 AS found, ${hundredths('amount')} AS amount
         FROM points_transactions WHERE transaction_type = 'exchange' AND ${APPLIED}
         UNION ALL
         SELECT exchange_id, user_id, -1, ${hundredths('price')} * quantity FROM product_exchanges
       ) t GROUP BY exchange_id, user_id HAVING SUM(found) <> 0 OR SUM(amount) <> 0`,
  },
  {
    rule: 'R-3',
    holds: 'an exchange has given as many items as pieces, of its product and at its price',
    sql: () =>
      `SELECT e.exchange_id, e.quantity, COUNT(i.inventory_id) AS items FROM product_exchanges e
       LEFT JOIN user_inventories i ON i.exchange_id = e.exchange_id AND i.product_id = e.product_id
         AND ${hundredths('i.item_value')} = ${hundredths('e.price')} AND i.${EXCHANGED}
       GROUP BY e.exchange_id, e.quantity HAVING COUNT(i.inventory_id) <> e.quantity`,
  },
  {
    rule: 'R-3',
    holds: 'every exchanged item has its exchange, and no other item names one',
    sql: () =>
      `SELECT i.inventory_id, i.source, i.exchange_id FROM user_inventories i
       LEFT JOIN product_exchanges e ON e.exchange_id = i.exchange_id
       WHERE (i.${EXCHANGED}) <> (e.exchange_id IS NOT NULL) OR (i.exchange_id IS NOT NULL AND e.exchange_id IS NULL)`,
  },
  {
    rule: 'R-3',
    holds: 'the times of an exchanged item, and who gave it out, are those of its status',
    sql: () =>
      `SELECT inventory_id, status, redeemed_at, redeemed_by, expires_at FROM user_inventories
       WHERE ${EXCHANGED} AND NOT CASE
         WHEN status IN ('available', 'locked') THEN redeemed_at IS NULL AND redeemed_by IS NULL
         WHEN status = 'redeemed' THEN redeemed_at IS NOT NULL AND redeemed_by IS NOT NULL AND expires_at IS NULL
         WHEN status = 'expired' THEN redeemed_at IS NULL AND redeemed_by IS NULL AND expires_at IS NOT NULL
         ELSE 1 = 0 END`,
  },
  {
    rule: 'R-3',
    holds: 'what was won has changed hands by a merge of accounts alone',
    sql: () =>
      `SELECT i.inventory_id, i.user_id, i.owner_no FROM user_inventories i
       LEFT JOIN lottery_draws d ON d.draw_id = i.draw_id
       WHERE i.owner_no < 0 OR (i.owner_no > 0 AND NOT i.${EXCHANGED} AND NOT ${isMergedInto('d.user_id', 'i.user_id')})`,
  },
];
