import type { Rule } from '../platform/database/forget.ts';
import type { BucketPeriod } from '../../entities/analytics/AnalyticsRealtimeStat.ts';

/** How long what was told of is kept, row by row. */
export const BEHAVIOR_DAYS = 180;
/** How long minutes and hours are kept; days stay. */
export const BUCKET_DAYS = { minute: 7, hour: 90 } as const satisfies Partial<Record<BucketPeriod, number>>;

/** A year of the days of people is asked of. */
const USER_DAYS = 400;

export const ANALYTICS_RETENTION: readonly Rule[] = [
  {
    table: 'analytics_behaviors',
    key: ['behavior_id'],
    column: 'occurred_at',
    days: BEHAVIOR_DAYS,
    walk: 'time',
  },
  {
    table: 'analytics_user_days',
    key: ['user_id', 'day'],
    column: 'created_at',
    days: USER_DAYS,
    walk: 'time',
  },
  ...Object.entries(BUCKET_DAYS).map(([period, days]): Rule => ({
    table: 'analytics_realtime_stats',
    key: ['period', 'starts_at', 'kind', 'name'],
    column: 'starts_at',
    days,
    condition: `period = '${period}'`,
    walk: 'time',
  })),
];
