import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { movedOnce } from '../../platform/http/movedOnce.ts';
import { longPageToWire } from '../../admin/longPage.ts';
import { actorOf, route, type Route } from '../../platform/http/route.ts';
import { LIMITS } from '../../platform/limits.ts';
import { requireAudience } from './audience.ts';
import {
  cancelBroadcast,
  createBroadcast,
  listBroadcasts,
  readBroadcast,
  retryBroadcast,
} from './broadcasts.ts';
import {
  audienceOf,
  broadcastPath,
  broadcastShape,
  broadcastsQuery,
  broadcastsShape,
  broadcastToWire,
  newBroadcastBody,
  startedBroadcastShape,
} from './messages.ts';

export interface BroadcastRoutesServices {
  database: Database;
  clock: Clock;
}

const DAY_MS = 86_400_000;

/** What administrators tell many people (RC-13). */
export function broadcastRoutes(services: BroadcastRoutesServices): Route[] {
  return [sendRoute(services), ...readingRoutes(services), ...operatingRoutes(services)];
}

function sendRoute(services: BroadcastRoutesServices): Route {
  const { database, clock } = services;
  return route({
    method: 'post',
    path: '/admin/notifications',
    access: 'notifications:send',
    summary:
      'Tell everybody, a segment, the guests of a restaurant or campaign, or some people, now or later',
    idempotencyKey: 'optional',
    accepts: true,
    refusals: ['NOT_FOUND', 'CONFLICT'],
    body: newBroadcastBody,
    data: startedBroadcastShape,
    handle: async (input) => {
      const { type, title, body, data, send_at: sendAt } = input.body;
      const nowMs = clock.nowMs();
      const sendAtMs = Math.max(nowMs, sendAt === undefined ? nowMs : Date.parse(sendAt));
      if (sendAtMs > nowMs + LIMITS.broadcastAheadDays * DAY_MS)
        throw new AppError('VALIDATION_FAILED', {
          details: [
            { path: 'body.send_at', message: `is more than ${LIMITS.broadcastAheadDays} days ahead` },
          ],
        });
      const audience = audienceOf(input.body);
      await requireAudience(database, audience);
      const actor = actorOf(input);
      const { data: broadcastId, replayed = false } = await movedOnce(services, input, (tx) =>
        createBroadcast(tx, { actor, type, audience, title, body, data, sendAtMs }, nowMs),
      );
      const { status } = await readBroadcast(database, broadcastId);
      return { data: { broadcast_id: broadcastId, status }, replayed };
    },
  });
}

function readingRoutes({ database }: BroadcastRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/notifications',
      access: 'notifications:send',
      list: { name: 'broadcasts' },
      summary: 'What many people were told, and will be, newest first',
      query: broadcastsQuery,
      data: broadcastsShape,
      handle: async ({ query }) => {
        return { data: longPageToWire(await listBroadcasts(database, query), broadcastToWire) };
      },
    }),
    route({
      method: 'get',
      path: '/admin/notifications/:id',
      access: 'notifications:send',
      summary: 'How far one of them is',
      refusals: ['NOT_FOUND'],
      params: broadcastPath,
      data: broadcastShape,
      handle: async ({ params }) => ({ data: broadcastToWire(await readBroadcast(database, params.id)) }),
    }),
  ];
}

function operatingRoutes({ database, clock }: BroadcastRoutesServices): Route[] {
  const operations = [
    ['cancel', cancelBroadcast, 'Tell nobody else; one that is over stays as it is'],
    ['retry', retryBroadcast, 'Tell those who could not be told; one that has not failed stays as it is'],
  ] as const;
  return operations.map(([name, operate, summary]) =>
    route({
      method: 'post',
      path: `/admin/notifications/:id/${name}`,
      access: 'notifications:send',
      summary,
      refusals: ['NOT_FOUND'],
      params: broadcastPath,
      data: broadcastShape,
      handle: async (input) => {
        const operation = { actor: actorOf(input), broadcastId: input.params.id };
        await database.retryingTransaction((tx) => operate(tx, operation, clock.nowMs()));
        return { data: broadcastToWire(await readBroadcast(database, input.params.id)) };
      },
    }),
  );
}
