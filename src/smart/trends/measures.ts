/** What trends are told of. */
import type { AskedBuckets } from '../../analytics/readBuckets.ts';
import type { FigureName } from '../../reports/messages.ts';

export const TREND_PERIODS = ['hour', 'day', 'week', 'month'] as const;
export type TrendPeriod = (typeof TREND_PERIODS)[number];

/** By which people or features a measure is told apart. */
export const SPLITS = ['all', 'new', 'returning', 'feature'] as const;
export type Split = (typeof SPLITS)[number];

export type Unit = 'people' | 'times' | 'points' | 'yuan' | 'seconds';

interface Measure {
  unit: Unit;
  /** Of days: as reports have it. */
  figure?: FigureName;
  /** Of hours and days: how often it was done on the pages. */
  behavior?: AskedBuckets['kind'];
  /** Counted by hours as well. */
  isHourly?: true;
  /** Told of single restaurants as well. */
  isPlaced?: true;
  /** Of a week or month it is the mean of its days: people who come twice would be counted twice, and waits are no sums. */
  isMean?: true;
  /** It is no count: numbers of the same size vary by more or less than chance. */
  isAmount?: true;
  splits: readonly Split[];
}

const ALONE = ['all'] as const;

export const MEASURES = {
  active: { unit: 'people', figure: 'diners', isMean: true, splits: ['all', 'new', 'returning'] },
  members: { unit: 'people', figure: 'members', splits: ALONE },
  draws: { unit: 'times', figure: 'draws', isHourly: true, splits: ALONE },
  points_earned: { unit: 'points', figure: 'points_issued', isAmount: true, splits: ALONE },
  points_spent: { unit: 'points', figure: 'points_spent', isAmount: true, splits: ALONE },
  bills: { unit: 'times', figure: 'bills', isPlaced: true, splits: ALONE },
  revenue: { unit: 'yuan', figure: 'billed', isPlaced: true, isAmount: true, splits: ALONE },
  exchanges: { unit: 'times', figure: 'exchanges', splits: ALONE },
  claims_rejected: { unit: 'times', figure: 'claims_rejected', isPlaced: true, splits: ALONE },
  answer_seconds: {
    ...{ unit: 'seconds', figure: 'answer_seconds', isPlaced: true, isMean: true, isAmount: true },
    splits: ALONE,
  },
  visits: { unit: 'times', behavior: 'page', isHourly: true, splits: ['all', 'feature'] },
  actions: { unit: 'times', behavior: 'action', isHourly: true, splits: ['all', 'feature'] },
} as const satisfies Record<string, Measure>;

export type MeasureName = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as MeasureName[];

export function measureOf(name: MeasureName): Measure {
  return MEASURES[name];
}

/** How many buckets its seasons have. Weeks and months have that of the year. */
export const SEASONS: Readonly<Record<TrendPeriod, readonly number[]>> = {
  hour: [24, 168],
  day: [7],
  week: [52],
  month: [12],
};

/** Buckets ahead: of seven days and of four weeks, but no hour further than a week, and no less than one bucket. */
export const HORIZONS: Readonly<Record<TrendPeriod, { short: number; medium: number }>> = {
  hour: { short: 168, medium: 168 },
  day: { short: 7, medium: 28 },
  week: { short: 1, medium: 4 },
  month: { short: 1, medium: 1 },
};
export const TERMS = ['short', 'medium'] as const;
export type Term = (typeof TERMS)[number];
