/** What forecasts are tried on: seeded series of three years with the festivals of China, or days that somebody has. */
import { libraryDaysOf, type ListedDay } from '../../points/holidays/libraryDays.ts';
import { dayAfter } from '../../points/statistics/periods.ts';
import type { Evaluated } from './evaluation.ts';
import { occasionsOf, type Occasions } from './occasions.ts';
import { seededSeries, type DatedValue } from './seededSeries.ts';
import { CHANCE } from './series.ts';

const DAYS = 1000;
/** Its end: the library knows the festivals until then. */
const UNTIL = '2026-03-31';
/** Forecasts of the past that a band is measured by: half a year. */
const MEASURED = 26;
const NEAR = 5;

export interface SeededCases {
  count: number;
  seed: string;
  heldOut: number;
  horizon: number;
}

/** Each ends at another time of the year, so that festivals are among the weeks that are held out. */
export function seededCases({ count, seed, heldOut, horizon }: SeededCases): Evaluated[] {
  const listed = listedBetween('2022-01-01', UNTIL);
  const festivalOn = festivalsOf(listed);
  return Array.from({ length: count }, (_, at) => {
    const from = dayAfter(UNTIL, -DAYS - Math.floor((at * 365) / count));
    const days = seededSeries({ seed: `${seed}:${at}`, from, days: DAYS, festivalOn });
    return caseOf(days, { heldOut, horizon });
  });
}

/** Days without a line are gaps. */
export function caseOf(
  days: readonly DatedValue[],
  { heldOut, horizon }: Pick<Evaluated, 'heldOut' | 'horizon'>,
): Evaluated {
  const byDay = new Map(days.map(({ day, value }) => [day, value]));
  const sorted = [...byDay.keys()].sort();
  const [first, last] = [sorted[0]!, sorted.at(-1)!];
  const occasions: Occasions = occasionsOf(listedBetween(first, dayAfter(last, horizon)));
  const all: string[] = [];
  for (let day = first; day <= last; day = dayAfter(day)) all.push(day);
  const coming = Array.from({ length: horizon }, (_, at) => dayAfter(last, at + 1));
  const series = {
    values: all.map((day) => byDay.get(day) ?? null),
    seasons: [7],
    occasions: [...all, ...coming].map((day) => occasions.get(day) ?? null),
    leastScale: CHANCE,
  };
  return { series, horizon, heldOut, measured: MEASURED };
}

function listedBetween(from: string, to: string): ListedDay[] {
  const days: ListedDay[] = [];
  for (let year = Number(from.slice(0, 4)); year <= Number(to.slice(0, 4)) + 1; year++)
    days.push(...(libraryDaysOf(year) ?? []));
  return days;
}

/** Which festival is on, or near: away from its nearest day off. */
function festivalsOf(listed: readonly ListedDay[]) {
  const near = new Map<string, { name: string; away: number }>();
  for (const { day, name, kind } of listed)
    for (let away = -NEAR; kind === 'holiday' && away <= NEAR; away++) {
      const other = dayAfter(day, away);
      const known = near.get(other);
      if (known === undefined || Math.abs(away) < known.away) near.set(other, { name, away: Math.abs(away) });
    }
  return (day: string) => near.get(day);
}
