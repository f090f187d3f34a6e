/** People of the demo with habits of their own: when they come, how often, where to, and what for. Seeded. Pure. */
import type { Chance } from '../../smart/forecast/seededSeries.ts';

export interface Habit {
  /** Which day of the past they join on; below 0: they were there before. */
  joins: number;
  /** Of the day, as a fraction of hours: when they mostly eat. */
  meal: number;
  /** On how many days of a hundred they come, in the mean. */
  visits: number;
  /** By weekday from Monday, about 1. */
  weekdays: readonly number[];
  restaurant: number;
  /** In yuan, in the mean. */
  bill: number;
  checksIn: number;
  /** Draws of a visit, in the mean. */
  draws: number;
  /** How often of a hundred days they look at the pages from home in the evening. */
  browses: number;
}

const WEEKDAYS = {
  office: [1.3, 1.3, 1.3, 1.25, 1.1, 0.4, 0.35],
  family: [0.6, 0.6, 0.7, 0.8, 1.2, 1.7, 1.4],
  any: [0.95, 0.95, 0.95, 1, 1.05, 1.05, 1.05],
} as const;

export function habitsOf(chance: Chance, count: number, days: number): Habit[] {
  return Array.from({ length: count }, () => {
    const kind = chance.pick(['office', 'family', 'family', 'any'] as const);
    return {
      joins: chance.part() < 0.75 ? -1 : Math.floor(chance.between(0, days)),
      meal: kind === 'office' ? chance.between(11.7, 13.2) : chance.between(17.7, 20.2),
      visits: 10 + 45 * chance.part() ** 2,
      weekdays: WEEKDAYS[kind],
      restaurant: chance.pick([0, 0, 1]),
      bill: Math.exp(chance.between(Math.log(45), Math.log(320))),
      checksIn: chance.part(),
      draws: chance.between(0.5, 4),
      browses: 12 + 48 * chance.part() ** 2,
    };
  });
}
