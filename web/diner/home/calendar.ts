import { dayAfter } from '../../shared/dates.ts';
import type { CheckIn } from './wire.ts';

/** The seven days, from Monday on, of the week in which a day is. */
export function weekOf(day: string): string[] {
  const monday = dayAfter(day, -sinceMonday(day));
  return Array.from({ length: 7 }, (_, at) => dayAfter(monday, at));
}

/** @param month YYYY-MM @returns its days, behind as many empty places as its first week lacks days */
export function placesOf(month: string): (string | undefined)[] {
  const first = `${month}-01`;
  const days = [];
  for (let day = first; day.startsWith(month); day = dayAfter(day, 1)) days.push(day);
  return [...Array.from({ length: sinceMonday(first) }, () => undefined), ...days];
}

/** @param month YYYY-MM */
export function monthBefore(month: string): string {
  return dayAfter(`${month}-01`, -1).slice(0, 7);
}

/** @param month YYYY-MM */
export function monthAfter(month: string): string {
  return dayAfter(`${month}-01`, 31).slice(0, 7);
}

export function givenOn({ points, month_bonus, holiday_bonus }: CheckIn): number {
  return points + month_bonus + holiday_bonus;
}

function sinceMonday(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
}
