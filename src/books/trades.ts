/** The books of trades: each against its item, against what is held for it, and against the ledger. */
import type { Check } from './check.ts';
import { APPLIED, hundredths } from './sql.ts';

const LIVE = `('open', 'escrow', 'disputed')`;
const HELD = `('escrow', 'disputed')`;

export const TRADE_CHECKS: Check[] = [
  {
    rule: 'R-4',
    holds: 'an item is locked for the one trade of it that is not over, and for nothing else',
    sql: () =>
      `SELECT item_id, user_id, SUM(locked) AS locked_more FROM (
         SELECT inventory_id AS item_id, user_id, 1 AS locked FROM user_inventories WHERE status = 'locked'
         UNION ALL SELECT item_id, seller_id, -1 FROM trade_records WHERE status IN ${LIVE}
       ) t GROUP BY item_id, user_id HAVING SUM(locked) <> 0`,
  },
  {
    rule: 'R-4',
    holds: 'a trade names its item as taken as long as it is not over',
    sql: () =>
      `SELECT trade_id, status, open_item_id FROM trade_records
       WHERE CASE WHEN status IN ${LIVE} THEN COALESCE(open_item_id, 0) <> item_id ELSE open_item_id IS NOT NULL END`,
  },
  {
    rule: 'R-4',
    holds: 'a trade has a buyer who is not its seller when it was bought, and a fee below its price',
    sql: () =>
      `SELECT trade_id, status, seller_id, buyer_id, price, fee FROM trade_records
       WHERE fee < 0 OR fee >= price OR seller_id = COALESCE(buyer_id, 0)
         OR (status = 'open' AND buyer_id IS NOT NULL) OR (status IN ('escrow', 'disputed', 'settled') AND buyer_id IS NULL)`,
  },
  {
    rule: 'R-4',
    holds: 'for a trade in escrow its price is held of its buyer, and for no other anything',
    sql: () =>
      `SELECT trade_id, user_id, SUM(held) / 100 AS held_more FROM (
         SELECT trade_id, user_id, ${hundredths('held')} AS held FROM points_holds WHERE trade_id IS NOT NULL
         UNION ALL SELECT trade_id, buyer_id, -${hundredths('price')} FROM trade_records WHERE status IN ${HELD}
       ) t GROUP BY trade_id, user_id HAVING SUM(held) <> 0`,
  },
  {
    rule: 'R-4',
    holds:
      'a settled trade has a row of its buyer, of the price, and one of its seller, without the fee; no other has any',
    sql: () =>
      `SELECT trade_id, user_id, type, SUM(found) AS rows_more, SUM(amount) / 100 AS amount_more FROM (
         SELECT CAST(related_id AS SIGNED) AS trade_id, user_id, transaction_type AS type, 1 AS found, ${hundredths('amount')} AS amount
         FROM points_transactions WHERE transaction_type IN ('trade_in', 'trade_out') AND ${APPLIED}
         UNION ALL
         SELECT trade_id, buyer_id, 'trade_out', -1, ${hundredths('price')} FROM trade_records WHERE status = 'settled'
         UNION ALL
         SELECT trade_id, seller_id, 'trade_in', -1, ${hundredths('fee')} - ${hundredths('price')}
         FROM trade_records WHERE status = 'settled'
       ) t GROUP BY trade_id, user_id, type HAVING SUM(found) <> 0 OR SUM(amount) <> 0`,
  },
  {
    rule: 'R-4',
    holds: 'what changed hands has done so as often as it was given or sold',
    sql: () =>
      `SELECT t.item_id, i.owner_no, t.sold FROM
         (SELECT item_id, COUNT(*) AS sold FROM trade_records WHERE status = 'settled' GROUP BY item_id) t
       LEFT JOIN user_inventories i ON i.inventory_id = t.item_id WHERE i.inventory_id IS NULL OR i.owner_no < t.sold`,
  },
];
