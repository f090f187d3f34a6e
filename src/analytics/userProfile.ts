/** The profile of one person (B-2): figures, and what they mean where there are enough of them. Nothing is guessed. */
import { Between } from 'typeorm';
import { z } from 'zod';
import { AnalyticsUserDay } from '../../entities/analytics/AnalyticsUserDay.ts';
import { AnalyticsUserProfile } from '../../entities/analytics/AnalyticsUserProfile.ts';
import { AppError } from '../platform/errors.ts';
import { idShape, pointsShape, timeShape, toWirePoints, toWireTime } from '../platform/shapes.ts';
import { dayAfter } from '../points/statistics/periods.ts';
import { readDays as readPointsDays } from '../points/statistics/readSums.ts';
import { asOfNow, readFacts, STATUSES, type Facts, type FactServices } from './facts.ts';
import { VALUES } from './value.ts';
import { daysFrom, FEATURES, WINDOWS } from './windows.ts';

const count = z.int().min(0);
const percent = z.int().min(0).max(100);
const time = timeShape.nullable();

/** Words for what the figures beside them say; a page has them in its language. */
export const MEANINGS = ['usual_hour', 'usual_weekday', 'visit_cycle', 'feature', 'free_draws'] as const;

export const userProfileShape = z.object({
  user_id: idShape,
  business_timezone: z.string(),
  from: z.iso.date().meta({ description: 'The first business day of what is told of days' }),
  to: z.iso.date().meta({ description: 'The last one, which is not over' }),
  is_last_complete: z.literal(false),
  registered_at: timeShape,
  status: z.enum(STATUSES).meta({
    description:
      'lost: nothing done for more than 90 days; silent: for more than 30; new: registered in the last 30 days; active: all others',
  }),
  activity: z.object({
    first_at: time,
    last_at: time,
    last_login_at: time,
    days_since: count.meta({ description: 'Since they did something, or since they have registered' }),
    days_30: count,
    days_90: count,
    hours: z.array(count).length(24).meta({ description: 'On how many days in each hour of the day' }),
    weekdays: z.array(count).length(7).meta({ description: 'On how many days of each weekday, from Monday' }),
  }),
  counts: z.object({
    logins: count,
    draws: count,
    free_draws: count,
    exchanges: count,
    trades: count,
    check_ins: count,
    bills: count,
    prizes_received: count,
  }),
  spending: z.object({
    total: z.number().meta({ description: 'In yuan, without what was given back' }),
    total_90: z.number(),
    bills_90: count,
    mean_bill: z.number().nullable(),
    last_bill: z.number().nullable(),
    last_bill_at: time,
  }),
  points: z.object({ earned: pointsShape, income_90: pointsShape, expense_90: pointsShape }),
  visits: z.object({
    days: count.meta({ description: 'With a bill' }),
    last_day: z.iso.date().nullable(),
    cycle_days: z.number().nullable().meta({ description: 'The mean between two; null under three days' }),
    spread_days: z.number().nullable().meta({ description: 'The standard deviation of it' }),
  }),
  preferences: z.object({
    feature: z.enum(FEATURES).nullable().meta({ description: 'Used on the most of 90 days' }),
    restaurant_id: idShape.nullable().meta({ description: 'Of the most bills' }),
    free_draws_percent: percent.nullable().meta({
      description:
        'How many of 100 draws cost nothing: how much they look at the price; null under ten draws',
    }),
  }),
  value: z.object({
    level: z.enum(VALUES),
    scores: z
      .object({ recency: count, frequency: count, money: count })
      .nullable()
      .meta({ description: 'The fifth of all visitors of 365 days; 5 is the best' }),
  }),
  meanings: z.array(
    z.object({
      key: z.enum(MEANINGS),
      figures: z.record(z.string(), z.union([z.number(), z.string()])),
    }),
  ),
});
export type UserProfile = z.output<typeof userProfileShape>;

