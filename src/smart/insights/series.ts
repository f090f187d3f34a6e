/*
 * What insights are looked for in: days of the measures, parts of days of what is counted by hours, and days of each restaurant. All that
 * is looked at together shares one risk of a false alarm, so that nothing is looked at that nobody would act upon.
 */
import { DateTime } from 'luxon';
import { listRestaurants } from '../../restaurants/restaurants.ts';
import { CHANCE } from '../forecast/series.ts';
import type { Deviation } from '../forecast/deviations.ts';
import type { MeasureName } from '../trends/measures.ts';
import { readOccasions } from '../trends/occasions.ts';
import type { Trends } from '../trends/trends.ts';
import { PARTS, type Part } from './figures.ts';

export interface Watched {
  measure: MeasureName;
  part: Part | null;
  restaurant: { id: number; name: string } | null;
}

export interface WatchedDay extends Watched {
  day: string;
  deviation: Deviation;
}

const OF_GROUP = [
  ...(['active', 'members', 'draws', 'points_spent', 'bills', 'revenue', 'exchanges', 'visits'] as const),
  ...(['claims_rejected', 'answer_seconds'] as const),
] as const satisfies MeasureName[];
const BY_PARTS = ['draws', 'visits'] as const satisfies MeasureName[];
/** From which hour on, and how many. */
const HOURS: Record<Part, { from: number; hours: number }> = {
  night: { from: 0, hours: 6 },
  morning: { from: 6, hours: 5 },
  noon: { from: 11, hours: 4 },
  afternoon: { from: 15, hours: 2 },
  evening: { from: 17, hours: 7 },
};
/** Those that are looked at one by one. */
const RESTAURANTS = 20;

/** The days of all of them, as forecasts saw them come. */
export async function readWatched(trends: Trends): Promise<WatchedDay[]> {
  const found: WatchedDay[] = [];
  for (const measure of OF_GROUP)
    found.push(...(await readDaysOf(trends, { measure, part: null, restaurant: null })));
  for (const measure of BY_PARTS) found.push(...(await readParts(trends, measure)));
  const restaurants = (await listRestaurants(trends.services.database)).slice(0, RESTAURANTS);
  for (const { restaurant_id: id, name } of restaurants)
    found.push(...(await readDaysOf(trends, { measure: 'bills', part: null, restaurant: { id, name } })));
  return found;
}

async function readDaysOf(trends: Trends, watched: Watched): Promise<WatchedDay[]> {
  const scope = watched.restaurant === null ? undefined : [watched.restaurant.id];
  const trend = await trends.read({ measure: watched.measure, period: 'day', split: 'all', scope });
  const forecast = trend.forecasts.get('all')!;
  if (forecast.status !== 'ok') return [];
  return forecast.deviations.map((deviation) => ({
    ...watched,
    day: trend.counted.spans[deviation.at]!.starts,
    deviation,
  }));
}

/** The hours of each part of a day are one day of a series. */
async function readParts(trends: Trends, measure: (typeof BY_PARTS)[number]): Promise<WatchedDay[]> {
  const { thread, database, businessTimezone: zone } = trends.services;
  const { counted } = await trends.read({ measure, period: 'hour', split: 'all', scope: undefined });
  const values = counted.series.get('all')!;
  const sums = new Map<string, Record<Part, number>>();
  counted.spans.slice(0, counted.complete).forEach(({ startMs }, at) => {
    const time = DateTime.fromMillis(startMs, { zone });
    const day = time.toFormat('yyyy-MM-dd');
    const part = PARTS.find((one) => time.hour < HOURS[one].from + HOURS[one].hours) ?? 'evening';
    const of = sums.get(day) ?? { night: 0, morning: 0, noon: 0, afternoon: 0, evening: 0 };
    sums.set(day, { ...of, [part]: of[part] + (values[at] ?? 0) });
  });
  // The last day goes on, unless all of its hours are there.
  const next = counted.spans[counted.complete];
  const days = [...sums.keys()].filter(
    (day) => next === undefined || day < DateTime.fromMillis(next.startMs, { zone }).toFormat('yyyy-MM-dd'),
  );
  if (days.length === 0) return [];
  const listed = await readOccasions(database.currentReader, { from: days[0]!, to: days.at(-1)! });
  const occasions = [...days.map((day) => listed.get(day) ?? null), null];
  const forecasts = await thread.forecast(
    PARTS.map((part) => ({
      series: {
        ...{ seasons: [7], occasions, leastScale: CHANCE },
        values: days.map((day) => sums.get(day)![part]),
      },
      horizon: 1,
      stride: { buckets: 1, most: 56 },
    })),
  );
  return PARTS.flatMap((part, of) => {
    const forecast = forecasts[of]!;
    if (forecast.status !== 'ok') return [];
    return forecast.deviations.map((deviation) => ({
      ...{ measure, part, restaurant: null, deviation },
      day: days[deviation.at]!,
    }));
  });
}
