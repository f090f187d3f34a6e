/** A simulation's result as charts. */
import type { SimulationResult } from '../../../src/lottery/simulation/messages.ts';
import type { ChartColors } from '../parts/chartColors.ts';
import { bandSeries, gridOf, markOf, short, xAxisOf } from '../parts/chartParts.ts';

type Words = (key: string) => string;

interface CustomApi {
  value(at: number): number;
  coord(point: readonly number[]): number[];
}

export function costHistogram(result: SimulationResult, t: Words) {
  const { cost, budget, cost_histogram: steps } = result;
  return (colors: ChartColors) => ({
    ...gridOf(colors),
    xAxis: {
      type: 'value',
      scale: true,
      splitLine: { show: false },
      axisLabel: { color: colors.text, formatter: short, hideOverlap: true },
      ...(budget !== null && { max: Math.max(budget * 1.02, steps[steps.length - 1]?.to ?? 0) }),
    },
    series: [
      {
        type: 'custom',
        name: t('simulator.runs'),
        encode: { x: [0, 1], y: 2 },
        data: steps.map(({ from, to, runs }) => [from, to, runs]),
        // As wide as its step is, which bars on an axis of values are not.
        renderItem: (_: unknown, api: CustomApi) => {
          const [from, to, runs] = [api.value(0), api.value(1), api.value(2)];
          const [x, y] = api.coord([from, runs]) as [number, number];
          const [end, ground] = api.coord([to, 0]) as [number, number];
          const shape = { x, y, width: Math.max(1, end - x - 1), height: ground - y };
          return { type: 'rect', shape, style: { fill: colorOf((from + to) / 2, colors) } };
        },
        ...markOf(colors, [
          { at: { xAxis: cost.p5 }, label: 'p5', look: 'dashed' },
          { at: { xAxis: cost.p50 }, label: `p50 ${short(cost.p50)}`, look: 'ink' },
          { at: { xAxis: cost.p95 }, label: 'p95', look: 'dashed' },
          ...(budget === null
            ? []
            : [
                {
                  at: { xAxis: budget },
                  label: `${t('simulator.budget')} ${short(budget)}`,
                  look: 'bad' as const,
                },
              ]),
        ]),
      },
    ],
  });

  function colorOf(value: number, colors: ChartColors): string {
    if (budget !== null && value > budget) return colors.bad;
    return value >= cost.p5 && value <= cost.p95 ? colors.line : colors.band;
  }
}

export function costCourse(result: SimulationResult, t: Words, timeOf: (drawNo: number) => string) {
  const { course, budget } = result;
  return (colors: ChartColors) => {
    const [lower, between, line] = bandSeries(
      colors,
      course.map(({ cost }) => cost),
      { band: t('simulator.band'), line: 'p50' },
    );
    const limit =
      budget === null
        ? {}
        : markOf(colors, [{ at: { yAxis: budget }, label: t('simulator.budget'), look: 'bad' }]);
    return {
      ...gridOf(colors, { right: 44 }),
      xAxis: xAxisOf(
        colors,
        course.map(({ draw_no: drawNo }) => timeOf(drawNo)),
      ),
      series: [lower, between, { ...line, ...limit }],
    };
  };
}

type Course = NonNullable<SimulationResult['stock_course']>['prizes'][number];

/** What is left of one prize, and when the last one goes in the middle one of the campaigns. */
export function stockBand(
  { stock_course: course, exhaustion }: SimulationResult,
  { prize_id: prizeId, left }: Course,
  { t, timeOf }: { t: Words; timeOf: (drawNo: number) => string },
) {
  const drawNos = course!.draw_nos;
  const goneAt = exhaustion.find(({ prize_id: id }) => id === prizeId)?.draw_no.p50 ?? null;
  return (colors: ChartColors) => {
    const [lower, between, line] = bandSeries(colors, left, { band: t('simulator.band'), line: 'p50' });
    const gone =
      goneAt === null
        ? {}
        : markOf(colors, [
            {
              at: { xAxis: drawNos.findIndex((drawNo) => drawNo >= goneAt) },
              label: `p50 ${timeOf(goneAt)}`,
              look: 'ink',
            },
          ]);
    return {
      ...gridOf(colors, { right: 44 }),
      xAxis: xAxisOf(colors, drawNos.map(timeOf)),
      series: [lower, between, { ...line, ...gone }],
    };
  };
}

/** When the last of each limited prize goes: from the draw at which it may be to that at which it is; open where some are left. */
export function lastOnes(result: SimulationResult, t: Words, timeOf: (drawNo: number) => string) {
  const { draws } = result;
  const shown = result.exhaustion.slice(0, 12).reverse();
  return (colors: ChartColors) => ({
    grid: { left: 110, right: 24, top: 12, bottom: 28 },
    xAxis: {
      type: 'value',
      max: draws,
      splitLine: { lineStyle: { color: colors.grid } },
      axisLabel: { color: colors.text, formatter: timeOf, hideOverlap: true },
    },
    yAxis: {
      type: 'category',
      data: shown.map(({ name }) => name),
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: colors.text2, width: 96, overflow: 'truncate' },
    },
    series: [
      {
        type: 'bar',
        name: 'p5',
        stack: 'gone',
        silent: true,
        tooltip: { show: false },
        itemStyle: { color: 'transparent' },
        data: shown.map(({ draw_no: { p5 } }) => p5 ?? draws),
      },
      {
        type: 'bar',
        name: t('simulator.band'),
        stack: 'gone',
        barWidth: 12,
        itemStyle: { color: colors.band },
        data: shown.map(({ draw_no: { p5, p95 } }) => (p5 === null ? 0 : (p95 ?? draws) - p5)),
      },
      {
        type: 'scatter',
        name: 'p50',
        symbolSize: 9,
        itemStyle: { color: colors.line },
        data: shown.flatMap(({ draw_no: { p50 } }, at) => (p50 === null ? [] : [[p50, at]])),
      },
    ],
  });
}
