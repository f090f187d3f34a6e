/** Who comes back, by when they came first; and how many of a month come on a day (RS-2). */
import { dayAfter, startOf } from '../../points/statistics/periods.ts';
import { daysFrom } from '../windows.ts';

export const COHORT_PERIODS = ['day', 'week'] as const;
export type CohortPeriod = (typeof COHORT_PERIODS)[number];

export interface CohortCell {
  /** The first day of the period in which they came first. */
  cohort: string;
  /** Who came first in it. */
  people: number;
  /** Periods later. */
  later: number;
  returned: number;
  rate: number;
  /** That period is over. */
  is_complete: boolean;
}

export interface CohortMean {
  later: number;
  cohorts: number;
  people: number;
  returned: number;
  rate: number;
}

export interface AskedCohorts {
  period: CohortPeriod;
  /** Of the first days. */
  from: string;
  to: string;
  /** The business day that is not over. */
  today: string;
}

const LENGTH = { day: 1, week: 7 } as const satisfies Record<CohortPeriod, number>;

export class CohortTally {
  private readonly cohorts = new Map<string, { people: number; returned: Map<number, number> }>();

  constructor(private readonly asked: AskedCohorts) {}

  /** @param days on which one person was active, all that are known, in their order */
  add(days: readonly string[]): void {
    const { period, from, to } = this.asked;
    const [first] = days;
    if (first === undefined || first < from || first > to) return;
    const start = startOf(period, first);
    const cohort = this.cohorts.get(start) ?? { people: 0, returned: new Map<number, number>() };
    cohort.people += 1;
    const later = new Set(days.map((day) => daysFrom(start, startOf(period, day)) / LENGTH[period]));
    for (const offset of later) cohort.returned.set(offset, (cohort.returned.get(offset) ?? 0) + 1);
    this.cohorts.set(start, cohort);
  }

  /** A triangle: of what has not begun there is no cell. */
  cells(): CohortCell[] {
    const { period, today } = this.asked;
    const length = LENGTH[period];
    return [...this.cohorts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([cohort, { people, returned }]) => {
        const begun = Math.floor(daysFrom(cohort, today) / length) + 1;
        return Array.from({ length: Math.max(begun, 0) }, (_, later) => ({
          ...{ cohort, people, later, returned: returned.get(later) ?? 0 },
          rate: (returned.get(later) ?? 0) / people,
          is_complete: dayAfter(cohort, (later + 1) * length) <= today,
        }));
      });
  }
}

/** Weighted by people, of complete cells alone. */
export function meansOf(cells: readonly CohortCell[]): CohortMean[] {
  const complete = cells.filter((cell) => cell.is_complete);
  return [...Map.groupBy(complete, ({ later }) => later)]
    .sort(([a], [b]) => a - b)
    .map(([later, of]) => {
      const people = of.reduce((sum, cell) => sum + cell.people, 0);
      const returned = of.reduce((sum, cell) => sum + cell.returned, 0);
      return { later, cohorts: of.length, people, returned, rate: returned / people };
    });
}

export const MONTH_DAYS = 30;
const WEEK_DAYS = 7;

export interface StickyDay {
  day: string;
  /** Active on it, and within 7 and 30 days that end with it. */
  dau: number;
  wau: number;
  mau: number;
  is_complete: boolean;
}

export class StickinessTally {
  private readonly rows: StickyDay[];
  private readonly at: ReadonlyMap<string, number>;

  constructor({ from, to, today }: Omit<AskedCohorts, 'period'>) {
    const count = daysFrom(from, to) + 1;
    const days = Array.from({ length: count }, (_, at) => dayAfter(from, at));
    this.rows = days.map((day) => ({ day, dau: 0, wau: 0, mau: 0, is_complete: day < today }));
    const known = Array.from({ length: count + MONTH_DAYS }, (_, at) => at - MONTH_DAYS);
    this.at = new Map(known.map((at) => [dayAfter(from, at), at]));
  }

  /** @param days on which one person was active, from 30 days before the first one that is asked for, in their order */
  add(days: readonly string[]): void {
    const places = days.flatMap((day) => this.at.get(day) ?? []);
    for (const place of places) if (place >= 0) this.rows[place]!.dau += 1;
    this.mark(places, WEEK_DAYS, 'wau');
    this.mark(places, MONTH_DAYS, 'mau');
  }

  report(): StickyDay[] {
    return this.rows;
  }

  private mark(places: readonly number[], length: number, field: 'wau' | 'mau'): void {
    let next = 0;
    for (const place of places) {
      for (let at = Math.max(next, place); at < Math.min(place + length, this.rows.length); at++)
        this.rows[at]![field] += 1;
      next = Math.max(next, place + length);
    }
  }
}
