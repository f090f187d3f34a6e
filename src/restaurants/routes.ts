import { z } from 'zod';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import { restaurantBody, restaurantChange, restaurantPath, restaurantShape } from './messages.ts';
import { changeRestaurant, createRestaurant, listRestaurants, readRestaurant } from './restaurants.ts';

export interface RestaurantRoutesServices {
  database: Database;
  clock: Clock;
  businessTimezone: string;
}

export function restaurantRoutes(services: RestaurantRoutesServices): Route[] {
  const { database, clock } = services;
  return [
    route({
      method: 'get',
      path: '/restaurants',
      access: 'user',
      summary: 'The restaurants of the group',
      data: z.object({ items: z.array(restaurantShape) }),
      handle: async () => ({ data: { items: await listRestaurants(database) } }),
    }),
    route({
      method: 'get',
      path: '/restaurants/:id',
      access: 'user',
      summary: 'A restaurant',
      refusals: ['NOT_FOUND'],
      params: restaurantPath,
      data: restaurantShape,
      handle: async ({ params }) => ({ data: await readRestaurant(database, params.id) }),
    }),
    route({
      method: 'post',
      path: '/admin/restaurants',
      access: 'restaurants:edit',
      summary: 'Add a restaurant, with the conversation that is open to everybody',
      creates: true,
      refusals: ['CONFLICT'],
      body: restaurantBody,
      data: restaurantShape,
      handle: async (input) => {
        const { timezone = services.businessTimezone } = input.body;
        const created = { actor: actorOf(input), body: { ...input.body, timezone } };
        const nowMs = clock.nowMs();
        return { data: await database.retryingTransaction((tx) => createRestaurant(tx, created, nowMs)) };
      },
    }),
    route({
      method: 'put',
      path: '/admin/restaurants/:id',
      access: 'restaurants:edit',
      summary: 'Change what is given of a restaurant; the version that was read is named',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: restaurantPath,
      body: restaurantChange,
      data: restaurantShape,
      handle: async (input) => {
        const { params, body } = input;
        const change = { actor: actorOf(input), restaurantId: params.id, change: body };
        const nowMs = clock.nowMs();
        return { data: await database.retryingTransaction((tx) => changeRestaurant(tx, change, nowMs)) };
      },
    }),
  ];
}
