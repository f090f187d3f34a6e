/** Minutes, hours and business days that moments fall into. Hours and days are of the business zone. */
import { IANAZone } from 'luxon';
import type { BucketPeriod } from '../../../entities/analytics/AnalyticsRealtimeStat.ts';
import { businessDayOf, startOfBusinessDay } from '../../platform/clock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Zones change by whole quarters of an hour, and at them. */
const QUARTER_MS = 900_000;
const MOST_KEPT = 10_000;

export class Buckets {
  private readonly zone: IANAZone;
  /** By quarter: what every moment in it has in common. */
  private readonly known = new Map<number, { hour: number; day: number }>();

  constructor(readonly timezone: string) {
    this.zone = IANAZone.create(timezone);
  }

  /** When the bucket began that a moment falls into. */
  startOf(period: BucketPeriod, timeMs: number): number {
    if (period === 'minute') return floorTo(MINUTE_MS, timeMs);
    return this.ofQuarter(floorTo(QUARTER_MS, timeMs))[period];
  }

  /** When the bucket ends that begins then. */
  endOf(period: BucketPeriod, startMs: number): number {
    if (period === 'minute') return startMs + MINUTE_MS;
    // A day has 23 to 25 hours, an hour that a zone moves within has others as well.
    let endMs = startMs + (period === 'hour' ? HOUR_MS / 2 : 22 * HOUR_MS);
    while (this.startOf(period, endMs) === startMs) endMs += QUARTER_MS;
    return this.startOf(period, endMs);
  }

  private ofQuarter(quarterMs: number): { hour: number; day: number } {
    const known = this.known.get(quarterMs);
    if (known !== undefined) return known;
    if (this.known.size >= MOST_KEPT) this.known.clear();
    const aheadMs = this.zone.offset(quarterMs) * MINUTE_MS;
    const found = {
      hour: floorTo(HOUR_MS, quarterMs + aheadMs) - aheadMs,
      day: startOfBusinessDay(businessDayOf(quarterMs, this.timezone), this.timezone),
    };
    this.known.set(quarterMs, found);
    return found;
  }
}

function floorTo(stepMs: number, timeMs: number): number {
  return Math.floor(timeMs / stepMs) * stepMs;
}