/** @throws AppError NOT_FOUND */
export async function readUserProfile(services: FactServices, userId: number): Promise<UserProfile> {
  const asOf = await asOfNow(services);
  const { database, businessTimezone } = services;
  const [facts] = await readFacts(services, [userId], asOf);
  if (facts === undefined) throw new AppError('NOT_FOUND');
  const { today } = asOf;
  const from = dayAfter(today, 1 - WINDOWS.year);
  const [profile, days, points] = await Promise.all([
    database.currentReader.findOneBy(AnalyticsUserProfile, { user_id: userId }),
    database.currentReader.find(AnalyticsUserDay, {
      where: { user_id: userId, day: Between(from, today) },
      order: { day: 'ASC' },
    }),
    readPointsDays(database, userId, { from: dayAfter(today, 1 - WINDOWS.quarter), to: today }),
  ]);
  const { windows } = facts;
  const habits = habitsOf(days);
  const spread = spreadOf(days.filter(({ bills }) => bills > 0).map(({ day }) => day));
  return {
    user_id: userId,
    business_timezone: businessTimezone,
    ...{ from, to: today, is_last_complete: false },
    registered_at: toWireTime(facts.registeredAtMs),
    status: facts.status,
    activity: {
      first_at: wireTime(profile?.first_active_at),
      last_at: wireTime(profile?.last_active_at),
      last_login_at: wireTime(profile?.last_login_at),
      days_since: facts.daysSinceActive,
      days_30: windows.activeDays30,
      days_90: windows.activeDays90,
      ...habits,
    },
    counts: {
      logins: profile?.logins ?? 0,
      draws: profile?.draws ?? 0,
      free_draws: profile?.free_draws ?? 0,
      exchanges: profile?.exchanges ?? 0,
      trades: profile?.trades ?? 0,
      check_ins: profile?.check_ins ?? 0,
      bills: profile?.bills ?? 0,
      prizes_received: profile?.prizes_received ?? 0,
    },
    spending: spendingOf(facts, profile),
    points: {
      earned: toWirePoints(facts.earnedHundredths),
      income_90: toWirePoints(points.reduce((sum, day) => sum + day.incomeHundredths, 0)),
      expense_90: toWirePoints(points.reduce((sum, day) => sum + day.expenseHundredths, 0)),
    },
    visits: {
      days: windows.visitDays,
      last_day: windows.lastVisit,
      cycle_days: rounded(facts.visitCycleDays),
      spread_days: rounded(spread),
    },
    preferences: {
      feature: windows.feature,
      restaurant_id: facts.restaurantId,
      free_draws_percent: facts.freeDrawsPercent,
    },
    value: { level: facts.value, scores: facts.scores },
    meanings: meaningsOf(facts, habits, spread),
  };
}

interface Habits {
  hours: number[];
  weekdays: number[];
}

function habitsOf(days: readonly AnalyticsUserDay[]): Habits {
  const hours = Array<number>(24).fill(0);
  const weekdays = Array<number>(7).fill(0);
  for (const day of days) {
    for (let hour = 0; hour < 24; hour++) hours[hour]! += (day.hours >> hour) & 1;
    if (day.hours !== 0) weekdays[(new Date(`${day.day}T00:00:00Z`).getUTCDay() + 6) % 7]! += 1;
  }
  return { hours, weekdays };
}

function spendingOf({ windows }: Facts, profile: AnalyticsUserProfile | null): UserProfile['spending'] {
  const { bills = 0, spent = 0, last_bill: lastBill = null } = profile ?? {};
  return {
    total: spent / 100,
    total_90: windows.spent90Fen / 100,
    bills_90: windows.bills90,
    mean_bill: bills === 0 ? null : Math.round(spent / bills) / 100,
    last_bill: lastBill === null ? null : lastBill / 100,
    last_bill_at: wireTime(profile?.last_bill_at),
  };
}

/** Of the days between visits; null under three of these. */
function spreadOf(visits: readonly string[]): number | null {
  if (visits.length < 3) return null;
  const gaps = visits.slice(1).map((day, at) => daysFrom(visits[at]!, day));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  return Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
}

/** Of fewer days nothing is said of a habit. */
const TELLING_DAYS = 5;

function meaningsOf(facts: Facts, { hours, weekdays }: Habits, spread: number | null) {
  const { windows, visitCycleDays, freeDrawsPercent, sums } = facts;
  const days = weekdays.reduce((sum, of) => sum + of, 0);
  const meanings: UserProfile['meanings'] = [];
  if (days >= TELLING_DAYS) {
    const hour = hours.indexOf(Math.max(...hours));
    meanings.push({ key: 'usual_hour', figures: { hour, on: hours[hour]!, days } });
    const weekday = weekdays.indexOf(Math.max(...weekdays));
    meanings.push({
      key: 'usual_weekday',
      figures: { weekday: weekday + 1, on: weekdays[weekday]!, days },
    });
  }
  if (visitCycleDays !== null && spread !== null) {
    const figures = { every: rounded(visitCycleDays)!, spread: rounded(spread)!, visits: windows.visitDays };
    meanings.push({ key: 'visit_cycle', figures });
  }
  if (windows.feature !== null)
    meanings.push({
      key: 'feature',
      figures: { feature: windows.feature, days_90: windows.activeDays90 },
    });
  if (freeDrawsPercent !== null)
    meanings.push({ key: 'free_draws', figures: { percent: freeDrawsPercent, draws: sums!.draws } });
  return meanings;
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}

function wireTime(at: Date | null | undefined): string | null {
  return at?.toISOString() ?? null;
}
