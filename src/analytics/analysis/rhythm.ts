/** Whether something comes again by the day or by the week, and what is unlike the same hours of weeks before. */
import { mean, median, medianAbsoluteDeviation } from 'simple-statistics';

const DAY_HOURS = 24;
export const WEEK_HOURS = 168;
/** A correlation under which nobody would call it a rhythm. */
const TELLING = 0.3;
/** What comes every day comes every week as well: by the week is what does so clearly more. */
const UNLIKE = 0.1;

export interface Rhythm {
  /** Of each hour with the one a day, and a week, later: 1 is the same, 0 has nothing to do with it. */
  by_day: number;
  by_week: number;
  rhythm: 'weekly' | 'daily' | 'none';
}

/** @param hours what there was in each hour, one after the other. @returns undefined where all are the same */
export function rhythmOf(hours: readonly number[]): Rhythm | undefined {
  const by_day = autocorrelation(hours, DAY_HOURS);
  const by_week = autocorrelation(hours, WEEK_HOURS);
  if (by_day === undefined || by_week === undefined) return undefined;
  const isWeekly = by_week >= TELLING && by_week - by_day >= UNLIKE;
  return { by_day, by_week, rhythm: isWeekly ? 'weekly' : by_day >= TELLING ? 'daily' : 'none' };
}

/** As much as one hour says of another is not less for the hours that the end of the series leaves out. */
export function autocorrelation(values: readonly number[], lag: number): number | undefined {
  const pairs = values.length - lag;
  if (pairs < 2) return undefined;
  const middle = mean([...values]);
  const around = values.map((value) => value - middle);
  const spread = around.reduce((sum, value) => sum + value * value, 0) / values.length;
  if (spread === 0) return undefined;
  let sum = 0;
  for (let at = 0; at < pairs; at++) sum += around[at]! * around[at + lag]!;
  return Math.max(-1, Math.min(1, sum / pairs / spread));
}

/** Under so many weeks there is nothing to compare with. */
export const FEWEST_WEEKS = 4;
/** So far from what is usual is no chance: a few hours of a year. */
export const ANOMALOUS = 3.5;
/** By which the median of deviations estimates a standard deviation. */
const PER_DEVIATION = 1.4826;

export interface Deviation {
  usual: number;
  score: number;
}

/**
 * How far a count is from the same hours of weeks before, in robust standard deviations: those of the median, and never less than that of a
 * count that comes by chance, so that two instead of none is nothing.
 */
export function deviationOf(count: number, before: readonly number[]): Deviation | undefined {
  if (before.length < FEWEST_WEEKS) return undefined;
  const usual = median([...before]);
  const spread = Math.max(
    PER_DEVIATION * medianAbsoluteDeviation([...before]),
    Math.sqrt(Math.max(usual, 1)),
  );
  return { usual, score: (count - usual) / spread };
}
