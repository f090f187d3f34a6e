/*
 * Trends: what was counted, what will come, and what was no chance. Each is worked out from rows that are counted already, on the thread
 * of forecasts, and kept for a while: whoever asks meanwhile is answered with the same, and whoever asks while it is worked out waits for
 * that. So nobody starts it twice, however often they ask.
 */
import { BoundedReads } from '../../platform/boundedReads.ts';
import { CHANCE } from '../forecast/series.ts';
import type { Asked, Forecast, Stride } from '../forecast/forecast.ts';
import type { ForecastThread } from '../forecast/thread.ts';
import { LIMITS } from '../../platform/limits.ts';
import { businessDayOf } from '../../platform/clock.ts';
import { spansOf, type Counted, type Span } from './buckets.ts';
import { HORIZONS, measureOf, SEASONS, type TrendPeriod } from './measures.ts';
import { occasionOfSpan, readOccasions } from './occasions.ts';
import { readSeries, type AskedSeries, type SeriesServices } from './readSeries.ts';

export interface TrendServices extends SeriesServices {
  thread: Pick<ForecastThread, 'forecast'>;
}

export interface Trend {
  counted: Counted;
  /** Those to come, from the first that is not complete. */
  coming: readonly Span[];
  /** Of the counted ones and those to come, in one line. */
  occasions: readonly (string | null)[];
  /** By key, as `counted.series`. */
  forecasts: ReadonlyMap<string, Forecast>;
}

/** Counts of a few minutes ago are as good as those of now. */
const KEPT_MS = 5 * 60_000;
/** Weekly looks back half a year; of the first months daily ones, which are more. */
const YOUNG_DAYS = 120;

interface Kept {
  atMs: number;
  answer: Promise<Trend>;
}

export class Trends {
  private readonly kept = new Map<string, Kept>();
  private readonly reads = new BoundedReads<Trend>({ atOnce: 1, waiting: LIMITS.waitingTrends });

  constructor(readonly services: TrendServices) {}

  /** @throws AppError BUSY while too many others wait to be worked out */
  read(asked: AskedSeries): Promise<Trend> {
    const { clock, businessTimezone } = this.services;
    const key = JSON.stringify([asked.measure, asked.period, asked.split, asked.scope ?? null]);
    const nowMs = clock.monotonicMs();
    // A day that is over by now is complete.
    const day = businessDayOf(clock.nowMs(), businessTimezone);
    const name = `${day} ${key}`;
    const known = this.kept.get(name);
    if (known !== undefined && nowMs - known.atMs < KEPT_MS) return known.answer;
    const answer = this.reads.read(name, () => workOut(this.services, asked));
    const kept = { atMs: nowMs, answer };
    this.kept.delete(name);
    this.kept.set(name, kept);
    answer.catch(() => this.kept.get(name) === kept && this.kept.delete(name));
    for (const [oldest] of this.kept) {
      if (this.kept.size <= LIMITS.keptTrends) break;
      this.kept.delete(oldest);
    }
    return answer;
  }
}

export async function workOut(services: TrendServices, asked: AskedSeries): Promise<Trend> {
  const { database, calendar, thread } = services;
  const { measure, period } = asked;
  const counted = await readSeries(services, asked);
  const { spans, complete } = counted;
  const horizon = HORIZONS[period].medium;
  const firstMs = spans[complete]?.startMs ?? spans.at(-1)?.endMs ?? services.clock.nowMs();
  const coming = spansOf(calendar, period, firstMs, horizon);
  const range = { from: dayOf(spans[0] ?? coming[0]!), to: dayOf(coming.at(-1)!) };
  const listed = await readOccasions(database.currentReader, range);
  const occasions = [...spans.slice(0, complete), ...coming].map((span) =>
    occasionOfSpan(span, period, { occasions: listed, calendar }),
  );
  const keys = [...counted.series.keys()];
  const leastScale = measureOf(measure).isAmount === true ? 0 : CHANCE;
  const forecasts = await thread.forecast(
    keys.map((key): Asked => {
      const values = counted.series.get(key)!.slice(0, complete);
      const series = { values, seasons: SEASONS[period], occasions, leastScale };
      return { series, horizon, stride: strideOf(period, values) };
    }),
  );
  return { counted, coming, occasions, forecasts: new Map(keys.map((key, at) => [key, forecasts[at]!])) };
}

function dayOf({ starts }: Span): string {
  return starts.slice(0, 10);
}

function strideOf(period: TrendPeriod, values: readonly (number | null)[]): Stride {
  if (period === 'hour') return { buckets: 24, most: 14 };
  if (period === 'week') return { buckets: 1, most: 52 };
  if (period === 'month') return { buckets: 1, most: 24 };
  const first = values.findIndex((value) => value !== null && value > 0);
  const isYoung = first === -1 || values.length - first < YOUNG_DAYS;
  return isYoung ? { buckets: 1, most: 56 } : { buckets: 7, most: 26 };
}
