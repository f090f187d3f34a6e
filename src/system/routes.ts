/** What is told of the server itself. */
import type { Market } from '../draw/market.ts';
import type { Clock } from '../platform/clock.ts';
import { route, type Route } from '../platform/http/route.ts';
import { toWireTime } from '../platform/shapes.ts';
import { VERSION } from '../platform/version.ts';
import { aboutShape } from './messages.ts';

export interface SystemRoutesServices {
  clock: Clock;
  businessTimezone: string;
  market: Market;
}

export function systemRoutes({ clock, businessTimezone, market }: SystemRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/about',
      access: 'public',
      summary: 'What a page has to know of the server: where its days begin, and what it is',
      keptSeconds: 60,
      data: aboutShape,
      handle: async () => ({
        data: {
          business_timezone: businessTimezone,
          market,
          version: VERSION,
          now: toWireTime(clock.nowMs()),
        },
      }),
    }),
  ];
}
