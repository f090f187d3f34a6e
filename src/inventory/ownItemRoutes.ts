/** What I own, however it came to me, and giving it to others. */
import { z } from 'zod';
import type { ItemStatus, UserInventory } from '../../entities/inventory/UserInventory.ts';
import { longPageToWire } from '../admin/longPage.ts';
import { AppError } from '../platform/errors.ts';
import { movedOnce } from '../platform/http/movedOnce.ts';
import { identityOf, route, type Route } from '../platform/http/route.ts';
import {
  beforeQuery,
  idShape,
  longPageOf,
  pageQuery,
  pointsShape,
  rowIdShape,
  timeShape,
  toWirePoints,
} from '../platform/shapes.ts';
import { picturesOf } from './itemPictures.ts';
import { listItems } from './listItems.ts';
import { itemPath, shownCodeShape } from './messages.ts';
import { transferItem } from './ownItems.ts';
import type { InventoryServices } from './services.ts';
import { shownCode } from './shownCode.ts';

export const ITEM_STATUSES = [
  'available',
  'locked',
  'unclaimed',
  'claimed',
  'redeemed',
  'expired',
  'void',
] as const satisfies readonly ItemStatus[];

export const itemsQuery = z.strictObject({
  status: z.enum(ITEM_STATUSES).optional(),
  source: z.enum(['lottery', 'exchange']).optional(),
  ...pageQuery,
  ...beforeQuery,
});

export const itemShape = z.object({
  item_id: rowIdShape,
  name: z.string(),
  image_url: z.string().nullable(),
  type: z.string(),
  status: z
    .enum(ITEM_STATUSES)
    .meta({ description: 'locked: it is offered; unclaimed and claimed: it was won' }),
  source: z.string().meta({ description: 'lottery: it was won, exchange: points were exchanged for it' }),
  value: pointsShape,
  product_id: idShape.nullable(),
  campaign_id: idShape.nullable(),
  draw_id: rowIdShape.nullable(),
  created_at: timeShape,
  expires_at: timeShape.nullable(),
  redeemed_at: timeShape.nullable(),
  redeemed_restaurant_id: idShape.nullable(),
});

const transferBody = z.strictObject({ to_user_id: idShape }).meta({ example: { to_user_id: 1 } });

export function ownItemRoutes(services: InventoryServices): Route[] {
  const { database, itemCodes } = services;
  return [
    route({
      method: 'get',
      path: '/inventory',
      access: 'user',
      summary: 'What I own, won or exchanged, newest first',
      query: itemsQuery,
      data: longPageOf(itemShape),
      handle: async (input) => {
        const page = await listItems(database, { ...input.query, userId: identityOf(input).userId });
        const pictureOf = await picturesOf(database.currentReader, page.items);
        return { data: longPageToWire(page, (item) => itemToWire(item, pictureOf(item))) };
      },
    }),
    route({
      method: 'get',
      path: '/inventory/:item_id/code',
      access: 'user',
      summary: 'The code by which staff gives me something that I own, and its picture of the moment',
      refusals: ['NOT_FOUND', 'CONFLICT', 'PRIZE_EXPIRED'],
      params: itemPath,
      data: shownCodeShape,
      handle: async (input) => {
        const asked = { userId: identityOf(input).userId, itemId: input.params.item_id };
        return { data: await shownCode(services, asked) };
      },
    }),
    route({
      method: 'post',
      path: '/inventory/:item_id/transfer',
      access: 'user',
      summary: 'Give something that I exchanged points for to somebody; what was won stays with its winner',
      idempotencyKey: 'optional',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: itemPath,
      body: transferBody,
      data: z.object({ item_id: rowIdShape, user_id: idShape }),
      handle: (input) =>
        movedOnce(services, input, async (tx, fromUserId, nowMs) => {
          const { to_user_id: toUserId } = input.body;
          const { item_id: itemId } = input.params;
          if (toUserId === fromUserId)
            throw new AppError('VALIDATION_FAILED', {
              details: [{ path: 'to_user_id', message: 'is you' }],
            });
          await transferItem(tx, itemCodes, { fromUserId, toUserId, itemId }, nowMs);
          return { item_id: itemId, user_id: toUserId };
        }),
    }),
  ];
}

export function itemToWire(item: UserInventory, imageUrl: string | null): z.output<typeof itemShape> {
  return {
    item_id: item.inventory_id,
    name: item.item_name,
    image_url: imageUrl,
    type: item.item_type,
    status: item.status as ItemStatus,
    source: item.source,
    value: toWirePoints(item.item_value),
    product_id: item.product_id,
    campaign_id: item.campaign_id,
    draw_id: item.draw_id,
    created_at: item.created_at.toISOString(),
    expires_at: item.expires_at?.toISOString() ?? null,
    redeemed_at: item.redeemed_at?.toISOString() ?? null,
    redeemed_restaurant_id: item.redeemed_restaurant_id,
  };
}
