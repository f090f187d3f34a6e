/** What breaks the books of products: stock, exchanges, and the items that they gave. */
import { breaks, one, type Break } from './breaking.ts';

const MISSING = 'R-3: of a product nothing is missing';
const TIMES = 'R-3: the times of an exchanged item';
const NOW = `'2026-01-01 00:00:00.000'`;
const item = (columns: string, status: string) =>
  `UPDATE user_inventories SET ${columns} WHERE source = 'exchange' AND status = '${status}'`;
const LAST = one('exchange_id', 'product_exchanges');

export const PRODUCT_BREAKS: Break[] = [
  ...breaks('products', [
    [MISSING, 'UPDATE products SET stock = stock + 1'],
    [MISSING, 'UPDATE products SET stock = -1, total_stock = sold - 1'],
    ['R-3: what is sold of a product', 'UPDATE products SET sold = sold + 1, stock = stock - 1'],
  ]),
  ...breaks('product_exchanges', [
    [
      'R-3: what is sold of a product',
      `UPDATE product_exchanges SET quantity = 2 WHERE exchange_id = ${LAST}`,
    ],
    ['R-3: an exchange has cost', `UPDATE product_exchanges SET user_id = 99 WHERE exchange_id = ${LAST}`],
    ['R-3: an exchange has cost', `UPDATE product_exchanges SET price = 12.49 WHERE exchange_id = ${LAST}`],
    [
      'R-3: every exchanged item has its exchange',
      `DELETE FROM product_exchanges WHERE exchange_id = ${LAST}`,
    ],
  ]),
  ...breaks('user_inventories', [
    ['R-3: an exchange has given', item('product_id = product_id + 100', 'redeemed')],
    ['R-3: an exchange has given', item('item_value = 1', 'redeemed')],
    [
      'R-3: an exchange has given',
      `DELETE FROM user_inventories WHERE source = 'exchange' AND status = 'redeemed'`,
    ],
    ['R-3: every exchanged item has its exchange', item('exchange_id = NULL', 'redeemed')],
    [
      'R-3: every exchanged item has its exchange',
      `UPDATE user_inventories SET exchange_id = 1 WHERE source = 'lottery' AND status = 'void'`,
    ],
    [TIMES, item(`redeemed_at = ${NOW}`, 'available')],
    [TIMES, item('redeemed_by = 1', 'available')],
    [TIMES, item('redeemed_by = NULL', 'redeemed')],
    [TIMES, item(`status = 'claimed'`, 'available')],
    [TIMES, item('expires_at = NULL', 'expired')],
    [
      'R-3: what was won has changed hands',
      `UPDATE user_inventories SET owner_no = 1 WHERE source = 'lottery' AND status = 'void'`,
    ],
  ]),
];
