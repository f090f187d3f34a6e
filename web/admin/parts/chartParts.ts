/** What the console's charts have in common: axes with lines across only, and a band with its median. */
import type { ChartColors } from './chartColors.ts';

export interface Band {
  p5: number;
  p50: number;
  p95: number;
}

export function gridOf(colors: ChartColors, { left = 52, right = 20 } = {}) {
  return {
    grid: { left, right, top: 26, bottom: 28 },
    yAxis: {
      type: 'value',
      splitLine: { lineStyle: { color: colors.grid } },
      axisLabel: { color: colors.text, formatter: short },
      minInterval: 1,
      axisLine: { show: false },
      axisTick: { show: false },
    },
  };
}

export function xAxisOf(colors: ChartColors, labels: readonly string[]) {
  return {
    type: 'category',
    data: labels,
    boundaryGap: false,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: colors.grid } },
    axisLabel: { color: colors.text, hideOverlap: true },
  };
}

/** The part between p5 and p95. */
export function bandArea(
  colors: ChartColors,
  rows: readonly Pick<Band, 'p5' | 'p95'>[],
  name: string,
): object[] {
  const unseen = {
    ...{ type: 'line', lineStyle: { opacity: 0 }, symbol: 'none', stack: 'band', silent: true },
    tooltip: { show: false },
  };
  return [
    { ...unseen, name: 'p5', data: rows.map(({ p5 }) => p5) },
    {
      ...unseen,
      name,
      areaStyle: { color: colors.band, opacity: 1 },
      data: rows.map(({ p5, p95 }) => p95 - p5),
    },
  ];
}

/** The part between p5 and p95, and p50 as a line in it. */
export function bandSeries(
  colors: ChartColors,
  rows: readonly Band[],
  names: { band: string; line: string },
) {
  return [
    ...bandArea(colors, rows, names.band),
    lineSeries(
      colors,
      rows.map(({ p50 }) => p50),
      names.line,
    ),
  ];
}

export function lineSeries(
  colors: ChartColors,
  data: readonly (number | null)[],
  name: string,
  extra: object = {},
) {
  return {
    type: 'line',
    name,
    data,
    symbol: 'none',
    lineStyle: { color: colors.line, width: 2.25 },
    itemStyle: { color: colors.line },
    z: 3,
    ...extra,
  };
}

/** A line across, or upright, with its words. */
export function markOf(
  { bad, ink, text2 }: ChartColors,
  marks: readonly { at: object; label: string; look: 'bad' | 'ink' | 'dashed' }[],
) {
  return {
    markLine: {
      symbol: 'none',
      silent: true,
      data: marks.map(({ at, label, look }) => ({
        ...at,
        lineStyle: {
          color: look === 'bad' ? bad : look === 'ink' ? ink : text2,
          type: look === 'dashed' ? 'dashed' : 'solid',
          width: look === 'dashed' ? 1 : 1.5,
        },
        label: {
          formatter: label,
          color: look === 'bad' ? bad : look === 'ink' ? ink : text2,
          fontSize: 12,
          // Beside its line, so that two that are near each other can be read.
          ...(look === 'bad' && 'xAxis' in at && { offset: [6, 16], align: 'left' }),
        },
      })),
    },
  };
}

export function short(value: number): string {
  return Math.abs(value) >= 1e6 ? `${value / 1e6}M` : value.toLocaleString('en');
}
