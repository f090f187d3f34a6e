/** What breaks the books of trades: items, what is held, and the ledger. */
import { breaks, one, type Break } from './breaking.ts';

const LOCKED = 'R-4: an item is locked for the one trade';
const NAMES = 'R-4: a trade names its item';
const BUYER = 'R-4: a trade has a buyer';
const HELD = 'R-4: for a trade in escrow';
const ROWS = 'R-4: a settled trade has a row';
const set = (columns: string, status: string) =>
  `UPDATE trade_records SET ${columns} WHERE status = '${status}'`;

export const TRADE_BREAKS: Break[] = [
  ...breaks('trade_records', [
    [LOCKED, set(`status = 'cancelled', open_item_id = NULL`, 'open')],
    [LOCKED, set('seller_id = 98', 'open')],
    [NAMES, set('open_item_id = NULL', 'escrow')],
    [NAMES, set('open_item_id = item_id', 'settled')],
    [BUYER, set('buyer_id = 98', 'open')],
    [BUYER, set('buyer_id = NULL', 'disputed')],
    [BUYER, set('buyer_id = seller_id', 'cancelled')],
    [BUYER, set('fee = price', 'open')],
    [HELD, set('price = price + 1', 'escrow')],
    [HELD, set(`status = 'escrow', buyer_id = 98`, 'open')],
    [ROWS, set('fee = fee + 0.01', 'settled')],
    [ROWS, set('price = price + 1', 'settled')],
    [ROWS, set(`status = 'settled', open_item_id = NULL`, 'escrow')],
  ]),
  ...breaks('user_inventories', [
    [LOCKED, `UPDATE user_inventories SET status = 'available' WHERE status = 'locked'`],
    [
      LOCKED,
      `UPDATE user_inventories SET status = 'locked' WHERE source = 'exchange' AND status = 'available'`,
    ],
    [
      'R-4: what changed hands',
      `UPDATE user_inventories SET owner_no = 0 WHERE inventory_id = ${one('item_id', `trade_records WHERE status = 'settled'`)}`,
    ],
  ]),
  ...breaks('points_holds', [
    [HELD, 'UPDATE points_holds SET trade_id = trade_id + 100 WHERE trade_id IS NOT NULL AND held > 0'],
  ]),
  ...breaks('points_transactions', [
    [ROWS, `UPDATE points_transactions SET user_id = 98 WHERE transaction_type = 'trade_in'`],
    [ROWS, `UPDATE points_transactions SET related_id = '4711' WHERE transaction_type = 'trade_out'`],
  ]),
];
