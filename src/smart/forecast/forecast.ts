/** What a series will come to, what it should have come to, and its seasons. Pure: the same for the same series. */
import { mean } from 'simple-statistics';
import { widthOf, widthsOf } from './band.ts';
import { deviationsOf, type Deviation } from './deviations.ts';
import { fitSeasonal } from './fit.ts';
import { filled } from './filled.ts';
import { roll, type Expected } from './roll.ts';
import { neededBuckets, rootsOf, valueOf, type Series } from './series.ts';

/** null in all three: nobody knows what this occasion will bring. */
export interface Foreseen {
  expected: number | null;
  lower: number | null;
  upper: number | null;
  occasion: string | null;
}

export type Forecast =
  | { status: 'not_enough_data'; needed: number; there: number }
  | {
      status: 'ok';
      next: readonly Foreseen[];
      /** Of the last buckets: what was expected of them when they were to come. */
      past: ReadonlyMap<number, Foreseen>;
      deviations: readonly Deviation[];
      /** Of the shortest season and the longest: the usual part of its mean that each place of it has, from the first place after the data. */
      factors: Readonly<Record<number, readonly number[]>>;
    };

/** Of forecasts that are made of the past: how many buckets apart, and how many at the most. */
export interface Stride {
  buckets: number;
  most: number;
}

export interface Asked {
  series: Series;
  horizon: number;
  stride: Stride;
}

export function forecast({ series, horizon, stride }: Asked): Forecast {
  const started = fromFirst(series);
  const { offset, ...rest } = started;
  const there = rest.values.filter((value) => value !== null).length;
  const needed = neededBuckets(rest.seasons);
  // One more: what was never foreseen has no band.
  if (there < needed || rest.values.length <= needed)
    return { status: 'not_enough_data', needed: needed + 1, there };
  const roots = rootsOf(rest.values);
  const origins = originsOf(rest, stride);
  const rolled = roll(rest, { origins, horizon });
  const [past, present] = [rolled.slice(0, -1), rolled.at(-1)!];
  const widths = widthsOf({ rolled: past, roots, now: roots.length }, horizon);
  const shown = past.flatMap(({ origin, next }, at) =>
    next
      .slice(0, (past[at + 1]?.origin ?? roots.length) - origin)
      .map((expected, ahead) => [offset + origin + ahead, foreseen(expected, widths[ahead]!)] as const),
  );
  return {
    status: 'ok',
    next: present.next.map((expected, ahead) =>
      foreseen(expected, widths[ahead]!, rest.occasions[roots.length + ahead] ?? null),
    ),
    past: new Map(shown),
    deviations: deviationsOf(past, roots, rest.leastScale).map((one) => ({ ...one, at: one.at + offset })),
    factors: Object.fromEntries(rest.seasons.map((season) => [season, factorsOf(rest, season)])),
  };
}

/** Without what was before there was anything. */
function fromFirst(series: Series): Series & { offset: number } {
  const first = series.values.findIndex((value) => value !== null && value > 0);
  const offset = first === -1 ? series.values.length : first;
  const { values, occasions } = series;
  return { ...series, values: values.slice(offset), occasions: occasions.slice(offset), offset };
}

/** The last one is now. */
function originsOf({ values, seasons }: Series, { buckets, most }: Stride): number[] {
  const first = neededBuckets(seasons);
  const count = Math.min(most, Math.floor((values.length - first) / buckets));
  return Array.from({ length: count + 1 }, (_, at) => values.length - (count - at) * buckets);
}

function foreseen(
  expected: Expected | null,
  usualWidth: number,
  occasion = expected?.occasion ?? null,
): Foreseen {
  if (expected === null) return { expected: null, lower: null, upper: null, occasion };
  const width = widthOf(usualWidth, expected.occasion);
  return {
    expected: valueOf(expected.root),
    lower: valueOf(expected.root - width),
    upper: valueOf(expected.root + width),
    occasion,
  };
}

/** What each place of a season has of its mean, without occasions. */
function factorsOf({ values, seasons, occasions }: Series, season: number): number[] {
  const roots = rootsOf(values).map((root, at) => (occasions[at] == null ? root : null));
  const { next } = fitSeasonal({
    roots: filled(roots, Math.max(...seasons)),
    seasons,
    horizon: Math.max(...seasons),
  });
  const places = Array.from({ length: season }, (_, place) =>
    mean(next.filter((_root, at) => at % season === place).map(valueOf)),
  );
  const usual = mean(places);
  return places.map((value) => (usual === 0 ? 1 : value / usual));
}
