/** Shapes of business events, as they are on the wire. */
import { z } from 'zod';
import { LIMITS } from '../platform/limits.ts';
import {
  beforeQuery,
  idShape,
  longPageOf,
  pageQuery,
  rowIdShape,
  rowIdText,
  timeShape,
} from '../platform/shapes.ts';
import { MOST_COUNTED, STATUSES } from './readEvents.ts';

/** Of any build: a later one writes types that this one does not know. */
export const typeShape = z
  .string()
  .regex(/^[a-z_]+:[a-z_]+$/, 'must be the type of an event')
  .max(64)
  .meta({ example: 'user:login' });

const statusShape = z.enum(STATUSES);

export const eventsQuery = z.strictObject({
  type: typeShape.optional(),
  status: statusShape.optional(),
  ...pageQuery,
  ...beforeQuery,
});

const eventFields = {
  event_id: rowIdShape,
  type: z.string(),
  status: statusShape,
  user_id: idShape.nullable(),
  priority: z.enum(['normal', 'high', 'critical']),
  attempts: z.int().meta({ description: 'Tries that failed' }),
  simulated: z.boolean().meta({ description: 'Published by an administrator: nothing of it has happened' }),
  created_at: timeShape,
  processed_at: timeShape.nullable(),
};

export const eventsShape = longPageOf(z.object(eventFields));

export const eventPath = z.strictObject({ id: rowIdText });

export const eventShape = z.object({
  ...eventFields,
  data: z.unknown().meta({ description: 'As docs/events.md says of its type; null where it is no JSON' }),
  error: z.string().nullable().meta({ description: 'Of the last try that failed, without anybody’s data' }),
  handlings: z
    .array(
      z.object({
        handler: z.string(),
        status: z.enum(['completed', 'pending', 'failed']),
        handled_at: timeShape.nullable(),
      }),
    )
    .meta({ description: 'Handlers that have done their work, and those of this node that have not' }),
});

export const typesShape = z.object({
  items: z.array(
    z.object({
      type: z.string(),
      is_publishable: z.boolean(),
      is_handled: z.boolean().meta({ description: 'Whether some node handles it' }),
      handlers: z.array(z.string()).meta({ description: 'Of this node' }),
    }),
  ),
});

export const statsShape = z.object({
  by_status: z
    .array(
      z.object({
        status: statusShape,
        events: z.int().meta({ description: `Counted to ${MOST_COUNTED}` }),
        is_exact: z.boolean(),
      }),
    )
    .meta({ description: 'Of those that are not completed' }),
  recent: z
    .object({
      events: z.int(),
      since: timeShape.nullable(),
      by_type: z.array(z.object({ type: z.string(), events: z.int() })),
    })
    .meta({ description: `The newest, ${LIMITS.recentEvents} at most` }),
  dead_letters: z.int(),
  oldest_pending_at: timeShape.nullable().meta({ description: 'Of those that wait for their handlers' }),
  lag_seconds: z.number().meta({ description: 'For how long that one has waited' }),
});

export const publishBody = z
  .strictObject({
    type: typeShape,
    data: z
      .record(z.string().max(64), z.unknown())
      .refine(isSmall, `must be of at most ${LIMITS.publishedBytes} bytes, and not nested deeply`)
      .meta({ description: 'Its `user_id` is the user of the event' }),
  })
  .meta({ example: { type: 'user:action', data: { user_id: 1, action: 'test' } } });
export const publishedShape = z.object({ event_id: rowIdShape });

export const retriedShape = z.object({
  event_id: rowIdShape,
  status: statusShape,
  is_retried: z.boolean().meta({ description: 'false: it was no dead letter, and nothing was changed' }),
});

export const retryBody = z
  .strictObject({ type: typeShape.optional(), limit: z.int().min(1).max(LIMITS.retriedEvents).default(100) })
  .meta({ example: { type: 'user:login', limit: 100 } });
export const bulkRetriedShape = z.object({
  retried: z.int(),
  has_more: z.boolean().meta({ description: 'Whether dead letters may be left' }),
  last_at: timeShape.nullable().meta({ description: 'When the last of them is tried' }),
});

function isSmall(data: Record<string, unknown>): boolean {
  return (
    isFlat(data, LIMITS.publishedDepth) && Buffer.byteLength(JSON.stringify(data)) <= LIMITS.publishedBytes
  );
}

function isFlat(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((part) => isFlat(part, depth - 1));
}
