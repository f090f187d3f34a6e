/**
 * Rhythms, and what is unlike them: of the place by the hours in which pages were looked at, of a person by the hours in which they did
 * something here.
 */
import { DateTime } from 'luxon';
import { daysLater, startOfBusinessDay } from '../../platform/clock.ts';
import { toWireTime } from '../../platform/shapes.ts';
import { dayAfter } from '../../points/statistics/periods.ts';
import { readBuckets } from '../readBuckets.ts';
import { readUserDays } from '../reading/readUserDays.ts';
import { ENOUGH, notEnough, ofPerson, type Asked } from './asked.ts';
import type { Finding } from './messages.ts';
import { ANOMALOUS, deviationOf, FEWEST_WEEKS, rhythmOf, WEEK_HOURS } from './rhythm.ts';

const HOUR_MS = 3_600_000;
const COMPARED_WEEKS = 8;
const MOST_ANOMALIES = 100;

/** One after the other, each with what there was in it. */
interface Hour {
  startMs: number;
  entries: number;
}

/** From the first hour of which anything is known to the last one that is over. */
async function hoursOf(asked: Asked, from: string): Promise<Hour[]> {
  const { services, range } = asked;
  const fromMs = startOfBusinessDay(from, range.timezone);
  const toMs = Math.min(range.toMs, Math.floor(services.clock.nowMs() / HOUR_MS) * HOUR_MS);
  const buckets =
    asked.query.user_id === undefined
      ? await placeHours(asked, fromMs, toMs)
      : await personHours(asked, from);
  const known = [...buckets.keys()];
  if (known.length === 0) return [];
  const firstMs = known.reduce((least, ms) => Math.min(least, ms), Infinity);
  const count = Math.max(0, Math.floor((toMs - firstMs) / HOUR_MS));
  return Array.from({ length: count }, (_, at) => {
    const startMs = firstMs + at * HOUR_MS;
    return { startMs, entries: buckets.get(startMs) ?? 0 };
  });
}

async function placeHours({ services }: Asked, fromMs: number, toMs: number): Promise<Map<number, number>> {
  const buckets = await readBuckets(services.database, { period: 'hour', kind: 'page', fromMs, toMs });
  return new Map(buckets.map(({ startMs, entries }) => [startMs, entries]));
}

async function personHours(asked: Asked, from: string): Promise<Map<number, number>> {
  const { services, range, budget } = asked;
  const hours = new Map<number, number>();
  for await (const { days } of readUserDays(
    services.database,
    { from, to: range.to, ...ofPerson(asked) },
    budget,
  ))
    for (const { day, hours: bits } of days) {
      const start = DateTime.fromISO(day, { zone: range.timezone });
      for (let hour = 0; hour < 24; hour++)
        if ((bits & (1 << hour)) !== 0) hours.set(start.set({ hour }).toMillis(), 1);
    }
  return hours;
}

/** Of eight weeks up to the last day that is asked for. */
export async function findRhythm(asked: Asked): Promise<Finding<'periodicity'>> {
  const { range } = asked;
  const hours = await hoursOf(asked, dayAfter(range.to, 1 - 7 * COMPARED_WEEKS));
  const weeks = Math.floor(hours.length / WEEK_HOURS);
  const rhythm = weeks < FEWEST_WEEKS ? undefined : rhythmOf(hours.map(({ entries }) => entries));
  const sums = Array.from({ length: WEEK_HOURS }, () => ({ entries: 0, hours: 0 }));
  for (const { startMs, entries } of hours) {
    const { weekday, hour } = DateTime.fromMillis(startMs, { zone: range.timezone });
    const sum = sums[(weekday - 1) * 24 + hour]!;
    sum.entries += entries;
    sum.hours += 1;
  }
  return {
    unit: 'hour',
    ...(rhythm === undefined ? notEnough({ measure: 'weeks', there: weeks, needed: FEWEST_WEEKS }) : ENOUGH),
    correlations: rhythm ?? null,
    items: sums.map((sum, at) => ({
      ...{ weekday: Math.floor(at / 24) + 1, hour: at % 24 },
      mean: sum.hours === 0 ? 0 : sum.entries / sum.hours,
    })),
  };
}

/** Of a person by days: an hour is theirs or not. */
export async function findAnomalies(asked: Asked): Promise<Finding<'anomaly'>> {
  const { range, query } = asked;
  const hours = await hoursOf(asked, dayAfter(range.from, -7 * COMPARED_WEEKS));
  const isOfPerson = query.user_id !== undefined;
  const counts = isOfPerson
    ? byDays(hours, range.timezone)
    : new Map(hours.map((hour) => [hour.startMs, hour.entries]));
  const weeks = Math.floor(hours.length / WEEK_HOURS);
  const items = [...counts].flatMap(([startMs, entries]) => {
    if (startMs < range.fromMs) return [];
    const found = deviationOf(entries, sameBefore(counts, startMs, range.timezone));
    if (found === undefined || Math.abs(found.score) < ANOMALOUS) return [];
    return [{ starts_at: toWireTime(startMs), entries, ...found }];
  });
  return {
    unit: isOfPerson ? 'day' : 'hour',
    ...(weeks < FEWEST_WEEKS ? notEnough({ measure: 'weeks', there: weeks, needed: FEWEST_WEEKS }) : ENOUGH),
    items: items.sort((a, b) => Math.abs(b.score) - Math.abs(a.score)).slice(0, MOST_ANOMALIES),
  };
}

/** By the beginning of each day that is over. */
function byDays(hours: readonly Hour[], timezone: string): Map<number, number> {
  const days = Map.groupBy(hours, ({ startMs }) =>
    DateTime.fromMillis(startMs, { zone: timezone }).startOf('day').toMillis(),
  );
  const lastMs = (hours.at(-1)?.startMs ?? 0) + HOUR_MS;
  return new Map(
    [...days]
      .filter(([startMs]) => daysLater(startMs, { days: 1, timezone }) <= lastMs)
      .map(([startMs, of]) => [startMs, of.reduce((sum, { entries }) => sum + entries, 0)]),
  );
}

function sameBefore(counts: ReadonlyMap<number, number>, startMs: number, timezone: string): number[] {
  return Array.from({ length: COMPARED_WEEKS }, (_, week) =>
    counts.get(daysLater(startMs, { days: -7 * (week + 1), timezone })),
  ).filter((count) => count !== undefined);
}
