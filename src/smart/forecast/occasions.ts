/**
 * Which days are unlike their weekday since a festival is on, is near, or is worked for: an input of forecasts and no anomaly (RS-13). A
 * festival moves through the year, so that its days are known by their place in it: the second day of this Spring Festival is compared
 * with the second day of the last one.
 */
import { dayAfter, endOf, startOf } from '../../points/statistics/periods.ts';
import type { ListedDay } from '../../points/holidays/libraryDays.ts';

/** So many days before and after a festival are unlike others as well. */
const AROUND: Readonly<Record<string, { before: number; after: number }>> = {
  春节: { before: 4, after: 4 },
};
const AROUND_OTHERS = { before: 1, after: 1 };
/** A Saturday or Sunday that is worked in place of a day off. */
const WORKED = '调休';
/** Of a week, and of a month. */
const LEAST_DAYS = { week: 3, month: 4 } as const;

/** By day. What is not in it is a day like others. */
export type Occasions = ReadonlyMap<string, string>;

/** @param days of all years that matter, in their order */
export function occasionsOf(days: readonly ListedDay[]): Occasions {
  const occasions = new Map<string, string>();
  const worked = days.filter(({ kind }) => kind === 'workday');
  for (const { day } of worked) occasions.set(day, WORKED);
  const festivals = runsOf(days.filter(({ kind }) => kind === 'holiday'));
  for (const { name, first, last } of festivals) {
    const { before, after } = AROUND[name] ?? AROUND_OTHERS;
    for (let away = 1; away <= before; away++) addNew(occasions, dayAfter(first, -away), `${name}-${away}`);
    for (let away = 1; away <= after; away++) addNew(occasions, dayAfter(last, away), `${name}+${away}`);
  }
  // What is on comes before what is near.
  for (const { name, first, last } of festivals)
    for (let day = first, at = 1; day <= last; day = dayAfter(day), at++) occasions.set(day, `${name}${at}`);
  return occasions;
}

/** Days of a name one after the other. */
function runsOf(days: readonly ListedDay[]): { name: string; first: string; last: string }[] {
  const runs: { name: string; first: string; last: string }[] = [];
  for (const { day, name } of days) {
    const run = runs.at(-1);
    if (run !== undefined && run.name === name && dayAfter(run.last) === day) run.last = day;
    else runs.push({ name, first: day, last: day });
  }
  return runs;
}

function addNew(occasions: Map<string, string>, day: string, occasion: string): void {
  if (!occasions.has(day)) occasions.set(day, occasion);
}

/** Of a week or month: the festival that has enough of its days, and which of the weeks of that festival it is. */
export function occasionOf(period: 'week' | 'month', starts: string, occasions: Occasions): string | null {
  const name = festivalIn(period, starts, occasions);
  if (name === null) return null;
  const before = startOf(period, dayAfter(starts, -1));
  return festivalIn(period, before, occasions) === name ? `${name}2` : `${name}1`;
}

function festivalIn(period: 'week' | 'month', starts: string, occasions: Occasions): string | null {
  const counts = new Map<string, number>();
  const end = endOf(period, starts);
  for (let day = starts; day <= end; day = dayAfter(day)) {
    const name = festivalNameOf(occasions.get(day));
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most === undefined || most[1] < LEAST_DAYS[period] ? null : most[0];
}

/** The festival of an occasion, but for what is near it or worked for it. */
function festivalNameOf(occasion: string | undefined): string | null {
  const found = /^(\D+?)\d+$/.exec(occasion ?? '');
  return found === null || /[-+]$/.test(found[1]!) ? null : found[1]!;
}
