/** The hours in which something is to be done: those of a restaurant, else of the business, without days off. */
import type { EntityManager } from 'typeorm';
import type { BusinessCalendar, WeekHours } from '../platform/businessTime.ts';
import { kindOf, readHolidays, type HolidayYear } from '../points/holidays/holidays.ts';
import { readOpeningHours } from './openingHours.ts';

export interface UsualHours {
  hours: readonly WeekHours[];
  businessTimezone: string;
}

export type CalendarOf = (restaurantId: number | null) => BusinessCalendar;

/** @param asked the restaurants, and moments between which the days off are known */
export async function readCalendars(
  manager: EntityManager,
  { hours: usualHours, businessTimezone }: UsualHours,
  asked: { restaurantIds: readonly number[]; timesMs: readonly number[] },
): Promise<CalendarOf> {
  const hours = await readOpeningHours(manager, asked.restaurantIds);
  const years = new Map<number, HolidayYear>();
  for (const year of yearsOf(asked.timesMs)) years.set(year, await readHolidays(manager, year));
  const dayKind: BusinessCalendar['kindOf'] = (day) => {
    const year = years.get(Number(day.slice(0, 4)));
    if (year === undefined || !year.days.some((one) => one.day === day)) return 'usual';
    return kindOf(day, year).kind === 'holiday' ? 'holiday' : 'workday';
  };
  const usual = { timezone: businessTimezone, hours: usualHours, kindOf: dayKind };
  const calendars = new Map(
    [...hours]
      .filter(([, { hours: own }]) => own.length > 0)
      .map(([id, of]) => [id, { timezone: of.timezone, hours: of.hours, kindOf: dayKind }]),
  );
  return (restaurantId) => calendars.get(restaurantId ?? 0) ?? usual;
}

const DAY_MS = 86_400_000;

/** In any time zone, with those in between: as far as time is counted. */
function yearsOf(timesMs: readonly number[]): number[] {
  if (timesMs.length === 0) return [];
  const yearAt = (timeMs: number) => new Date(timeMs).getUTCFullYear();
  const from = yearAt(Math.min(...timesMs) - 2 * DAY_MS);
  return Array.from({ length: yearAt(Math.max(...timesMs) + DAY_MS) - from + 1 }, (_, at) => from + at);
}
