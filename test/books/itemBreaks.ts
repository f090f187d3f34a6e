/** What breaks the books of won items: status, times, stock that came back, codes and deliveries. */
import { breaks, type Break } from './breaking.ts';

const TIMES = 'L-9: the times of an item';
const NAMES = 'L-9: an item names';
const set = (columns: string, status: string) =>
  `UPDATE user_inventories SET ${columns} WHERE status = '${status}'`;
const NOW = `'2026-01-01 00:00:00.000'`;

export const ITEM_BREAKS: Break[] = [
  ...breaks('user_inventories', [
    [TIMES, set(`status = 'available'`, 'unclaimed')],
    [TIMES, set(`claimed_at = ${NOW}`, 'unclaimed')],
    [TIMES, set('claimed_at = NULL', 'claimed')],
    [TIMES, set(`expires_at = ${NOW}`, 'claimed')],
    [TIMES, set('redeemed_at = NULL', 'redeemed')],
    [TIMES, set('claimed_at = NULL', 'redeemed')],
    [TIMES, set('expires_at = NULL', 'expired')],
    [TIMES, set(`redeemed_at = ${NOW}`, 'void')],
    [NAMES, set('redeemed_by = NULL', 'redeemed')],
    [NAMES, set('redeemed_by = 1', 'claimed')],
    [NAMES, set('redeemed_restaurant_id = 7', 'claimed')],
    ['L-9: only what was given out is rated', set(`rating = 5, rated_at = ${NOW}`, 'claimed')],
    ['L-9: only what was given out is rated', set(`rating = 6, rated_at = ${NOW}`, 'redeemed')],
    ['L-9: only what was given out is rated', set('rating = 5', 'redeemed')],
    ['RL-9: stock comes back of expired', set('stock_returned = 1', 'claimed')],
    [
      'RL-9: what has come back',
      `UPDATE user_inventories SET stock_returned = 1, status = 'expired', claimed_at = NULL, expires_at = ${NOW}, prize_id = 4
       WHERE campaign_id = 2`,
    ],
    ['L-9: every code is of an item', set(`source = 'shop', draw_id = NULL`, 'claimed')],
  ]),
  ...breaks('inventory_codes', [
    ['L-9: every code is of an item', 'UPDATE inventory_codes SET inventory_id = inventory_id + 100000'],
  ]),
  ...breaks('inventory_deliveries', [
    ['L-9: every code is of an item', 'UPDATE inventory_deliveries SET user_id = 99'],
    [
      'L-9: what has arrived',
      `UPDATE inventory_deliveries SET status = 'delivered' WHERE status = 'requested'`,
    ],
    [
      'L-9: what has arrived',
      `UPDATE inventory_deliveries SET status = 'shipped' WHERE status = 'collected'`,
    ],
  ]),
];
