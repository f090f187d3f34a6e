/** Opening hours in the reader's language. */
import { dayAfter, formatDay } from '../../shared/dates.ts';
import { daysText, type Hours } from './hours.ts';

/** As people read them: the days by their names. */
export function hoursShown(hours: Hours, everyDay: string): string {
  const named = ({ days }: Hours[number]) =>
    days.length === 7 ? everyDay : daysText(days).replaceAll(/\d/g, weekdayOf).replaceAll(/[-]/g, '–');
  return hours.map((part) => `${named(part)} ${part.from}–${part.to}`).join('\n');
}

/** Of Monday, '1', to Sunday, '7'. */
function weekdayOf(day: string): string {
  return formatDay(dayAfter('2024-01-01', Number(day) - 1), 'shortWeekday');
}
