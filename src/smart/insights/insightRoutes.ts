import type { AccessControl } from '../../identity/access/accessControl.ts';
import { AppError } from '../../platform/errors.ts';
import { actorOf, identityOf, route, type Route } from '../../platform/http/route.ts';
import { businessDayOf } from '../../platform/clock.ts';
import { dayAfter } from '../../points/statistics/periods.ts';
import { scopeOf } from '../../reports/scope.ts';
import { dismiss } from './dismiss.ts';
import { lastCompleteDay, look, type LookServices } from './look.ts';
import {
  insightPath,
  insightShape,
  insightsQuery,
  insightsShape,
  insightToWire,
  lookShape,
} from './messages.ts';
import { readInsights } from './readInsights.ts';

export interface InsightRoutesServices extends LookServices {
  access: Pick<AccessControl, 'roleOf'>;
}

/** Another look so soon would find the same. */
const FRESH_MS = 60_000;

export function insightRoutes(services: InsightRoutesServices): Route[] {
  /** @throws AppError FORBIDDEN for whoever works in some restaurants alone: insights are of all of them */
  const requireAll = async (input: Parameters<typeof identityOf>[0]) => {
    const { database } = services.trends.services;
    const own = await scopeOf({ database, access: services.access }, identityOf(input), undefined);
    if (own !== undefined)
      throw new AppError('FORBIDDEN', { details: { reason: 'other_restaurant', restaurant_ids: own } });
  };
  return [
    route({
      method: 'get',
      path: '/smart/insights',
      access: 'statistics:read',
      list: { name: 'insights' },
      summary:
        'What the figures say by themselves, newest first, each with its figures and where to see them',
      query: insightsQuery,
      data: insightsShape,
      handle: async (input) => {
        await requireAll(input);
        const { items, ...page } = await readInsights(services.trends.services.database, input.query);
        return { data: { items: items.map(insightToWire), ...page } };
      },
    }),
    route({
      method: 'post',
      path: '/smart/insights/look',
      access: 'statistics:read',
      summary: 'Look now, once a minute at the most: what was found a moment ago is answered with',
      data: lookShape,
      handle: async (input) => {
        await requireAll(input);
        const { clock, businessTimezone } = services.trends.services;
        const yesterday = dayAfter(businessDayOf(clock.nowMs(), businessTimezone), -1);
        const day = (await lastCompleteDay(services)) ?? yesterday;
        const { begun, ...looked } = await look(services, { day, freshMs: FRESH_MS, actor: actorOf(input) });
        return { data: { ...looked, begun_at: begun.toISOString() } };
      },
    }),
    route({
      method: 'post',
      path: '/smart/insights/:id/dismiss',
      access: 'statistics:read',
      summary: 'Put one away; it is not told again as long as it stands',
      refusals: ['NOT_FOUND'],
      params: insightPath,
      data: insightShape,
      handle: async (input) => {
        await requireAll(input);
        const { database, clock } = services.trends.services;
        const dismissing = { actor: actorOf(input), insightId: input.params.id };
        const row = await database.retryingTransaction((tx) => dismiss(tx, dismissing, clock.nowMs()));
        return { data: insightToWire(row) };
      },
    }),
  ];
}
