import { z } from 'zod';
import { list, whole } from '../platform/settings/settingShapes.ts';
import { LIMITS } from '../platform/limits.ts';
import type { Configuration } from '../configuration/document.ts';
import { endOfBusinessDayIn, startOfBusinessDay } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { inCode, settingsGroup, type ConfigOf } from '../platform/settings/settingsGroup.ts';
import type { BillPolicy } from './bills/bills.ts';
import type { CheckInPolicy } from './checkIn/checkIn.ts';
import type { GrantPolicy } from './earning.ts';
import { experienceFormulaShape, levelsOf, type Levels, thresholdsShape } from './levels.ts';
import type { ReversalPolicy } from './reversal.ts';
import type { TaskPolicy } from './tasks/tasks.ts';
import type { TransferPolicy } from './transfers/transfer.ts';

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
    /** What is covered wherever people write, besides the list that the administration edits. */
    POINTS_BLOCKED_WORDS: list.pipe(z.array(z.string()).max(LIMITS.blockedWords)).default([]),
    /** The experience from which each level holds, of level 1 on. */
    POINTS_LEVELS: thresholdsShape.default([0, 20_000, 50_000, 100_000, 200_000]),
    /** What experience a gain brings: a formula of `amount` (1/100 points), `kind` of the row and `level`. */
    POINTS_EXPERIENCE: experienceFormulaShape.default('amount / 100'),
    /** Up to which a streak of check-ins multiplies. */
    POINTS_CHECK_IN_CAP: whole(1, 366).default(7),
    /** How long the points of a bill are pending, since it may be returned; 0: they are there at once. */
    POINTS_RETURN_DAYS: whole(0, 365).default(0),
  },
  read: (values) => inCode(values),
});

export type PointsConfig = ConfigOf<typeof pointsSettings>;

/** What takes long to work out of a configuration is worked out when it is first asked for. */
function oncePerConfig<Config extends object, Result extends object>(
  workOut: (config: Config) => Result,
): (config: Config) => Result {
  const known = new WeakMap<Config, Result>();
  return (config) => {
    const result = known.get(config) ?? workOut(config);
    known.set(config, result);
    return result;
  };
}

/** The levels of an installation. */
export const levelsIn = oncePerConfig(
  (config: Pick<PointsConfig, 'pointsLevels' | 'pointsExperience'>): Levels =>
    levelsOf(config.pointsLevels, config.pointsExperience),
);

export function transferPolicyOf({ transfers }: Pick<Configuration, 'transfers'>): TransferPolicy {
  return {
    perDayHundredths: transfers.per_day * 100,
    reviewHundredths: transfers.review_from * 100,
  };
}

export function reversalPolicyOf(config: PointsSettings): ReversalPolicy {
  const { pointsDebt, pointsGraceDays, businessTimezone } = config;
  return {
    levels: levelsIn(config),
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

export type PointsSettings = PointsConfig & { businessTimezone: string };

/** Of whatever rules give. */
export function grantPolicyOf(config: PointsSettings): GrantPolicy {
  return { levels: levelsIn(config), endMs: (nowMs) => lifetimeEnd(config, nowMs) };
}

export function billPolicyOf(config: PointsSettings): BillPolicy {
  const { pointsReturnDays: days, businessTimezone: timezone } = config;
  const activationMs = (nowMs: number) => (days === 0 ? null : endOfBusinessDayIn(nowMs, { days, timezone }));
  return { ...grantPolicyOf(config), activationMs };
}

export function checkInPolicyOf({
  config,
  logger,
}: {
  config: PointsSettings;
  logger: Logger;
}): CheckInPolicy {
  return { ...grantPolicyOf(config), cap: config.pointsCheckInCap, logger };
}

export function taskPolicyOf(config: PointsSettings): TaskPolicy {
  const startMsOf = (day: string) => startOfBusinessDay(day, config.businessTimezone);
  return { ...grantPolicyOf(config), startMsOf };
}
