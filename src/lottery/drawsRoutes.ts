import { z } from 'zod';
import type { Database } from '../platform/database/transaction.ts';
import { route, type Route } from '../platform/http/route.ts';
import { idShape, idText, pageQuery } from '../platform/shapes.ts';
import { drawPlace, drawPlaceText } from './drawPlace.ts';
import { listAllDraws } from './listedDraws.ts';
import { drawnRecordShape } from './views.ts';

const drawsQuery = z.strictObject({
  campaign_id: idText.optional(),
  user_id: idText.optional(),
  winners: z.literal('true').optional().meta({ description: 'Those that won something alone' }),
  limit: pageQuery.limit,
  before: drawPlace.optional().meta({ description: 'The `next` of another page' }),
});

const listedDrawShape = drawnRecordShape.extend({
  epoch: z.int().meta({ description: 'Of the seed that decided it' }),
  log_no: z.int().meta({ description: 'Its place in the fairness log of the campaign' }),
  user: z.object({ user_id: idShape, nickname: z.string(), avatar_url: z.string().nullable() }),
});

const drawsShape = z.object({
  items: z.array(listedDrawShape),
  limit: z.int(),
  next: z.string().nullable().meta({
    description:
      'Give it as `before` to get what follows; null at the end. A page of winners that has fewer than its limit, or none, may be followed by others',
    example: '1772337600000.10000000001',
  }),
});

export function drawsRoutes({ database }: { database: Database }): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/draws',
      access: 'campaigns:operate',
      list: { name: 'draws' },
      summary:
        'Draws of a user, newest first, of a campaign, or of all, the newest campaign first; each has its proof at /lottery/draws/:id/proof',
      query: drawsQuery,
      data: drawsShape,
      handle: async ({ query }) => {
        const { campaign_id: campaignId, user_id: userId, winners, limit, before } = query;
        const filter = { campaignId, userId, isWinner: winners === 'true', limit, before };
        const { items, next } = await listAllDraws(database, filter);
        return { data: { items, limit, next: next === undefined ? null : drawPlaceText(next) } };
      },
    }),
  ];
}
