import { z } from 'zod';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { actorOf, route, type Route } from '../../platform/http/route.ts';
import { LIMITS } from '../../platform/limits.ts';
import { integerText, textShape } from '../../platform/shapes.ts';
import { enterHolidays, readHolidays, type HolidayYear } from './holidays.ts';
import type { ListedDay } from './libraryDays.ts';

const yearPath = z.strictObject({ year: integerText({ min: 2000, max: 2100 }) });
const dayShape = z.strictObject({
  date: z.iso.date(),
  kind: z
    .enum(['holiday', 'workday'])
    .meta({ description: 'workday: worked in place of a holiday, whatever its weekday' }),
  name: textShape({ max: 32 }),
});
const daysBody = z.strictObject({
  days: z
    .array(dayShape)
    .max(LIMITS.holidaysPerYear)
    .refine((days) => new Set(days.map(({ date }) => date)).size === days.length, 'has a date twice')
    .meta({ description: 'All of the year; none: what the product brings along counts again' }),
});
const yearShape = z.object({
  year: z.int(),
  source: z
    .enum(['table', 'library', 'none'])
    .meta({ description: 'none: nobody knows, and no holiday bonus is given in this year' }),
  days: z.array(z.object({ ...dayShape.shape, name: z.string() })),
});

export interface HolidayServices {
  database: Database;
  clock: Clock;
}

/** The calendar that a bonus for holidays goes by (RP-13). */
export function holidayRoutes({ database, clock }: HolidayServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/holidays/:year',
      access: 'rules:read',
      summary: 'The holidays of a year and the days worked in place of them, and where they are known from',
      params: yearPath,
      data: yearShape,
      handle: async ({ params }) => ({
        data: toWire(await readHolidays(database.currentReader, params.year)),
      }),
    }),
    route({
      method: 'put',
      path: '/admin/holidays/:year',
      access: 'rules:write',
      summary: 'Enter the holidays of a year, in place of all that was entered for it',
      params: yearPath,
      body: daysBody,
      data: yearShape,
      handle: async (input) => {
        const { year } = input.params;
        const days = input.body.days.map(({ date, kind, name }): ListedDay => ({ day: date, kind, name }));
        const entered = { actor: actorOf(input), year, days };
        return {
          data: toWire(await database.retryingTransaction((tx) => enterHolidays(tx, entered, clock.nowMs()))),
        };
      },
    }),
  ];
}

function toWire({ year, source, days }: HolidayYear) {
  return { year, source, days: days.map(({ day, kind, name }) => ({ date: day, kind, name })) };
}
