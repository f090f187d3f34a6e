/** What breaks what is counted of behaviours. */
import { breaks, one, type Break } from './breaking.ts';

const RULE = 'RS-5: minutes, hours and days have the behaviours';

export const BEHAVIOR_BREAKS: Break[] = [
  ...breaks('analytics_realtime_stats', [
    ...['minute', 'hour', 'day'].map((period): [string, string] => [
      RULE,
      `UPDATE analytics_realtime_stats SET entries = entries + 1 WHERE period = '${period}' AND name = 'home'`,
    ]),
    [RULE, 'UPDATE analytics_realtime_stats SET duration_ms = duration_ms - 1 WHERE duration_ms > 0'],
    [RULE, "DELETE FROM analytics_realtime_stats WHERE period = 'day' AND kind = 'page'"],
  ]),
  ...breaks('analytics_behaviors', [
    [
      RULE,
      `DELETE FROM analytics_behaviors WHERE behavior_id = ${one('behavior_id', 'analytics_behaviors')}`,
    ],
  ]),
];
