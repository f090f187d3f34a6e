/*
 * How good forecasts are, on weeks that they did not know: from each of the last weeks of a series the days after it are forecast with
 * nothing but what was known by then, bands too, and held against what came.
 */
import { widthOf, widthsOf } from './band.ts';
import { roll } from './roll.ts';
import { neededBuckets, rootsOf, valueOf, type Series } from './series.ts';

export interface Score {
  /** Symmetric mean absolute percentage error, of the forecast and of taking what was a season ago. From 0 to 2. */
  smape: number;
  naiveSmape: number;
  /** How many of the held-out values lie in the 90 % band. */
  coverage: number;
  /** How many were held against it. */
  values: number;
}

export interface Evaluated {
  series: Series;
  horizon: number;
  /** Weeks that are held out. */
  heldOut: number;
  /** Forecasts of the past that a band is measured by. */
  measured: number;
}

const WEEK = 7;

interface Held {
  error: number;
  naiveError: number;
  isInside: boolean;
}

/** @throws Error for a series that is too short to hold anything out */
export function evaluate(cases: readonly Evaluated[]): Score {
  const held = cases.flatMap(heldOutOf);
  if (held.length === 0) throw new Error('there is nothing to hold the forecast against');
  const meanOf = (of: (one: Held) => number) => held.reduce((sum, one) => sum + of(one), 0) / held.length;
  return {
    smape: meanOf(({ error }) => error),
    naiveSmape: meanOf(({ naiveError }) => naiveError),
    coverage: meanOf(({ isInside }) => Number(isInside)),
    values: held.length,
  };
}

function heldOutOf({ series, horizon, heldOut, measured }: Evaluated): Held[] {
  const roots = rootsOf(series.values);
  const season = series.seasons[0]!;
  const last = roots.length - WEEK;
  const first = Math.max(neededBuckets(series.seasons), last - (heldOut + measured - 1) * WEEK);
  const count = Math.floor((last - first) / WEEK) + 1;
  const origins = Array.from({ length: count }, (_, at) => last - (count - 1 - at) * WEEK);
  const rolled = roll(series, { origins, horizon });
  return rolled.flatMap(({ origin, next }, at) => {
    if (at < count - heldOut || at < 1) return [];
    const widths = widthsOf({ rolled: rolled.slice(0, at), roots, now: origin }, horizon);
    return next.flatMap((expected, ahead) => {
      const [value, naive] = [series.values[origin + ahead], naiveOf(series, origin, ahead, season)];
      if (expected === null || value == null || naive == null) return [];
      const width = widthOf(widths[ahead]!, expected.occasion);
      return [
        {
          error: smapeOf(value, valueOf(expected.root)),
          naiveError: smapeOf(value, naive),
          isInside: value >= valueOf(expected.root - width) && value <= valueOf(expected.root + width),
        },
      ];
    });
  });
}

/** The same place of the last season that was known. */
function naiveOf(
  { values }: Series,
  origin: number,
  ahead: number,
  season: number,
): number | null | undefined {
  return values[origin - season + (ahead % season)];
}

function smapeOf(value: number, forecast: number): number {
  const size = Math.abs(value) + Math.abs(forecast);
  return size === 0 ? 0 : (2 * Math.abs(value - forecast)) / size;
}

/** At least a tenth better than what was a season ago; no narrower and no wider than said. */
export function isGood({ smape, naiveSmape, coverage }: Score): boolean {
  return smape <= 0.9 * naiveSmape && coverage >= 0.85 && coverage <= 0.95;
}
