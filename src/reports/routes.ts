import { businessDayOf } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { actorOf, identityOf, route, type Route } from '../platform/http/route.ts';
import { toWireTime } from '../platform/shapes.ts';
import { dayAfter } from '../points/statistics/periods.ts';
import { readDaily } from './daily.ts';
import { dailyQuery, dailyShape, daysQuery, daysShape, subscriptionShape } from './messages.ts';
import { daysBetween, readDays, type ReadingServices } from './readDays.ts';
import { scopeOf, type ScopeServices } from './scope.ts';
import { readSubscription, subscribe } from './subscriptions.ts';

export type ReportRoutesServices = ReadingServices & ScopeServices;

/** The most days of one answer, and how many there are without a word. */
const MOST_DAYS = 366;
const USUAL_DAYS = 30;

export function reportRoutes(services: ReportRoutesServices): Route[] {
  return [dailyRoute(services), daysRoute(services), ...subscriptionRoutes(services)];
}

function dailyRoute(services: ReportRoutesServices): Route {
  return route({
    method: 'get',
    path: '/admin/reports/daily',
    access: 'statistics:read',
    summary:
      'What a business day came to, beside the same weekday of the weeks before; of the staff, their restaurants',
    refusals: ['NOT_FOUND'],
    query: dailyQuery,
    data: dailyShape,
    handle: async (input) => {
      const { date, restaurant_id: asked } = input.query;
      const scope = await scopeOf(services, identityOf(input), asked);
      const today = todayOf(services);
      const day = date ?? dayAfter(today, -1);
      if (day > today) throw refusal('date', 'has not begun');
      return { data: await readDaily(services, day, scope) };
    },
  });
}

function daysRoute(services: ReportRoutesServices): Route {
  return route({
    method: 'get',
    path: '/admin/reports/days',
    access: 'statistics:read',
    summary: 'What each of some business days came to; of the staff, their restaurants',
    refusals: ['NOT_FOUND'],
    list: { name: 'reports' },
    query: daysQuery,
    data: daysShape,
    handle: async (input) => {
      const { restaurant_id: asked, to = todayOf(services), ...range } = input.query;
      const { from = dayAfter(to, 1 - USUAL_DAYS) } = range;
      if (from > to) throw refusal('from', 'must not be after `to`');
      if (dayAfter(from, MOST_DAYS) <= to)
        throw refusal('from', `must be less than ${MOST_DAYS} days before \`to\``);
      const scope = await scopeOf(services, identityOf(input), asked);
      const { rows, countedToMs } = await readDays(services, daysBetween(from, to), scope);
      return {
        data: {
          business_timezone: services.businessTimezone,
          counted_to: toWireTime(countedToMs),
          restaurant_ids: scope === undefined ? null : [...scope],
          items: rows,
        },
      };
    },
  });
}

function subscriptionRoutes({ database, clock, businessTimezone: timezone }: ReportRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/reports/subscription',
      access: 'statistics:read',
      summary: 'At which hours I am told of the day, and the week, that is over',
      data: subscriptionShape,
      handle: async (input) => ({ data: await readSubscription(database, identityOf(input).userId) }),
    }),
    route({
      method: 'put',
      path: '/admin/reports/subscription',
      access: 'statistics:read',
      summary: 'Say at which hours I am told of the day, and the week, that is over',
      body: subscriptionShape,
      data: subscriptionShape,
      handle: async (input) => {
        const subscribing = { actor: actorOf(input), subscription: input.body, timezone };
        const nowMs = clock.nowMs();
        return { data: await database.retryingTransaction((tx) => subscribe(tx, subscribing, nowMs)) };
      },
    }),
  ];
}

function todayOf({ clock, businessTimezone }: ReadingServices): string {
  return businessDayOf(clock.nowMs(), businessTimezone);
}

function refusal(path: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', { details: [{ path, message }] });
}
