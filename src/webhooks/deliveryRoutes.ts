import { z } from 'zod';
import type { WebhookDelivery } from '../../entities/webhooks/WebhookDelivery.ts';
import { longPageToWire } from '../admin/longPage.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { actorOf, route, type Route } from '../platform/http/route.ts';
import {
  beforeQuery,
  idShape,
  longPageOf,
  pageQuery,
  rowIdShape,
  rowIdText,
  timeShape,
} from '../platform/shapes.ts';
import { listDeliveries, replayDelivery } from './deliveries.ts';
import { webhookPath } from './messages.ts';

export interface DeliveryRoutesServices {
  database: Database;
  clock: Clock;
}

const deliveryStatusShape = z.enum(['pending', 'delivered', 'failed']);

const deliveryShape = z
  .object({
    delivery_id: rowIdShape,
    webhook_id: idShape,
    event_id: rowIdShape,
    type: z.string(),
    status: deliveryStatusShape.meta({ description: 'failed: there are no more tries but by a replay' }),
    attempts: z.int().meta({ description: 'Tries that have ended' }),
    last_status: z.int().nullable().meta({ description: 'Of the last answer; null: there was none' }),
    last_error: z.string().nullable(),
    next_at: timeShape
      .nullable()
      .meta({ description: 'When it is tried next; null: it is not, or just now' }),
    created_at: timeShape,
    finished_at: timeShape.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });

/** What was sent to endpoints, and what is to be sent again (E-6). */
export function deliveryRoutes(services: DeliveryRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/webhooks/:id/deliveries',
      access: 'webhooks:manage',
      list: { name: 'webhook-deliveries' },
      summary: 'What was sent to an endpoint, newest first; kept for 30 days',
      refusals: ['NOT_FOUND'],
      params: webhookPath,
      query: z.strictObject({ status: deliveryStatusShape.optional(), ...pageQuery, ...beforeQuery }),
      data: longPageOf(deliveryShape),
      handle: async ({ params, query }) => {
        const page = await listDeliveries(services.database, { webhookId: params.id, ...query });
        return { data: longPageToWire(page, toWire) };
      },
    }),
    route({
      method: 'post',
      path: '/admin/webhooks/deliveries/:id/replay',
      access: 'webhooks:manage',
      summary: 'Send it again, whatever became of it, under the same webhook-id',
      refusals: ['NOT_FOUND', 'CONFLICT'],
      params: z.strictObject({ id: rowIdText }),
      data: deliveryShape,
      handle: async (input) => {
        const replay = { actor: actorOf(input), deliveryId: input.params.id };
        return { data: toWire(await replayDelivery(services, replay)) };
      },
    }),
  ];
}

function toWire(row: WebhookDelivery): z.output<typeof deliveryShape> {
  const time = (at: Date | null) => at?.toISOString() ?? null;
  return {
    delivery_id: row.delivery_id,
    webhook_id: row.webhook_id,
    event_id: row.event_id,
    type: row.event_type,
    status: row.status,
    attempts: row.attempts,
    last_status: row.last_status,
    last_error: row.last_error,
    next_at: row.claimed_by === null ? time(row.due_at) : null,
    created_at: row.created_at.toISOString(),
    finished_at: time(row.finished_at),
  };
}
