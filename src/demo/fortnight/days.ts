/** What people do on a day, in the order of its minutes. Pure. */
import type { Chance } from '../../smart/forecast/seededSeries.ts';
import type { Habit } from './people.ts';

export type Deed = { person: number; minute: number } & (
  | { kind: 'page'; name: string; dwellMs: number }
  | { kind: 'check_in' }
  | { kind: 'bill'; amount: number; restaurant: number }
  | { kind: 'draw' }
);

export interface DayOf {
  day: number;
  /** 0 is Monday. */
  weekday: number;
  /** From this minute on the network is down for seven of ten: what needs it does not happen. */
  brokenFrom: number | undefined;
}

/** Of what is done on the pages, this is missing. */
const BROKEN = 0.7;
const EVENING = 17 * 60;
const LAST_MINUTE = 24 * 60 - 1;

export function deedsOf(chance: Chance, habits: readonly Habit[], of: DayOf): Deed[] {
  const deeds = habits.flatMap((habit, person): Deed[] => {
    if (habit.joins >= of.day) return [];
    const weekday = habit.weekdays[of.weekday]!;
    const comes = chance.part() < (habit.visits / 100) * weekday;
    const browses = chance.part() < habit.browses / 100;
    return [...(comes ? visitOf(chance, habit, person) : []), ...(browses ? browsingOf(chance, person) : [])];
  });
  const left = deeds.filter(({ kind, minute }) => {
    const isOnline = kind === 'page' || kind === 'draw';
    return !isOnline || of.brokenFrom === undefined || minute < of.brokenFrom || chance.part() >= BROKEN;
  });
  return left.sort((a, b) => a.minute - b.minute || a.person - b.person);
}

function visitOf(chance: Chance, habit: Habit, person: number): Deed[] {
  const arrives = (habit.meal + 0.5 * chance.normal()) * 60;
  const at = (minutes: number) => Math.round(Math.min(LAST_MINUTE, Math.max(8 * 60, arrives + minutes)));
  const page = (minutes: number, name: string): Deed => ({
    ...{ person, kind: 'page', minute: at(minutes), name },
    dwellMs: Math.round(chance.between(3, 60) * 1000),
  });
  const draws = Array.from({ length: chance.count(habit.draws) }, (_, no): Deed => ({
    ...{ person, kind: 'draw', minute: at(30 + no) },
  }));
  const amount = Math.round(habit.bill * Math.exp(0.3 * chance.normal()) * 100);
  return [
    page(0, 'home'),
    ...(chance.part() < habit.checksIn ? [{ person, kind: 'check_in', minute: at(2) } as const] : []),
    ...(draws.length > 0 ? [page(29, 'campaign'), ...draws] : []),
    ...(chance.part() < 0.3 ? [page(35, 'products')] : []),
    { person, kind: 'bill', minute: at(65), amount, restaurant: habit.restaurant },
    ...(chance.part() < 0.4 ? [page(68, 'points')] : []),
  ];
}

function browsingOf(chance: Chance, person: number): Deed[] {
  const start = Math.min(LAST_MINUTE - 9, Math.round(EVENING + chance.between(60, 330)));
  return ['home', chance.pick(['campaign', 'products', 'points', 'inbox'])].map((name, at) => ({
    ...{ person, kind: 'page', minute: start + at * 2, name },
    dwellMs: Math.round(chance.between(3, 90) * 1000),
  }));
}
