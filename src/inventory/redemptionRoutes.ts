/** What staff do with codes, and who works where. */
import { maskNickname } from '../identity/login/mask.ts';
import { requireUsers } from '../identity/people/knownUsers.ts';
import { readNicknames } from '../lottery/standings.ts';
import { actorOf, identityOf, route, type Route } from '../platform/http/route.ts';
import { toWirePoints } from '../platform/shapes.ts';
import {
  itemPath,
  redeemedShape,
  redemptionBody,
  restaurantsBody,
  restaurantsShape,
  userPath,
  voidBody,
  voidedShape,
} from './messages.ts';
import { redeem } from './redemption.ts';
import { findRestaurants, setRestaurants } from './restaurantStaff.ts';
import type { InventoryServices } from './services.ts';
import { voidItem } from './voidItem.ts';

export function redemptionRoutes(services: InventoryServices): Route[] {
  return [redeemRoute(services), voidRoute(services), ...restaurantRoutes(services)];
}

function redeemRoute(services: InventoryServices): Route {
  const { database, access } = services;
  return route({
    method: 'post',
    path: '/admin/redemptions',
    access: 'prizes:redeem',
    summary: 'Give somebody what they have won, by the code or the picture that they show',
    idempotencyKey: 'optional',
    looksAtRestaurant: true,
    refusals: ['NOT_FOUND', 'CONFLICT', 'PRIZE_EXPIRED'],
    body: redemptionBody,
    data: redeemedShape,
    handle: async (input) => {
      const caller = identityOf(input);
      const { result, replayed } = await redeem(services, {
        // Whoever runs campaigns redeems for all restaurants.
        redeemer: {
          userId: caller.userId,
          restaurantId: caller.restaurantId,
          isEverywhere: access.can(caller, 'campaigns:operate'),
        },
        actor: actorOf(input),
        code: input.body.code,
        restaurantId: input.body.restaurant_id,
        key: input.request.get('Idempotency-Key'),
      });
      const { itemId, userId, name, type, value } = result;
      const nicknames = await readNicknames(database, [userId]);
      const user = maskNickname(nicknames.get(userId) ?? '');
      const data = { item_id: itemId, name, type, value: toWirePoints(value), user };
      return { data: { ...data, status: 'redeemed' as const }, replayed };
    },
  });
}

function voidRoute({ database, clock }: InventoryServices): Route {
  return route({
    method: 'post',
    path: '/admin/prizes/won/:item_id/void',
    access: 'campaigns:operate',
    summary: 'Make something that was won worth nothing, as after a fraud',
    refusals: ['NOT_FOUND', 'CONFLICT'],
    params: itemPath,
    body: voidBody,
    data: voidedShape,
    handle: async (input) => {
      const { item_id: itemId } = input.params;
      const voided = { actor: actorOf(input), itemId, reason: input.body.reason };
      await database.retryingTransaction((tx) => voidItem(tx, voided, clock.nowMs()));
      return { data: { item_id: itemId, status: 'void' as const } };
    },
  });
}

function restaurantRoutes(services: InventoryServices): Route[] {
  const place = { path: '/admin/users/:id/restaurants', access: 'users:operate', params: userPath } as const;
  return [
    route({
      ...place,
      method: 'get',
      summary: 'Where a user works',
      refusals: ['NOT_FOUND'],
      data: restaurantsShape,
      handle: async ({ params }) => {
        const manager = services.database.currentReader;
        await requireUsers({ manager }, [params.id]);
        const restaurantIds = await findRestaurants(manager, params.id);
        return { data: { user_id: params.id, restaurant_ids: restaurantIds } };
      },
    }),
    route({
      ...place,
      method: 'put',
      summary: 'Say where a user works: prizes of other restaurants alone they cannot redeem',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      body: restaurantsBody,
      data: restaurantsShape,
      handle: async (input) => {
        const { id: userId } = input.params;
        const { restaurant_ids: restaurantIds } = input.body;
        const ids = await setRestaurants(services, { actor: actorOf(input), userId, restaurantIds });
        return { data: { user_id: userId, restaurant_ids: ids } };
      },
    }),
  ];
}
