/** China's holidays as chinese-days has them from the announcements of the State Council. It says nothing of a year that it has not. */
import chineseDays from 'chinese-days/dist/chinese-days.json' with { type: 'json' };
import type { HolidayDay } from '../../../entities/points/HolidayDay.ts';

/** A day that is not what its weekday says. */
export type ListedDay = Pick<HolidayDay, 'day' | 'kind' | 'name'>;

/** Its functions take a year without data for one of plain weeks, and days in the time zone of the machine: its data do neither. */
const DAYS: ReadonlyMap<string, readonly ListedDay[]> = byYear();

/** Undefined: it has nothing of that year. */
export function libraryDaysOf(year: number): readonly ListedDay[] | undefined {
  return DAYS.get(String(year));
}

function byYear(): Map<string, ListedDay[]> {
  const days = [...listed('holiday', chineseDays.holidays), ...listed('workday', chineseDays.workdays)];
  const years = Map.groupBy(days, ({ day }) => day.slice(0, 4));
  for (const [year, ofYear] of years) {
    // New Year's Day reaches back into the year before: only with the last holiday of a year is it known.
    if (!ofYear.some(({ day, kind }) => day === `${year}-10-01` && kind === 'holiday')) years.delete(year);
    ofYear.sort((a, b) => (a.day < b.day ? -1 : 1));
  }
  return years;
}

/** A text of it has the English name, the Chinese one and a number. */
function listed(kind: ListedDay['kind'], days: Readonly<Record<string, string>>): ListedDay[] {
  return Object.entries(days).map(([day, text]) => ({ day, kind, name: text.split(',')[1] ?? text }));
}
