import { z } from 'zod';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import { idShape, idText } from '../platform/shapes.ts';
import { restock, type RestockServices } from './restock.ts';

export function stockRoutes(services: RestockServices): Route[] {
  return [
    route({
      method: 'post',
      path: '/admin/prizes/:id/stock',
      access: 'campaigns:operate',
      summary: "Add to a prize's stock or take from it",
      idempotencyKey: 'optional',
      refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
      params: z.strictObject({ id: idText }),
      body: z.strictObject({ delta: z.int().min(-1_000_000_000).max(1_000_000_000) }),
      data: z.object({
        prize_id: idShape,
        remaining: z.int().meta({ description: 'What can be won from now on' }),
      }),
      handle: async (input) => {
        const { params, body, request } = input;
        const { result, replayed } = await restock(services, {
          prizeId: params.id,
          delta: body.delta,
          actor: actorOf(input),
          key: request.get('Idempotency-Key'),
        });
        return { data: { prize_id: params.id, remaining: result }, replayed };
      },
    }),
  ];
}
