/** What is sent, and how far it is. */
import { longPageToWire } from '../admin/longPage.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import { listDeliveries, moveDelivery, readDelivery } from './deliveries.ts';
import { deliveriesQuery, deliveriesShape, deliveryBody, deliveryShape, itemPath } from './messages.ts';
import type { InventoryServices } from './services.ts';
import { deliveryToWire, listedDeliveryToWire } from './wire.ts';

export function deliveryRoutes({ database, clock }: InventoryServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/deliveries',
      access: 'campaigns:operate',
      list: { name: 'deliveries' },
      summary: 'Won prizes that are sent, newest first',
      query: deliveriesQuery,
      data: deliveriesShape,
      handle: async ({ query }) => {
        return { data: longPageToWire(await listDeliveries(database, query), listedDeliveryToWire) };
      },
    }),
    route({
      method: 'get',
      path: '/admin/deliveries/:item_id',
      access: 'campaigns:operate',
      summary: 'One delivery with its address, for whoever packs it',
      refusals: ['NOT_FOUND'],
      params: itemPath,
      data: deliveryShape,
      handle: async ({ params }) => ({ data: deliveryToWire(await readDelivery(database, params.item_id)) }),
    }),
    route({
      method: 'put',
      path: '/admin/deliveries/:item_id',
      access: 'campaigns:operate',
      summary: 'Move a delivery on, or correct how it is sent',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: itemPath,
      body: deliveryBody,
      data: deliveryShape,
      handle: async (input) => {
        const { item_id: itemId } = input.params;
        const { status, carrier, tracking_no: trackingNo } = input.body;
        const step = { actor: actorOf(input), itemId, status, carrier, trackingNo };
        await database.retryingTransaction((tx) => moveDelivery(tx, step, clock.nowMs()));
        return { data: deliveryToWire(await readDelivery(database, itemId)) };
      },
    }),
  ];
}
