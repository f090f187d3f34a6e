/** Opening hours as lines that people type: `1-5 10:00-22:00`, Monday is 1. */
import { dayAfter, formatDay } from '../../shared/dates.ts';
import type { Restaurant } from '../redemption/wire.ts';

type Hours = Restaurant['hours'];

export function hoursText(hours: Hours): string {
  return hours.map(({ days, from, to }) => `${daysText(days)} ${from}-${to}`).join('\n');
}

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

/** @returns undefined where a line cannot be read */
export function hoursOf(text: string): Hours | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const hours = lines.map((line) => {
    const parts = /^([1-7](?:[-,][1-7])*) +(\d\d:\d\d)-(\d\d:\d\d)$/.exec(line);
    return parts === null ? undefined : { days: daysOf(parts[1]!), from: parts[2]!, to: parts[3]! };
  });
  return hours.every((one) => one !== undefined) ? (hours as Hours) : undefined;
}

function daysText(days: number[]): string {
  const sorted = [...days].sort((a, b) => a - b);
  const isRun = sorted.length > 1 && sorted.every((day, at) => day === sorted[0]! + at);
  return isRun ? `${sorted[0]!}-${sorted[sorted.length - 1]!}` : sorted.join(',');
}

function daysOf(text: string): number[] {
  const days = text.split(',').flatMap((part) => {
    const [from, to = from] = part.split('-').map(Number);
    return Array.from({ length: to! - from! + 1 }, (_, at) => from! + at);
  });
  return [...new Set(days)];
}
