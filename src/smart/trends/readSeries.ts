/*
 * Series of what trends are told of, from rows that are counted already: by days as reports have them, by hours as campaigns and
 * behaviours are counted. Who works here or only tries it out is in none of them (RS-3).
 */
import { readBuckets, readBucketsByName, type Bucket } from '../../analytics/readBuckets.ts';
import { addedBy, findDrawnSince } from '../../lottery/statistics/addedFigures.ts';
import type { Calendar } from '../../lottery/statistics/calendar.ts';
import { drawsCountedToMs } from '../../lottery/statistics/fold.ts';
import { readUncountedDraws } from '../../lottery/statistics/uncountedDraws.ts';
import { businessDayOf, startOfBusinessDay } from '../../platform/clock.ts';
import { dayAfter } from '../../points/statistics/periods.ts';
import { readUncountedPoints } from '../../points/statistics/readPointsDays.ts';
import { readDinersByAge } from '../../reports/newDiners.ts';
import { daysBetween, readDays, type ReadingServices, type Scope } from '../../reports/readDays.ts';
import { gathered, hoursBetween, spansOf, type Counted, type DaysCounted } from './buckets.ts';
import { measureOf, type MeasureName, type Split, type TrendPeriod } from './measures.ts';

export interface AskedSeries {
  measure: MeasureName;
  period: TrendPeriod;
  split: Split;
  scope: Scope;
}

export interface SeriesServices extends ReadingServices {
  calendar: Calendar;
}

/** Three years, so that festivals of earlier years are among them; and eight weeks of hours. */
export const READ_DAYS = 1100;
const READ_HOUR_DAYS = 56;
/** What was begun before an hour was over may commit for so long after it. */
const SETTLED_MS = 60_000;
/** Those that are used most. */
const FEATURES = 8;

