/** Which periods somebody asks for, by business days. */
import type { StatisticsPeriod } from '../../../entities/lottery/LotteryPeriod.ts';
import { businessDayOf, startOfBusinessDay } from '../../platform/clock.ts';
import { AppError } from '../../platform/errors.ts';
import { dayAfter, startOf } from '../../points/statistics/periods.ts';
import type { Calendar } from './calendar.ts';

export interface AskedDays {
  period: StatisticsPeriod;
  from?: string | undefined;
  to?: string | undefined;
}

/** Of each kind of period: so many days without a word, and at the most. */
const DAYS = {
  hour: { usual: 2, most: 31 },
  day: { usual: 30, most: 366 },
  week: { usual: 84, most: 3660 },
  month: { usual: 366, most: 3660 },
  all: { usual: 1, most: 3660 },
} as const satisfies Record<StatisticsPeriod, { usual: number; most: number }>;

/** `starts` of the first period and of the last one. @throws AppError VALIDATION_FAILED */
export function rangeOf(
  { period, ...asked }: AskedDays,
  calendar: Calendar,
  nowMs: number,
): { from: string; to: string } {
  const { usual, most } = DAYS[period];
  const to = asked.to ?? businessDayOf(nowMs, calendar.timezone);
  const from = asked.from ?? dayAfter(to, 1 - usual);
  if (from > to) throw refusal('from', 'must not be after `to`');
  if (dayAfter(from, most) <= to) throw refusal('from', `must be less than ${most} days before \`to\``);
  if (period === 'all') return { from: '', to: '' };
  if (period !== 'hour') return { from: startOf(period, from), to: startOf(period, to) };
  const lastMs = startOfBusinessDay(dayAfter(to), calendar.timezone) - 1;
  return {
    from: calendar.startsAt(startOfBusinessDay(from, calendar.timezone)).hour,
    to: calendar.startsAt(lastMs).hour,
  };
}

function refusal(path: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', { details: [{ path, message }] });
}
