/** The books of a campaign's statistics: what is counted against the draws up to the number that the cursor says. */
import type { Check } from './check.ts';
import { hundredths, OF_DRAW, publishedPrizes } from './sql.ts';

const KINDS = `(SELECT 'hour' AS period UNION ALL SELECT 'day' UNION ALL SELECT 'week' UNION ALL SELECT 'month'
  UNION ALL SELECT 'all')`;
const COUNTED =
  'lottery_draws d JOIN lottery_statistics_cursors s ON s.campaign_id = d.campaign_id AND d.draw_no <= s.draw_no';

const totals = (columns: string) =>
  `(SELECT campaign_id, period, ${columns} FROM lottery_periods GROUP BY campaign_id, period)`;

export const STATISTICS_CHECKS: Check[] = [
  {
    rule: 'L-10',
    holds: 'no more draws are counted than there are',
    sql: () =>
      `SELECT s.campaign_id, s.draw_no AS counted, c.draw_no FROM lottery_statistics_cursors s
       LEFT JOIN lottery_campaigns c ON c.campaign_id = s.campaign_id WHERE s.draw_no > COALESCE(c.draw_no, 0)`,
  },
  {
    rule: 'L-10',
    holds: 'each kind of period has all counted draws, wins and points spent',
    sql: () =>
      `SELECT s.campaign_id, k.period, d.draws, p.draws AS counted, d.wins, p.wins AS counted_wins, d.spent, p.spent AS counted_spent
       FROM lottery_statistics_cursors s JOIN ${KINDS} k ON s.draw_no > 0
       LEFT JOIN (
         SELECT d.campaign_id, COUNT(*) AS draws, COUNT(d.prize_id) AS wins, SUM(d.is_guarantee) AS guarantee_wins,
           SUM(CASE WHEN d.points_cost = 0 THEN 1 ELSE 0 END) AS free_draws, SUM(${hundredths('d.points_cost')}) AS spent
         FROM ${COUNTED} GROUP BY d.campaign_id
       ) d ON d.campaign_id = s.campaign_id
       LEFT JOIN ${totals(`SUM(draws) AS draws, SUM(wins) AS wins, SUM(guarantee_wins) AS guarantee_wins,
         SUM(free_draws) AS free_draws, SUM(${hundredths('points_spent')}) AS spent`)} p
         ON p.campaign_id = s.campaign_id AND p.period = k.period
       WHERE COALESCE(d.draws, 0) <> COALESCE(p.draws, 0) OR COALESCE(d.wins, 0) <> COALESCE(p.wins, 0)
         OR COALESCE(d.guarantee_wins, 0) <> COALESCE(p.guarantee_wins, 0)
         OR COALESCE(d.free_draws, 0) <> COALESCE(p.free_draws, 0) OR COALESCE(d.spent, 0) <> COALESCE(p.spent, 0)`,
  },
  {
    rule: 'L-10',
    holds: 'each prize was won as often, and for as much, in each kind of period',
    sql: (dialect) =>
      `SELECT campaign_id, prize_id, period, SUM(wins) AS more_wins, SUM(given) AS more_given FROM (
         SELECT d.campaign_id, d.prize_id, k.period, d.wins, d.given FROM (
           SELECT d.campaign_id, d.prize_id, COUNT(*) AS wins, SUM(${hundredths('p.prize_value')}) AS given
           FROM ${COUNTED} JOIN ${publishedPrizes(dialect)} p ON ${OF_DRAW} GROUP BY d.campaign_id, d.prize_id
         ) d, ${KINDS} k
         UNION ALL
         SELECT campaign_id, prize_id, period, -wins, -${hundredths('value_given')} FROM lottery_period_prizes
       ) t GROUP BY campaign_id, prize_id, period HAVING SUM(wins) <> 0 OR SUM(given) <> 0`,
  },
  {
    rule: 'L-10',
    holds: 'what was given in a period is what its prizes were worth',
    sql: () =>
      `SELECT p.campaign_id, p.period, p.starts, p.wins, v.wins AS of_prizes, p.value_given, v.given / 100 AS given
       FROM lottery_periods p LEFT JOIN (
         SELECT campaign_id, period, starts, SUM(wins) AS wins, SUM(${hundredths('value_given')}) AS given
         FROM lottery_period_prizes GROUP BY campaign_id, period, starts
       ) v ON v.campaign_id = p.campaign_id AND v.period = p.period AND v.starts = p.starts
       WHERE p.wins <> COALESCE(v.wins, 0) OR ${hundredths('p.value_given')} <> COALESCE(v.given, 0)`,
  },
  {
    rule: 'L-10',
    holds: 'participants of a period are the people who drew in it',
    sql: () =>
      `SELECT p.campaign_id, p.period, p.starts, p.participants, COALESCE(d.people, 0) AS people FROM lottery_periods p
       LEFT JOIN (SELECT campaign_id, period, starts, COUNT(*) AS people FROM lottery_days_drawn
                  GROUP BY campaign_id, period, starts) d
         ON d.campaign_id = p.campaign_id AND d.period = p.period AND d.starts = p.starts
       WHERE p.period IN ('day', 'week', 'month') AND p.participants <> COALESCE(d.people, 0)`,
  },
  {
    rule: 'L-10',
    holds:
      'who is counted to have drawn is who drew first up to there, each new in one hour, day, week and month',
    sql: () =>
      `SELECT s.campaign_id, k.period, u.people, v.people AS counted, p.newcomers
       FROM lottery_statistics_cursors s JOIN ${KINDS} k ON s.draw_no > 0
       LEFT JOIN (SELECT c.campaign_id, COUNT(*) AS people FROM lottery_user_counters c
                  JOIN lottery_statistics_cursors s ON s.campaign_id = c.campaign_id AND c.first_draw_no <= s.draw_no
                  GROUP BY c.campaign_id) u ON u.campaign_id = s.campaign_id
       LEFT JOIN (SELECT campaign_id, COUNT(first_day) AS people FROM lottery_campaign_visitors GROUP BY campaign_id) v
         ON v.campaign_id = s.campaign_id
       LEFT JOIN ${totals('SUM(newcomers) AS newcomers, SUM(participants) AS participants')} p
         ON p.campaign_id = s.campaign_id AND p.period = k.period
       WHERE COALESCE(u.people, 0) <> COALESCE(v.people, 0) OR COALESCE(u.people, 0) <> COALESCE(p.newcomers, 0)
         OR (k.period = 'all' AND p.newcomers <> p.participants)`,
  },
  {
    rule: 'L-10',
    holds: 'visitors and winners are as many as they are counted',
    sql: () =>
      `SELECT s.campaign_id, s.visitors, s.winners, v.people, v.winners AS won FROM lottery_statistics_cursors s
       LEFT JOIN (SELECT campaign_id, COUNT(*) AS people, SUM(has_won) AS winners FROM lottery_campaign_visitors
                  GROUP BY campaign_id) v ON v.campaign_id = s.campaign_id
       WHERE s.visitors <> COALESCE(v.people, 0) OR s.winners <> COALESCE(v.winners, 0)`,
  },
  {
    rule: 'L-10',
    holds: 'who came back on a day after their first one is who drew on both',
    sql: (dialect) => {
      const later = (days: number) =>
        dialect === 'mysql'
          ? `CAST(DATE_ADD(v.first_day, INTERVAL ${days} DAY) AS CHAR)`
          : `date(v.first_day, '+${days} days')`;
      const came = (days: number) =>
        `LEFT JOIN lottery_days_drawn d${days} ON d${days}.campaign_id = v.campaign_id AND d${days}.period = 'day'
           AND d${days}.starts = ${later(days)} AND d${days}.user_id = v.user_id`;
      return `SELECT p.campaign_id, p.starts, p.returned_1, p.returned_7, r.returned_1 AS came_1, r.returned_7 AS came_7
       FROM lottery_periods p LEFT JOIN (
         SELECT v.campaign_id, v.first_day, COUNT(d1.user_id) AS returned_1, COUNT(d7.user_id) AS returned_7
         FROM lottery_campaign_visitors v ${came(1)} ${came(7)}
         WHERE v.first_day IS NOT NULL GROUP BY v.campaign_id, v.first_day
       ) r ON r.campaign_id = p.campaign_id AND r.first_day = p.starts AND p.period = 'day'
       WHERE p.returned_1 <> COALESCE(r.returned_1, 0) OR p.returned_7 <> COALESCE(r.returned_7, 0)`;
    },
  },
];
