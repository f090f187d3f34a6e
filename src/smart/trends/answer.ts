/** A trend as it is told: the part of it that is asked for. */
import { mean } from 'simple-statistics';
import { DateTime } from 'luxon';
import { toWireTime } from '../../platform/shapes.ts';
import { alarmScore, type Deviation } from '../forecast/deviations.ts';
import type { Forecast, Foreseen } from '../forecast/forecast.ts';
import type { Span } from './buckets.ts';
import type { TrendPeriod } from './measures.ts';
import type { TrendsAnswer } from './messages.ts';
import type { Trend } from './trends.ts';

export interface Shown {
  period: TrendPeriod;
  /** `starts` of the first bucket and of the last one. */
  from: string;
  to: string;
  /** How many are foreseen. */
  horizon: number;
  timezone: string;
}

type Answered = Pick<TrendsAnswer, 'series' | 'is_last_complete' | 'counted_to' | 'window'>;

/** Of one false alarm among all buckets that are shown. */
const RISK = 0.05;
const UNSAID = { expected: null, lower: null, upper: null };

export function answerOf(trend: Trend, shown: Shown): Answered {
  const { spans, complete, countedToMs, series } = trend.counted;
  const places = [...spans.keys()].filter(
    (at) => spans[at]!.starts >= shown.from && spans[at]!.starts <= shown.to,
  );
  const last = places.at(-1);
  return {
    counted_to: toWireTime(countedToMs),
    window: { from: shown.from, to: shown.to },
    is_last_complete: last !== undefined && last < complete,
    series: [...series].map(([key, values]) => {
      const found = trend.forecasts.get(key)!;
      return {
        key,
        history: historyOf(trend, { places, values, found }),
        forecast: forecastOf(trend, found, shown.horizon),
        seasons: seasonsOf(found, trend.coming, shown),
      };
    }),
  };
}

interface OfSeries {
  places: readonly number[];
  values: readonly (number | null)[];
  found: Forecast;
}

function historyOf({ counted, occasions }: Trend, { places, values, found }: OfSeries) {
  const deviations = found.status === 'ok' ? found.deviations.filter(({ at }) => places.includes(at)) : [];
  const alarms = new Map(
    deviations
      .filter((one) => isAlarm(one, deviations.length) && !isInBand(one, found))
      .map((one) => [one.at, anomalyOf(one)]),
  );
  return places.map((at) => ({
    ...spanToWire(counted.spans[at]!),
    value: values[at] ?? null,
    is_complete: at < counted.complete,
    ...rounded((found.status === 'ok' && found.past.get(at)) || UNSAID),
    occasion: at < counted.complete ? (occasions[at] ?? null) : null,
    anomaly: alarms.get(at) ?? null,
  }));
}

function isAlarm({ score, measured }: Deviation, tests: number): boolean {
  return Math.abs(score) > alarmScore({ risk: RISK, tests }, measured);
}

function isInBand({ at, value }: Deviation, found: Forecast): boolean {
  const past = found.status === 'ok' ? found.past.get(at) : undefined;
  return past?.lower != null && past.upper !== null && value >= past.lower && value <= past.upper;
}

function anomalyOf({ score, value, expected }: Deviation) {
  return {
    direction: score > 0 ? ('up' as const) : ('down' as const),
    size: round(expected === 0 ? value : value / expected - 1, 3),
    score: round(score, 1),
  };
}

function forecastOf({ coming }: Trend, found: Forecast, horizon: number) {
  if (found.status === 'not_enough_data') return { ...found, items: [] };
  const items = found.next.slice(0, horizon).map((one, at) => ({
    ...spanToWire(coming[at]!),
    ...rounded(one),
    occasion: one.occasion,
  }));
  return { status: found.status, needed: null, there: null, items };
}

/** Factors begin with the place of the first bucket to come. */
function seasonsOf(found: Forecast, coming: readonly Span[], { period, timezone }: Shown) {
  if (found.status === 'not_enough_data') return { weekday: null, hour: null };
  const first = DateTime.fromMillis(coming[0]!.startMs, { zone: timezone });
  const longest = found.factors[period === 'hour' ? 168 : 7];
  if (longest === undefined) return { weekday: null, hour: null };
  const at = (place: number) =>
    period === 'hour' ? first.plus({ hours: place }) : first.plus({ days: place });
  const means = (length: number, of: (time: DateTime) => number) => {
    const groups = Map.groupBy(longest.keys(), (place) => of(at(place)));
    return Array.from({ length }, (_, group) =>
      round(mean((groups.get(group) ?? []).map((place) => longest[place]!)), 3),
    );
  };
  return {
    weekday: means(7, ({ weekday }) => weekday - 1),
    hour: period === 'hour' ? means(24, ({ hour }) => hour) : null,
  };
}

function spanToWire({ starts, startMs, endMs }: Span) {
  return { starts, starts_at: toWireTime(startMs), ends_at: toWireTime(endMs) };
}

function rounded({ expected, lower, upper }: Pick<Foreseen, 'expected' | 'lower' | 'upper'>) {
  const of = (value: number | null) => (value === null ? null : round(value, 2));
  return { expected: of(expected), lower: of(lower), upper: of(upper) };
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
