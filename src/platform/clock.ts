import { DateTime } from 'luxon';

/** Where the time comes from. Tests move it by hand; everything else uses the system's. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  nowMs(): number;
  /** Milliseconds since some moment: never goes back and never jumps, so it tells how long ago something was (TIME-1). */
  monotonicMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };

/** How much time has passed on this machine, as two of its clocks say. Moving a Clock by hand leaves these alone. */
export interface Ticks {
  /** Never steps; stands still while the machine is suspended. */
  monotonicMs(): number;
  /** Goes on while the machine is suspended; steps when somebody sets it. */
  wallMs(): number;
}

export const systemTicks: Ticks = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

/** The business day that a moment falls on, as YYYY-MM-DD in the restaurant's time zone. */
export function businessDayOf(timeMs: number, timezone: string): string {
  return DateTime.fromMillis(timeMs, { zone: timezone }).toFormat('yyyy-MM-dd');
}

export interface DaysOn {
  days: number;
  timezone: string;
}

/** The first moment after the business day that comes so many days after that of a moment: where one has 23 hours, after those. */
export function endOfBusinessDayIn(timeMs: number, { days, timezone }: DaysOn): number {
  return DateTime.fromMillis(timeMs, { zone: timezone })
    .startOf('day')
    .plus({ days: days + 1 })
    .startOf('day')
    .toMillis();
}

/** The same time of day so many days later. */
export function daysLater(timeMs: number, { days, timezone }: DaysOn): number {
  return DateTime.fromMillis(timeMs, { zone: timezone }).plus({ days }).toMillis();
}

/** The first moment after the business day that a moment falls on; one at exactly midnight belongs to the day before. */
export function endOfBusinessDay(timeMs: number, timezone: string): number {
  return DateTime.fromMillis(timeMs - 1, { zone: timezone })
    .plus({ days: 1 })
    .startOf('day')
    .toMillis();
}

/** @param day YYYY-MM-DD */
export function startOfBusinessDay(day: string, timezone: string): number {
  return DateTime.fromISO(day, { zone: timezone }).startOf('day').toMillis();
}
