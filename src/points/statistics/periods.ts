/** Periods of business days, by dates alone: a time zone has had its say when a moment became a day. */
import { DateTime } from 'luxon';

export const PERIODS = ['day', 'week', 'month'] as const;
export type Period = (typeof PERIODS)[number];

/** The first day of the period that a day, YYYY-MM-DD, lies in; a week begins on Monday (RP-14). */
export function startOf(period: Period, day: string): string {
  return DateTime.fromISO(day, { zone: 'utc' }).startOf(period).toFormat('yyyy-MM-dd');
}

export function endOf(period: Period, day: string): string {
  return DateTime.fromISO(day, { zone: 'utc' }).endOf(period).toFormat('yyyy-MM-dd');
}

export function dayAfter(day: string, days = 1): string {
  return DateTime.fromISO(day, { zone: 'utc' }).plus({ days }).toFormat('yyyy-MM-dd');
}
