import { z } from 'zod';
import { endOfBusinessDay } from '../platform/clock.ts';
import { whole } from '../platform/settings/settingShapes.ts';
import { inCode, settingsGroup, type ConfigOf } from '../platform/settings/settingsGroup.ts';
import type { ReversalPolicy } from './reversal.ts';

const DAY_MS = 24 * 3_600_000;

export const pointsSettings = settingsGroup({
  prefixes: ['POINTS'],
  settings: {
    /** Whether what a refund takes of points that are spent already is owed. Else it is refused. */
    POINTS_DEBT: z.enum(['on', 'off']).default('on'),
    /** How long what comes back to a lot that has ended meanwhile may be spent; 0: it ends at once. */
    POINTS_GRACE_DAYS: whole(0, 3650).default(7),
    /** What a user may give to others on one business day. */
    POINTS_TRANSFERS_PER_DAY: whole(0, 1_000_000_000).default(50_000),
  },
  read: (values) => inCode(values),
});

export type PointsConfig = ConfigOf<typeof pointsSettings>;

export function reversalPolicyOf({
  pointsDebt,
  pointsGraceDays,
  businessTimezone,
}: PointsConfig & { businessTimezone: string }): ReversalPolicy {
  return {
    allowsDebt: pointsDebt === 'on',
    graceEndMs:
      pointsGraceDays === 0
        ? undefined
        : (nowMs) => endOfBusinessDay(nowMs + pointsGraceDays * DAY_MS, businessTimezone),
  };
}
