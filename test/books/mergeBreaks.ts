/** What breaks the books of merges: rows, what is left of an account that has ended, and which one has what it had. */
import { breaks, one, type Break } from './breaking.ts';

const ROWS = 'R-2: of a merge that is done each account has one row';
const NAMES = 'R-2: a merged account is closed';
const OWNS = 'R-2: a merged account owns nothing';
const HOLDS = 'R-2: a merged account holds nothing';
const DONE = 'R-2: a merge is done when both';
const MERGED = one('user_id', 'user_points_accounts WHERE merged_into IS NOT NULL');
const LIVE = one('inventory_id', `user_inventories WHERE source = 'exchange'`);
const merge = (columns: string, status = 'done') =>
  `UPDATE account_merges SET ${columns} WHERE status = '${status}'`;

export const MERGE_BREAKS: Break[] = [
  ...breaks('account_merges', [
    [ROWS, merge('points = points + 1')],
    [ROWS, merge('into_user_id = 98')],
    [ROWS, merge(`status = 'declined', points = NULL, items = NULL`)],
    [NAMES, 'DELETE FROM account_merges'],
    [DONE, merge('points = NULL')],
    [DONE, merge('items = NULL')],
    [DONE, merge('into_confirmed_at = NULL')],
    [DONE, merge('from_confirmed_at = NULL')],
    [DONE, merge('ended_at = NULL')],
    [DONE, merge('into_user_id = from_user_id', 'pending')],
  ]),
  ...breaks('points_transactions', [
    [ROWS, `UPDATE points_transactions SET user_id = 98 WHERE transaction_type = 'merge_in'`],
    [ROWS, `UPDATE points_transactions SET amount = amount - 1 WHERE transaction_type = 'merge_out'`],
    [ROWS, `UPDATE points_transactions SET related_id = '4711' WHERE transaction_type = 'merge_out'`],
  ]),
  ...breaks('user_points_accounts', [
    [HOLDS, 'UPDATE user_points_accounts SET total_points = 1 WHERE merged_into IS NOT NULL'],
    [HOLDS, 'UPDATE user_points_accounts SET debt_points = 1 WHERE merged_into IS NOT NULL'],
    [HOLDS, 'UPDATE user_points_accounts SET experience_points = 1 WHERE merged_into IS NOT NULL'],
    [NAMES, 'UPDATE user_points_accounts SET merged_into = NULL'],
    [NAMES, 'UPDATE user_points_accounts SET merged_into = user_id WHERE merged_into IS NOT NULL'],
    [NAMES, 'UPDATE user_points_accounts SET has_merged = 0'],
    ['R-2: an account that is said', 'UPDATE user_points_accounts SET has_merged = 1'],
  ]),
  ...breaks('users', [[NAMES, `UPDATE users SET status = 'active' WHERE status = 'closed'`]]),
  ...breaks('user_inventories', [
    [OWNS, `UPDATE user_inventories SET user_id = ${MERGED} WHERE inventory_id = ${LIVE}`],
  ]),
];
