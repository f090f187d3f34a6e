import type { AccessControl } from '../../identity/access/accessControl.ts';
import { rangeOf } from '../../lottery/statistics/range.ts';
import { AppError } from '../../platform/errors.ts';
import { identityOf, route, type Route } from '../../platform/http/route.ts';
import { scopeOf } from '../../reports/scope.ts';
import { BAND } from '../forecast/band.ts';
import { answerOf } from './answer.ts';
import { HORIZONS, measureOf, type MeasureName, type Split, type TrendPeriod } from './measures.ts';
import { trendsQuery, trendsShape } from './messages.ts';
import type { Trends } from './trends.ts';

export interface TrendRoutesServices {
  trends: Trends;
  access: Pick<AccessControl, 'roleOf'>;
}

export function trendRoutes(services: TrendRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/smart/trends',
      access: 'statistics:read',
      summary:
        'What a measure came to by hour, day, week or month, what it will come to, its seasons, and what was no chance',
      refusals: ['NOT_FOUND'],
      query: trendsQuery,
      data: trendsShape,
      handle: async (input) => {
        const { measure, period, by: split, term, restaurant_id: asked, from, to } = input.query;
        const { trends, access } = services;
        const { database, clock, calendar, businessTimezone } = trends.services;
        refuseUncounted({ measure, period, split, restaurantId: asked });
        const scope = await scopeOf({ database, access }, identityOf(input), asked);
        const { isPlaced, isMean, unit } = measureOf(measure);
        if (scope !== undefined && isPlaced !== true)
          throw new AppError('FORBIDDEN', {
            details: { reason: 'other_restaurant', restaurant_ids: scope },
          });
        const window = rangeOf({ period, from, to }, calendar, clock.nowMs());
        const horizon = HORIZONS[period][term];
        const trend = await trends.read({ measure, period, split, scope });
        return {
          data: {
            ...{ measure, period, term, by: split, unit },
            is_mean: isMean === true && (period === 'week' || period === 'month'),
            business_timezone: businessTimezone,
            band: BAND,
            restaurant_ids: scope === undefined ? null : [...scope],
            ...answerOf(trend, { period, ...window, horizon, timezone: businessTimezone }),
          },
        };
      },
    }),
  ];
}

interface AskedOf {
  measure: MeasureName;
  period: TrendPeriod;
  split: Split;
  restaurantId: number | undefined;
}

/** @throws AppError VALIDATION_FAILED for what nobody counts */
function refuseUncounted({ measure, period, split, restaurantId }: AskedOf): void {
  const { isHourly, isPlaced, splits } = measureOf(measure);
  if (period === 'hour' && isHourly !== true) throw refusal('period', `${measure} is not counted by hours`);
  if (restaurantId !== undefined && isPlaced !== true)
    throw refusal('restaurant_id', `${measure} is not told of single restaurants`);
  if (!splits.includes(split)) throw refusal('by', `${measure} is told by ${splits.join(', ')}`);
}

function refusal(path: string, message: string): AppError {
  return new AppError('VALIDATION_FAILED', { details: [{ path, message }] });
}
