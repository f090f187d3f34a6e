/** Hours, days, weeks and months of the restaurants, one after the other, with what was counted in them. */
import type { Calendar } from '../../lottery/statistics/calendar.ts';
import { endOf, startOf } from '../../points/statistics/periods.ts';
import type { TrendPeriod } from './measures.ts';

export interface Span {
  /** As `LotteryPeriod.starts` has it: the first day; of an hour its beginning in UTC. */
  starts: string;
  startMs: number;
  endMs: number;
}

export interface Counted {
  spans: readonly Span[];
  /** How many of them, from the first, are over and all counted. */
  complete: number;
  countedToMs: number;
  /** By key: the values of all spans. null: nothing was counted then. */
  series: ReadonlyMap<string, readonly (number | null)[]>;
}

const HOUR_MS = 3_600_000;

/** From the one that a moment lies in, so many. */
export function spansOf(calendar: Calendar, period: TrendPeriod, firstMs: number, count: number): Span[] {
  const spans: Span[] = [];
  let startMs = firstMs;
  for (let at = 0; at < count; at++) {
    const starts = calendar.startsAt(startMs)[period];
    const bounds = calendar.boundsOf(period, starts);
    spans.push({ starts, ...bounds });
    startMs = bounds.endMs;
  }
  return spans;
}

export function hoursBetween(calendar: Calendar, fromMs: number, toMs: number): Span[] {
  return spansOf(calendar, 'hour', fromMs, Math.ceil((toMs - fromMs) / HOUR_MS));
}

export interface DaysCounted {
  days: readonly string[];
  /** How many of them are complete, from the first. */
  complete: number;
  series: ReadonlyMap<string, readonly (number | null)[]>;
}

/** Weeks or months of days; one whose first days are not among them is left out. */
export function gathered(
  { days, complete, series }: DaysCounted,
  period: 'week' | 'month',
  gather: (values: readonly number[]) => number,
): { starts: string[]; complete: number; series: Map<string, (number | null)[]> } {
  const first = days.findIndex((day) => startOf(period, day) === day);
  const whole = first === -1 ? [] : days.slice(first);
  const groups = [...Map.groupBy(whole.keys(), (at) => startOf(period, whole[at]!))];
  const lastComplete = days[complete - 1] ?? '';
  return {
    starts: groups.map(([starts]) => starts),
    complete: groups.filter(([starts]) => endOf(period, starts) <= lastComplete).length,
    series: new Map(
      [...series].map(([key, values]) => [
        key,
        groups.map(([, of]) => {
          const known = of.map((at) => values[first + at] ?? null).filter((value) => value !== null);
          return known.length === 0 ? null : gather(known);
        }),
      ]),
    ),
  };
}
