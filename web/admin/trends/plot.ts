/** What a trend looks like: what was counted, what was foreseen of it and of what comes, and what was no chance. */
import { formatDay, formatTime } from '../../shared/dates.ts';
import type { ChartColors } from '../parts/chartColors.ts';
import { bandArea, gridOf, lineSeries, xAxisOf } from '../parts/chartParts.ts';
import type { Period, Trend } from './wire.ts';

export interface Bucket {
  label: string;
  /** null: it is to come, or goes on. */
  value: number | null;
  expected: number | null;
  lower: number | null;
  upper: number | null;
  occasion: string | null;
  anomaly: Trend['history'][number]['anomaly'];
  isToCome: boolean;
}

export interface Words {
  value: string;
  expected: string;
  band: string;
  anomaly: string;
}

export function labelOf(
  period: Period,
  { starts, starts_at: at }: { starts: string; starts_at: string },
): string {
  return period === 'hour' ? formatTime(at, 'moment') : formatDay(starts, 'day');
}

/** In one line: what goes on is foreseen, and no fall. */
export function bucketsOf({ history, forecast }: Trend, period: Period): Bucket[] {
  const first = forecast.items[0]?.starts;
  const past = history
    .filter(({ starts }) => first === undefined || starts < first)
    .map((one) => ({
      ...one,
      label: labelOf(period, one),
      value: one.is_complete ? one.value : null,
      isToCome: false,
    }));
  const coming = forecast.items.map((one) => ({
    ...one,
    label: labelOf(period, one),
    value: null,
    anomaly: null,
    isToCome: true,
  }));
  return [...past, ...coming];
}

export function optionOf(buckets: readonly Bucket[], words: Words) {
  const band = buckets.map(({ lower, upper }) => ({ p5: lower ?? NaN, p95: upper ?? NaN }));
  return (colors: ChartColors) => ({
    ...gridOf(colors, { left: 64 }),
    xAxis: xAxisOf(
      colors,
      buckets.map(({ label }) => label),
    ),
    series: [
      ...bandArea(colors, band, words.band),
      lineSeries(
        colors,
        buckets.map(({ expected, isToCome }) => (isToCome ? expected : null)),
        words.expected,
        { lineStyle: { color: colors.line, width: 2, type: 'dashed' } },
      ),
      lineSeries(
        colors,
        buckets.map(({ value }) => value),
        words.value,
      ),
      {
        ...{ type: 'scatter', name: words.anomaly, symbolSize: 11, z: 5 },
        data: buckets.map(({ value, anomaly }) => (anomaly === null ? null : value)),
        itemStyle: { color: colors.bad, borderColor: colors.surface, borderWidth: 2 },
      },
    ],
  });
}
