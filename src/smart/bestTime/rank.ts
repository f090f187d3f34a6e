/** Which hours of the week are the best ones, as far as what was counted can tell. Pure. */
import { DateTime } from 'luxon';
import { probit } from 'simple-statistics';

export interface Counted {
  startMs: number;
  entries: number;
}

export interface Slot {
  /** Monday is 1. */
  weekday: number;
  hour: number;
  entries: number;
  /** Of all, with the bounds between which it lies (Wilson, 90 %). */
  share: number;
  lower: number;
  upper: number;
}

const LEVEL = 0.9;
const SLOTS = 168;

/** All hours of the week, from Monday at midnight. */
export function slotsOf(counted: readonly Counted[], zone: string): Slot[] {
  const entries = Array.from({ length: SLOTS }, () => 0);
  for (const one of counted) {
    const { weekday, hour } = DateTime.fromMillis(one.startMs, { zone });
    entries[(weekday - 1) * 24 + hour]! += one.entries;
  }
  const all = entries.reduce((sum, of) => sum + of, 0);
  return entries.map((of, at) => ({
    ...{ weekday: Math.floor(at / 24) + 1, hour: at % 24, entries: of },
    ...wilson(of, all),
  }));
}

function wilson(entries: number, all: number): Pick<Slot, 'share' | 'lower' | 'upper'> {
  if (all === 0) return { share: 0, lower: 0, upper: 1 };
  const z = probit((1 + LEVEL) / 2);
  const share = entries / all;
  const middle = share + z ** 2 / (2 * all);
  const width = z * Math.sqrt((share * (1 - share)) / all + z ** 2 / (4 * all ** 2));
  const scale = 1 + z ** 2 / all;
  const of = (value: number) => Number(Math.min(1, Math.max(0, value / scale)).toFixed(5));
  return { share: Number(share.toFixed(5)), lower: of(middle - width), upper: of(middle + width) };
}

export type QuietHours = { from: string; to: string } | null;

/** Whether any of an hour is quiet. */
export function isQuietHour(hour: number, quiet: QuietHours): boolean {
  if (quiet === null) return false;
  const { from, to } = quiet;
  const text = String(hour).padStart(2, '0');
  return [`${text}:00`, `${text}:59`].some((time) =>
    from < to ? time >= from && time < to : time >= from || time < to,
  );
}

const BEST = 5;
/** Of fewer, or of fewer days, nothing is concluded of somebody. */
const LEAST_ENTRIES = 20;
const LEAST_DAYS = 6;

export function isEnough(counted: readonly Counted[], zone: string): boolean {
  const days = new Set(counted.map(({ startMs }) => DateTime.fromMillis(startMs, { zone }).toISODate()));
  return counted.length >= LEAST_ENTRIES && days.size >= LEAST_DAYS;
}

export interface Ranked {
  entries: number;
  best: (Slot & { is_quiet: boolean })[];
  hours: (Slot & { is_quiet: boolean })[];
}

/** By what they are at least: an hour that was good once is not before one that is good each week. */
export function rankedOf(
  counted: readonly Counted[],
  zone: string,
  isQuiet: (hour: number) => boolean,
): Ranked {
  const hours = slotsOf(counted, zone).map((slot) => ({ ...slot, is_quiet: isQuiet(slot.hour) }));
  const best = hours
    .filter(({ entries, is_quiet: isIt }) => entries > 0 && !isIt)
    .toSorted(
      (a, b) => b.lower - a.lower || b.entries - a.entries || a.weekday - b.weekday || a.hour - b.hour,
    );
  return { entries: hours.reduce((sum, { entries }) => sum + entries, 0), best: best.slice(0, BEST), hours };
}
