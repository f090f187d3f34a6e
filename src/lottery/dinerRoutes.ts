/** Who may draw, as the administration says it of people (L-7). */
import { z } from 'zod';
import type { BlacklistedDiner } from '../../entities/lottery/BlacklistedDiner.ts';
import { longPageToWire } from '../admin/longPage.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import { LIMITS } from '../platform/limits.ts';
import {
  beforeQuery,
  idShape,
  idText,
  longPageOf,
  pageQuery,
  textShape,
  timeShape,
} from '../platform/shapes.ts';
import { blacklist, liftBlacklisting, listBlacklisted } from './blacklist.ts';
import { changeSegment, listSegments } from './segments.ts';

export interface DinerRoutesServices {
  database: Database;
  clock: Clock;
}

const blacklistedShape = z.object({
  user_id: idShape,
  reason: z.string(),
  created_by: idShape,
  created_at: timeShape,
});
const userPath = z.strictObject({ user_id: idText });
const segmentPath = z.strictObject({ segment: textShape({ max: 64 }).meta({ example: 'gold' }) });
const idsShape = z.array(idShape).max(LIMITS.segmentChange).default([]);
const membersBody = z
  .strictObject({ add: idsShape, remove: idsShape })
  .refine(({ add, remove }) => !add.some((userId) => remove.includes(userId)), 'has somebody in both lists');

export function dinerRoutes(services: DinerRoutesServices): Route[] {
  return [...blacklistRoutes(services), ...segmentRoutes(services)];
}

function blacklistRoutes({ database, clock }: DinerRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/blacklist',
      access: 'users:operate',
      list: { name: 'blacklist' },
      summary: 'Who may not draw in any campaign',
      query: z.strictObject({ user_id: idText.optional(), ...pageQuery, ...beforeQuery }),
      data: longPageOf(blacklistedShape),
      handle: async ({ query: { user_id: userId, ...query } }) => ({
        data: longPageToWire(await listBlacklisted(database, { userId, ...query }), toWire),
      }),
    }),
    route({
      method: 'put',
      path: '/admin/blacklist/:user_id',
      access: 'users:operate',
      summary: 'Let somebody draw no more, in any campaign, from the next batch of draws on',
      refusals: ['NOT_FOUND'],
      params: userPath,
      body: z.strictObject({ reason: textShape({ max: 200 }) }),
      data: blacklistedShape,
      handle: async (input) => {
        const listed = { actor: actorOf(input), userId: input.params.user_id, ...input.body };
        return {
          data: toWire(await database.retryingTransaction((tx) => blacklist(tx, listed, clock.nowMs()))),
        };
      },
    }),
    route({
      method: 'delete',
      path: '/admin/blacklist/:user_id',
      access: 'users:operate',
      summary: 'Let somebody draw again',
      params: userPath,
      data: z.object({ user_id: idShape }),
      handle: async (input) => {
        const { user_id: userId } = input.params;
        const lifted = { actor: actorOf(input), userId };
        await database.retryingTransaction((tx) => liftBlacklisting(tx, lifted, clock.nowMs()));
        return { data: { user_id: userId } };
      },
    }),
  ];
}

function segmentRoutes({ database, clock }: DinerRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/segments',
      access: 'users:operate',
      list: { name: 'segments' },
      summary: 'Segments of people, with how many are in each',
      data: z.object({ items: z.array(z.object({ segment: z.string(), members: z.int() })) }),
      handle: async () => ({ data: { items: await listSegments(database) } }),
    }),
    route({
      method: 'put',
      path: '/admin/segments/:segment/members',
      access: 'users:operate',
      summary:
        'Put people into a segment, and take others out of it; the answer has those of whom it was not so yet',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: segmentPath,
      body: membersBody,
      data: z.object({ segment: z.string(), added: z.array(idShape), removed: z.array(idShape) }),
      handle: async (input) => {
        const { segment } = input.params;
        const change = { actor: actorOf(input), segment, ...input.body };
        const changed = await database.retryingTransaction((tx) => changeSegment(tx, change, clock.nowMs()));
        return { data: { segment, ...changed } };
      },
    }),
  ];
}

function toWire({ created_at: createdAt, ...row }: BlacklistedDiner) {
  return { ...row, created_at: createdAt.toISOString() };
}
