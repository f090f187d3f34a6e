/** What people own, for whoever serves them. */
import { z } from 'zod';
import { longPageToWire } from '../admin/longPage.ts';
import { maskNickname } from '../identity/login/mask.ts';
import { readPublicPeople } from '../identity/people/publicPeople.ts';
import { route, type Route } from '../platform/http/route.ts';
import { idShape, idText, longPageOf } from '../platform/shapes.ts';
import { picturesOf } from './itemPictures.ts';
import { listItems } from './listItems.ts';
import { itemShape, itemsQuery, itemToWire } from './ownItemRoutes.ts';
import type { InventoryServices } from './services.ts';

const allItemsQuery = itemsQuery.extend({
  user_id: idText.optional(),
  restaurant_id: idText.optional().meta({ description: 'Where it was given out' }),
});

const ownedShape = itemShape.extend({
  user_id: idShape,
  user: z.string().meta({ description: 'The nickname, masked' }),
  redeemed_restaurant_id: idShape.nullable(),
});

export function allItemsRoute({ database }: InventoryServices): Route {
  return route({
    method: 'get',
    path: '/admin/inventory',
    access: 'inventory:read',
    list: { name: 'inventory' },
    summary: 'What people own, won or exchanged, newest first',
    query: allItemsQuery,
    data: longPageOf(ownedShape),
    handle: async ({ query: { user_id: userId, restaurant_id: restaurantId, ...query } }) => {
      const reader = database.currentReader;
      const page = await listItems(database, { ...query, userId, restaurantId });
      const ownerIds = page.items.map(({ user_id: id }) => id);
      const [pictureOf, people] = await Promise.all([
        picturesOf(reader, page.items),
        readPublicPeople(reader, ownerIds),
      ]);
      const toWire = (item: (typeof page.items)[number]) => ({
        ...itemToWire(item, pictureOf(item)),
        user_id: item.user_id,
        user: maskNickname(people.get(item.user_id)?.nickname ?? ''),
        redeemed_restaurant_id: item.redeemed_restaurant_id,
      });
      return { data: longPageToWire(page, toWire) };
    },
  });
}
