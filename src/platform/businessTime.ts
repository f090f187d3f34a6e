/** Time that passes while business is done: within the hours of the days that are none off. */
import { DateTime } from 'luxon';

/** As `HH:mm` of the wall; `to` not after `from` is of the day after. The days of the week count from Monday, 1. */
export interface WeekHours {
  days: readonly number[];
  from: string;
  to: string;
}

export interface BusinessCalendar {
  timezone: string;
  hours: readonly WeekHours[];
  /** Of a day as YYYY-MM-DD: off, worked in place of one off, or as its weekday says. */
  kindOf(day: string): 'holiday' | 'workday' | 'usual';
}

/** What takes longer is not counted on: nothing is promised for so long, and every day of it costs time. */
const MAX_DAYS = 400;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** No time zone turns its clocks by more at once, but for those that leave a whole day out. */
const MAX_GAP_MINUTES = 24 * 60;

/**
 * Hours begin and end when the clock on the wall first shows their time, or what comes after where it is put forward over it.
 * Those that overlap count once. Hours over midnight are of the day on which they begin.
 */
export function businessMs(calendar: BusinessCalendar, fromMs: number, toMs: number): number {
  let countedMs = 0;
  let untilMs = fromMs;
  for (const [opensMs, closesMs] of periodsBetween(calendar, fromMs, toMs)) {
    const startMs = Math.max(opensMs, untilMs);
    const endMs = Math.min(closesMs, toMs);
    if (endMs <= startMs) continue;
    countedMs += endMs - startMs;
    untilMs = endMs;
  }
  return countedMs;
}

/**
 * When so much business time is over. What takes longer than days are counted ends with them: nobody is told that it never ends.
 */
export function momentAfter(calendar: BusinessCalendar, fromMs: number, durationMs: number): number {
  const lastMs = fromMs + MAX_DAYS * DAY_MS;
  let leftMs = durationMs;
  let untilMs = fromMs;
  for (let days = 7; ; days *= 4) {
    const toMs = Math.min(fromMs + days * DAY_MS, lastMs);
    for (const [opensMs, closesMs] of periodsBetween(calendar, untilMs, toMs)) {
      const startMs = Math.max(opensMs, untilMs);
      const endMs = Math.min(closesMs, toMs);
      if (endMs <= startMs) continue;
      if (endMs - startMs >= leftMs) return startMs + leftMs;
      leftMs -= endMs - startMs;
      untilMs = endMs;
    }
    untilMs = toMs;
    if (toMs === lastMs) return lastMs;
  }
}

type Period = readonly [opensMs: number, closesMs: number];

function periodsBetween(calendar: BusinessCalendar, fromMs: number, toMs: number): Period[] {
  const dayOf = (timeMs: number) => DateTime.fromMillis(timeMs, { zone: calendar.timezone }).toISODate()!;
  // What has begun on the day before may go on.
  const first = dayAfter(dayOf(fromMs), -1);
  const last = dayOf(toMs);
  const periods: Period[] = [];
  for (let count = 0; count < MAX_DAYS; count++) {
    const day = dayAfter(first, count);
    if (day > last) break;
    for (const { from, to } of hoursOn(calendar, day)) {
      const closing = to <= from ? dayAfter(day, 1) : day;
      periods.push([firstMoment(day, from, calendar.timezone), firstMoment(closing, to, calendar.timezone)]);
    }
  }
  return periods.sort(([a], [b]) => a - b);
}

/** On a Saturday that is worked in place of a day off, where Saturdays have none, the hours are those of a Monday. */
function hoursOn({ hours, kindOf }: BusinessCalendar, day: string): WeekHours[] {
  const kind = kindOf(day);
  if (kind === 'holiday') return [];
  const of = (weekday: number) => hours.filter(({ days }) => days.includes(weekday));
  const own = of(DateTime.fromISO(day, { zone: 'utc' }).weekday);
  return own.length === 0 && kind === 'workday' ? of(1) : own;
}

function firstMoment(day: string, time: string, timezone: string): number {
  const wall = DateTime.fromISO(`${day}T${time}`, { zone: timezone });
  if (wall.toFormat('yyyy-MM-dd HH:mm') === `${day} ${time}`)
    return Math.min(...wall.getPossibleOffsets().map((one) => one.toMillis()));
  // The clock is put forward over it: to the moment when that was done.
  let timeMs = wall.toMillis();
  for (let minute = 0; minute < MAX_GAP_MINUTES; minute++) {
    const before = DateTime.fromMillis(timeMs - MINUTE_MS, { zone: timezone });
    if (before.offset !== wall.offset) break;
    timeMs -= MINUTE_MS;
  }
  return timeMs;
}

function dayAfter(day: string, days: number): string {
  return DateTime.fromISO(day, { zone: 'utc' }).plus({ days }).toISODate()!;
}
