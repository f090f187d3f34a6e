/** Which business days an analysis is asked about. */
import { z } from 'zod';
import { businessDayOf, startOfBusinessDay, type Clock } from '../../platform/clock.ts';
import { AppError } from '../../platform/errors.ts';
import { dayAfter } from '../../points/statistics/periods.ts';
import type { Span } from '../funnel/definition.ts';

export const askedDaysQuery = {
  from: z.iso.date().optional().meta({ description: 'The first business day' }),
  to: z.iso.date().optional().meta({ description: 'The last one; today when it is left out' }),
};

export interface AskedDays {
  from?: string | undefined;
  to?: string | undefined;
}

export interface DayRange extends Span {
  from: string;
  to: string;
  timezone: string;
}

export interface CalendarServices {
  clock: Clock;
  businessTimezone: string;
}

/** @throws AppError VALIDATION_FAILED */
export function daysAsked(
  { clock, businessTimezone: timezone }: CalendarServices,
  asked: AskedDays,
  { usual, most }: { usual: number; most: number },
): DayRange {
  const to = asked.to ?? businessDayOf(clock.nowMs(), timezone);
  const from = asked.from ?? dayAfter(to, 1 - usual);
  if (from > to) throw refusal('from', 'must not be after `to`');
  if (dayAfter(from, most) <= to) throw refusal('from', `must be less than ${most} days before \`to\``);
  return {
    from,
    to,
    timezone,
    fromMs: startOfBusinessDay(from, timezone),
    toMs: startOfBusinessDay(dayAfter(to), timezone),
  };
}

function refusal(path: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', { details: [{ path, message }] });
}