export async function readSeries(services: SeriesServices, asked: AskedSeries): Promise<Counted> {
  if (asked.period === 'hour') return readHours(services, asked);
  const { days, countedToMs, ...counted } = await readByDays(services, asked);
  const { calendar, businessTimezone } = services;
  const startMs = (day: string) => startOfBusinessDay(day, businessTimezone);
  if (asked.period === 'day') {
    const spans = spansOf(calendar, 'day', startMs(days[0]!), days.length);
    return { spans, countedToMs, ...counted };
  }
  const gather = measureOf(asked.measure).isMean === true ? meanOf : sumOf;
  const { starts, ...of } = gathered({ days, ...counted }, asked.period, gather);
  const spans =
    starts.length === 0 ? [] : spansOf(calendar, asked.period, startMs(starts[0]!), starts.length);
  return { spans, countedToMs, ...of };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function meanOf(values: readonly number[]): number {
  return sumOf(values) / values.length;
}

type ByDays = DaysCounted & { countedToMs: number };

async function readByDays(services: SeriesServices, asked: AskedSeries): Promise<ByDays> {
  const { clock, businessTimezone } = services;
  const today = businessDayOf(clock.nowMs(), businessTimezone);
  const days = daysBetween(dayAfter(today, 1 - READ_DAYS), today);
  if (measureOf(asked.measure).behavior !== undefined) return readBehaviorDays(services, asked, days);
  const { rows, countedToMs } = await readDays(services, days, asked.scope);
  const complete = countOf(rows.map(({ is_complete: isComplete }) => isComplete));
  const { figure } = measureOf(asked.measure);
  const values =
    asked.split === 'all'
      ? rows.map((row) => row[figure!])
      : await readSplit(services, days, asked.split as 'new' | 'returning');
  const counted = asked.scope === undefined ? await withoutUncounted(services, asked, days, values) : values;
  return { days, complete, countedToMs, series: new Map([[asked.split, counted]]) };
}

/** How many are, from the first. */
function countOf(are: readonly boolean[]): number {
  const first = are.indexOf(false);
  return first === -1 ? are.length : first;
}

async function readSplit(
  { database }: SeriesServices,
  days: readonly string[],
  split: 'new' | 'returning',
): Promise<(number | null)[]> {
  const found = await readDinersByAge(database, { from: days[0]!, to: days.at(-1)! });
  const first = [...found.keys()].sort()[0];
  return days.map((day) => (first === undefined || day < first ? null : (found.get(day)?.[split] ?? 0)));
}

/** Reports of points and draws have them: what is owed is owed to them as well, and what they won is gone. */
async function withoutUncounted(
  { database, businessTimezone }: SeriesServices,
  { measure }: AskedSeries,
  days: readonly string[],
  values: readonly (number | null)[],
): Promise<(number | null)[]> {
  const left = new Map<string, number>();
  if (measure === 'draws') {
    const range = {
      fromMs: startOfBusinessDay(days[0]!, businessTimezone),
      toMs: startOfBusinessDay(dayAfter(days.at(-1)!), businessTimezone),
    };
    for (const { startMs, draws } of await readUncountedDraws(database, range)) {
      const day = businessDayOf(startMs, businessTimezone);
      left.set(day, (left.get(day) ?? 0) + draws);
    }
  }
  if (measure === 'points_earned' || measure === 'points_spent') {
    const figure = measure === 'points_earned' ? 'issued' : 'spent';
    for (const [day, of] of await readUncountedPoints(database, days, businessTimezone))
      left.set(day, of[figure] / 100);
  }
  return values.map((value, at) =>
    value === null ? null : Math.max(0, Math.round((value - (left.get(days[at]!) ?? 0)) * 100) / 100),
  );
}

async function readBehaviorDays(
  services: SeriesServices,
  asked: AskedSeries,
  days: readonly string[],
): Promise<ByDays> {
  const { businessTimezone, clock } = services;
  const startsMs = days.map((day) => startOfBusinessDay(day, businessTimezone));
  const endMs = startOfBusinessDay(dayAfter(days.at(-1)!), businessTimezone);
  const places = new Map(startsMs.map((startMs, at) => [startMs, at]));
  const series = await readBehaviors(services, asked, {
    period: 'day',
    range: { fromMs: startsMs[0]!, toMs: endMs },
    length: days.length,
    placeOf: (startMs) => places.get(startMs),
  });
  const nowMs = clock.nowMs();
  const isOver = days.map((_, at) => (startsMs[at + 1] ?? endMs) + SETTLED_MS <= nowMs);
  return { days, complete: countOf(isOver), countedToMs: nowMs, series };
}

async function readHours(services: SeriesServices, asked: AskedSeries): Promise<Counted> {
  const { database, clock, calendar, businessTimezone } = services;
  const nowMs = clock.nowMs();
  const today = businessDayOf(nowMs, businessTimezone);
  const firstMs = startOfBusinessDay(dayAfter(today, -READ_HOUR_DAYS), businessTimezone);
  const spans = hoursBetween(calendar, firstMs, nowMs + 1);
  const range = { fromMs: spans[0]!.startMs, toMs: spans.at(-1)!.endMs };
  const isDraws = asked.measure === 'draws';
  const countedToMs = isDraws ? await drawsCountedToMs({ database, clock }) : nowMs;
  const places = new Map(spans.map(({ startMs }, at) => [startMs, at]));
  const series = isDraws
    ? new Map([['all', await readDrawHours(services, spans, range)]])
    : await readBehaviors(services, asked, {
        ...{ period: 'hour', range, length: spans.length },
        placeOf: (startMs) => places.get(startMs),
      });
  const complete = countOf(spans.map(({ endMs }) => endMs + SETTLED_MS <= countedToMs));
  return { spans, complete, countedToMs, series };
}

interface Range {
  fromMs: number;
  toMs: number;
}

async function readDrawHours(
  { database, calendar }: SeriesServices,
  spans: Counted['spans'],
  range: Range,
): Promise<number[]> {
  const campaignIds = await findDrawnSince(database, range.fromMs);
  const [found, uncounted] = await Promise.all([
    addedBy(database, {
      ...{ campaignIds, period: 'hour', from: spans[0]!.starts },
      to: calendar.startsAt(range.toMs).hour,
    }),
    readUncountedDraws(database, range),
  ]);
  const left = new Map<string, number>();
  for (const { startMs, draws } of uncounted) {
    const { hour } = calendar.startsAt(startMs);
    left.set(hour, (left.get(hour) ?? 0) + draws);
  }
  return spans.map(({ starts }) => Math.max(0, (found.get(starts)?.draws ?? 0) - (left.get(starts) ?? 0)));
}

interface Placing {
  period: 'hour' | 'day';
  range: Range;
  length: number;
  placeOf(startMs: number): number | undefined;
}

async function readBehaviors(
  { database }: SeriesServices,
  { measure, split }: AskedSeries,
  { period, range, length, placeOf }: Placing,
): Promise<Map<string, number[]>> {
  const asked = { period, kind: measureOf(measure).behavior!, ...range };
  const placed = (buckets: readonly Bucket[]) => {
    const values = Array.from({ length }, () => 0);
    for (const { startMs, entries } of buckets) {
      const at = placeOf(startMs);
      if (at !== undefined) values[at]! += entries;
    }
    return values;
  };
  if (split === 'all') return new Map([['all', placed(await readBuckets(database, asked))]]);
  const byName = await readBucketsByName(database, { ...asked, names: FEATURES });
  return new Map([...byName].map(([name, buckets]) => [name, placed(buckets)]));
}
