/** What breaks the books of a campaign's statistics. */
import { breaks, type Break } from './breaking.ts';

const change = (table: string, column: string, where: string) =>
  `UPDATE ${table} SET ${column} = ${column} + 1 WHERE campaign_id = 1 AND ${where}`;
const ALL = "period = 'all'";

export const STATISTICS_BREAKS: Break[] = [
  ...breaks('lottery_statistics_cursors', [
    ['L-10: no more draws are counted', change('lottery_statistics_cursors', 'draw_no', '1 = 1')],
    [
      'L-10: each kind of period',
      'UPDATE lottery_statistics_cursors SET draw_no = draw_no - 1 WHERE campaign_id = 2',
    ],
    ['L-10: visitors and winners', change('lottery_statistics_cursors', 'visitors', '1 = 1')],
    ['L-10: visitors and winners', change('lottery_statistics_cursors', 'winners', '1 = 1')],
  ]),
  ...breaks('lottery_periods', [
    ...['draws', 'wins', 'guarantee_wins', 'free_draws', 'points_spent'].map((column): [string, string] => [
      'L-10: each kind of period',
      change('lottery_periods', column, ALL),
    ]),
    ['L-10: each kind of period', "DELETE FROM lottery_periods WHERE campaign_id = 1 AND period = 'hour'"],
    ['L-10: what was given', change('lottery_periods', 'value_given', "period = 'day'")],
    ['L-10: participants of a period', change('lottery_periods', 'participants', "period = 'week'")],
    ['L-10: who is counted', change('lottery_periods', 'participants', ALL)],
    ['L-10: who is counted', change('lottery_periods', 'newcomers', "period = 'hour'")],
    ['L-10: who came back', change('lottery_periods', 'returned_1', "period = 'day'")],
    ['L-10: who came back', change('lottery_periods', 'returned_7', "period = 'day'")],
  ]),
  ...breaks('lottery_period_prizes', [
    ['L-10: each prize was won', change('lottery_period_prizes', 'wins', "period = 'month'")],
    ['L-10: each prize was won', change('lottery_period_prizes', 'value_given', "period = 'month'")],
    ['L-10: each prize was won', 'DELETE FROM lottery_period_prizes WHERE prize_id = 1'],
  ]),
  ...breaks('lottery_days_drawn', [
    [
      'L-10: participants of a period',
      "DELETE FROM lottery_days_drawn WHERE campaign_id = 1 AND user_id = 1 AND period = 'day'",
    ],
    [
      'L-10: participants of a period',
      'UPDATE lottery_days_drawn SET user_id = 99, campaign_id = 2 WHERE campaign_id = 1 AND user_id = 1',
    ],
  ]),
  ...breaks('lottery_campaign_visitors', [
    ['L-10: visitors and winners', 'DELETE FROM lottery_campaign_visitors WHERE user_id = 1'],
    [
      'L-10: visitors and winners',
      'UPDATE lottery_campaign_visitors SET has_won = 1 - has_won WHERE user_id = 1',
    ],
    ['L-10: who is counted', 'UPDATE lottery_campaign_visitors SET first_day = NULL WHERE user_id = 1'],
  ]),
];
