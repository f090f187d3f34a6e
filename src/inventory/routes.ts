import { longPageToWire } from '../admin/longPage.ts';
import { requireUsers } from '../identity/people/knownUsers.ts';
import { identityOf, route, type Route } from '../platform/http/route.ts';
import { movedOnce } from '../platform/http/movedOnce.ts';
import { allItemsRoute } from './allItemRoutes.ts';
import { claimItem } from './claim.ts';
import { deliveryRoutes } from './deliveryRoutes.ts';
import {
  claimBody,
  claimedShape,
  itemPath,
  myPrizesQuery,
  myPrizesShape,
  ratedShape,
  ratingBody,
  shownCodeShape,
  userPath,
  userPrizesShape,
} from './messages.ts';
import { listWonPrizes, rateItem } from './myPrizes.ts';
import { ownItemRoutes } from './ownItemRoutes.ts';
import { redemptionRoutes } from './redemptionRoutes.ts';
import { shownCode } from './shownCode.ts';
import type { InventoryServices } from './services.ts';
import { othersPrizeToWire, wonPrizeToWire } from './wire.ts';

/** What people have won, and what becomes of it. */
export function inventoryRoutes(services: InventoryServices): Route[] {
  return [
    myPrizesRoute(services),
    userPrizesRoute(services),
    claimRoute(services),
    codeRoute(services),
    ratingRoute(services),
    ...ownItemRoutes(services),
    allItemsRoute(services),
    ...redemptionRoutes(services),
    ...deliveryRoutes(services),
  ];
}

function myPrizesRoute({ database }: InventoryServices): Route {
  return route({
    method: 'get',
    path: '/lottery/my-prizes',
    access: 'user',
    summary: 'What I have won, newest first',
    query: myPrizesQuery,
    data: myPrizesShape,
    handle: async (input) => {
      const page = await listWonPrizes(database, identityOf(input).userId, input.query);
      return { data: longPageToWire(page, wonPrizeToWire) };
    },
  });
}

function userPrizesRoute({ database }: InventoryServices): Route {
  return route({
    method: 'get',
    path: '/admin/users/:id/prizes',
    access: 'users:read',
    list: { name: 'won-prizes' },
    summary: 'What a user has won, newest first',
    refusals: ['NOT_FOUND'],
    params: userPath,
    query: myPrizesQuery,
    data: userPrizesShape,
    handle: async ({ params, query }) => {
      await requireUsers({ manager: database.currentReader }, [params.id]);
      return { data: longPageToWire(await listWonPrizes(database, params.id, query), othersPrizeToWire) };
    },
  });
}

function claimRoute(services: InventoryServices): Route {
  return route({
    method: 'post',
    path: '/lottery/claim',
    access: 'user',
    summary: 'Claim what a draw has given, to have it sent or to fetch it',
    idempotencyKey: 'optional',
    refusals: ['NOT_FOUND', 'CONFLICT', 'PRIZE_ALREADY_CLAIMED', 'PRIZE_EXPIRED'],
    body: claimBody,
    data: claimedShape,
    handle: async (input) => {
      const { database, itemCodes } = services;
      const { draw_id: drawId, delivery_info: info } = input.body;
      const address = info === undefined || 'pickup' in info ? undefined : info;
      // The code is no part of what is kept of the answer: it is stored as a hash alone.
      const { data: item, replayed = false } = await movedOnce(services, input, async (tx, userId, nowMs) => {
        const claimed = await claimItem(tx, itemCodes, { userId, drawId, address }, nowMs);
        const { inventory_id, prize_id, coupon_no } = claimed;
        return { inventory_id, prize_id, coupon_no };
      });
      const code = await itemCodes.textOf(database.currentReader, item);
      return { data: { item_id: item.inventory_id, status: 'claimed' as const, code }, replayed };
    },
  });
}

function codeRoute(services: InventoryServices): Route {
  return route({
    method: 'get',
    path: '/lottery/my-prizes/:item_id/code',
    access: 'user',
    summary: 'The code of something that I have won, and its picture of the moment',
    refusals: ['NOT_FOUND', 'CONFLICT', 'PRIZE_EXPIRED'],
    params: itemPath,
    data: shownCodeShape,
    handle: async (input) => {
      const asked = { userId: identityOf(input).userId, itemId: input.params.item_id };
      return { data: await shownCode(services, { ...asked, source: 'lottery' }) };
    },
  });
}

function ratingRoute({ database, clock }: InventoryServices): Route {
  return route({
    method: 'post',
    path: '/lottery/my-prizes/:item_id/rating',
    access: 'user',
    summary: 'Say once how I liked something that I was given',
    refusals: ['NOT_FOUND', 'CONFLICT'],
    params: itemPath,
    body: ratingBody,
    data: ratedShape,
    handle: async (input) => {
      const { item_id: itemId } = input.params;
      const { rating } = input.body;
      const rated = { userId: identityOf(input).userId, itemId, rating };
      await database.retryingTransaction((tx) => rateItem(tx, rated, clock.nowMs()));
      return { data: { item_id: itemId, rating } };
    },
  });
}
