/** What breaks the books of days. */
import { breaks, one, type Break } from './breaking.ts';

const more = (table: string, column: string, where: string) =>
  `UPDATE ${table} SET ${column} = ${column} + 1 WHERE ${where}`;

export const REPORT_BREAKS: Break[] = [
  ...breaks('points_days', [
    ...['entries', 'income', 'expense'].map((column): [string, string] => [
      'R-8: the days have all counted rows',
      more('points_days', column, "transaction_type = 'lottery_draw'"),
    ]),
    ['R-8: the days have all counted rows', "DELETE FROM points_days WHERE transaction_type = 'earn'"],
  ]),
  ...breaks('points_day_cursors', [
    ['R-8: the days have all counted rows', more('points_day_cursors', 'transaction_id', '1 = 1')],
    ['R-8: no rows of the ledger', 'UPDATE points_day_cursors SET transaction_id = 999999'],
    [
      'R-8: no rows of the ledger',
      'INSERT INTO points_day_cursors (cursor_id, transaction_id) VALUES (2, 0)',
    ],
  ]),
  ...breaks('report_days', [
    ['R-8: a day has as many people', more('report_days', 'diners', `day = ${one('day', 'report_days')}`)],
    ['R-8: a day has as many people', `DELETE FROM report_days WHERE day = ${one('day', 'report_days')}`],
  ]),
  ...breaks('report_diners', [
    [
      'R-8: a day has as many people',
      `DELETE FROM report_diners WHERE user_id = ${one('user_id', 'report_diners')} AND day = ${one('day', 'report_diners')}`,
    ],
  ]),
  ...breaks('report_counts', [
    [
      'R-8: what is counted of single',
      more('report_counts', 'entries', 'restaurant_id = 2 AND amount > 100').replace('+ 1', '+ 9'),
    ],
    ['R-8: what is counted of single', 'DELETE FROM report_counts WHERE restaurant_id = 0'],
    [
      'R-8: what is counted of single',
      'UPDATE report_counts SET amount = amount + 500 WHERE restaurant_id = 1',
    ],
  ]),
];
