import { z } from 'zod';
import { endOfBusinessDayIn } from '../platform/clock.ts';
import { list, whole } from '../platform/settings/settingShapes.ts';
import { LIMITS } from '../platform/limits.ts';
import { inCode, settingsGroup, type ConfigOf } from '../platform/settings/settingsGroup.ts';
import type { ReversalPolicy } from './reversal.ts';

export const pointsSettings = settingsGroup({
  prefixes: ['POINTS'],
  settings: {
    /** Whether what a refund takes of points that are spent already is owed. Else it is refused. */
    POINTS_DEBT: z.enum(['on', 'off']).default('on'),
    /** How long what comes back to a lot that has ended meanwhile may be spent; 0: it ends at once. */
    POINTS_GRACE_DAYS: whole(0, 3650).default(7),
    /** How many days after the one on which they are earned points may still be spent, where nothing else is said of them; 0: for ever. */
    POINTS_LIFETIME_DAYS: whole(0, 3650).default(0),
    /** How many days before its end a user is told of it; 0: nobody is. */
    POINTS_REMINDER_DAYS: whole(0, 90).default(7),
    /** What a user may give to others on one business day. */
    POINTS_TRANSFERS_PER_DAY: whole(0, 1_000_000_000).default(50_000),
    /** A transfer of so much or more waits for a review. */
    POINTS_TRANSFER_REVIEW: whole(1, 1_000_000_000).default(10_000),
    /** What is covered in messages. */
    POINTS_BLOCKED_WORDS: list.pipe(z.array(z.string()).max(LIMITS.blockedWords)).default([]),
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
        : (nowMs) => endOfBusinessDayIn(nowMs, { days: pointsGraceDays, timezone: businessTimezone }),
  };
}

/** When points that are earned now end, if nothing else is said of them; null: never. A change of the setting leaves those before alone (RP-8). */
export function lifetimeEnd(
  { pointsLifetimeDays: days, businessTimezone: timezone }: Lifetime,
  nowMs: number,
) {
  return days === 0 ? null : endOfBusinessDayIn(nowMs, { days, timezone });
}

export type Lifetime = Pick<PointsConfig, 'pointsLifetimeDays'> & { businessTimezone: string };
