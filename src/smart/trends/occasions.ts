/** Festivals of the years that buckets lie in, as forecasts take them. */
import type { EntityManager } from 'typeorm';
import type { Calendar } from '../../lottery/statistics/calendar.ts';
import { readHolidays, yearOf } from '../../points/holidays/holidays.ts';
import { occasionOf, occasionsOf, type Occasions } from '../forecast/occasions.ts';
import type { Span } from './buckets.ts';
import type { TrendPeriod } from './measures.ts';

/** Of all days from the year of the first bucket to the one after that of the last: New Year's Day reaches back. */
export async function readOccasions(
  manager: EntityManager,
  { from, to }: { from: string; to: string },
): Promise<Occasions> {
  const days = [];
  for (let year = yearOf(from); year <= yearOf(to) + 1; year++)
    days.push(...(await readHolidays(manager, year)).days);
  return occasionsOf(days);
}

/** Of an hour: which of its day it is, since a festival has other hours. */
export function occasionOfSpan(
  { startMs, starts }: Span,
  period: TrendPeriod,
  { occasions, calendar }: { occasions: Occasions; calendar: Calendar },
): string | null {
  if (period === 'day') return occasions.get(starts) ?? null;
  if (period === 'week' || period === 'month') return occasionOf(period, starts, occasions);
  const { day, hour } = calendar.startsAt(startMs);
  const occasion = occasions.get(day);
  return occasion === undefined ? null : `${occasion} ${hour.slice(11, 13)}`;
}
