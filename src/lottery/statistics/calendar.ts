/** Which hour, day, week and month of the restaurants a moment lies in, and when those begin and end. */
import { DateTime } from 'luxon';
import type { StatisticsPeriod } from '../../../entities/lottery/LotteryPeriod.ts';
import { startOfBusinessDay } from '../../platform/clock.ts';
import { dayAfter, endOf, startOf } from '../../points/statistics/periods.ts';

export const STATISTICS_PERIODS = [
  'hour',
  'day',
  'week',
  'month',
  'all',
] as const satisfies StatisticsPeriod[];

/** By kind of period, how `LotteryPeriod.starts` has it. */
export type Starts = Readonly<Record<StatisticsPeriod, string>>;

const HOUR_MS = 3_600_000;
/** Offsets of time zones are whole quarters of an hour, so that all moments of one lie in the same hour. */
const QUARTER_MS = 900_000;
/** Quarters that are remembered: ten days. */
const REMEMBERED = 960;

export class Calendar {
  private readonly known = new Map<number, Starts>();

  constructor(readonly timezone: string) {}

  startsAt(timeMs: number): Starts {
    const quarter = Math.floor(timeMs / QUARTER_MS);
    const known = this.known.get(quarter);
    if (known !== undefined) return known;
    const time = DateTime.fromMillis(timeMs, { zone: this.timezone });
    const day = time.toFormat('yyyy-MM-dd');
    const hour = time.startOf('hour').toUTC().toFormat("yyyy-MM-dd'T'HH:mm'Z'");
    const starts = { hour, day, week: startOf('week', day), month: startOf('month', day), all: '' };
    if (this.known.size >= REMEMBERED) this.known.clear();
    this.known.set(quarter, starts);
    return starts;
  }

  /** The first moment of a period, and the first one after it; all has neither. */
  boundsOf(period: Exclude<StatisticsPeriod, 'all'>, starts: string): { startMs: number; endMs: number } {
    if (period === 'hour') {
      const startMs = Date.parse(starts);
      return { startMs, endMs: startMs + HOUR_MS };
    }
    const next = dayAfter(endOf(period, starts));
    return {
      startMs: startOfBusinessDay(starts, this.timezone),
      endMs: startOfBusinessDay(next, this.timezone),
    };
  }

  /** Whether no more draws are due in a period: it is over. Clocks step back, so that one may begin later than now. */
  isOver(period: StatisticsPeriod, starts: string, nowMs: number): boolean {
    return period !== 'all' && this.boundsOf(period, starts).endMs <= nowMs;
  }
}
