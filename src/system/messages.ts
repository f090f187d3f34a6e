/** Shapes of what is told of the server itself, as they are on the wire. */
import { z } from 'zod';
import { configurationShape } from '../configuration/document.ts';
import { MARKETS, type Market } from '../draw/market.ts';
import { LIMITS } from '../platform/limits.ts';
import { idShape, timeShape } from '../platform/shapes.ts';
import { PROBLEMS } from './problems.ts';

export const aboutShape = z.object({
  business_timezone: z.string().meta({
    description: 'IANA name: business days, and the weeks and months of them, begin at midnight there',
    example: 'Asia/Shanghai',
  }),
  market: z.enum(Object.keys(MARKETS) as Market[]).meta({ description: 'Whose rules campaigns keep to' }),
  version: z.string().meta({ description: 'Of the build that answers', example: '0.1.0' }),
  banner: configurationShape.shape.notices.shape.banner,
  contact: configurationShape.shape.notices.shape.contact,
  now: timeShape.meta({ description: 'When this was answered: where it was kept, up to a minute ago' }),
});

const countShape = z.int().min(0);
const roundTripShape = z.number().min(0).nullable();

const nodeShape = z.object({
  node_id: z.string(),
  is_this: z.boolean().meta({ description: 'The one that answers' }),
  rooms: countShape,
  clients: countShape.meta({ description: 'Connections in rooms' }),
  told: z
    .object({
      ms_ago: countShape,
      address: z.string().nullable(),
      version: z.string(),
      up_seconds: countShape,
      people: countShape.meta({ description: 'Different people in its rooms' }),
      owners: countShape.meta({ description: 'Campaigns and conversations that it owns' }),
      queued_draw_requests: countShape.meta({ description: 'Of the campaigns that it owns' }),
      config_version: countShape
        .nullable()
        .meta({ description: 'Of /admin/config, by which it goes; 0: by its environment' }),
      bad_config_version: countShape
        .nullable()
        .meta({ description: 'A newer one that it cannot use; null: there is none' }),
      loop_ms: roundTripShape.meta({
        description: 'By how much its timers were late, but for one of a hundred, in the last seconds',
      }),
      waiting_transactions: countShape.nullable().meta({ description: 'For a connection to the database' }),
      memory_mb: countShape.nullable(),
    })
    .nullable()
    .meta({ description: 'What it told of itself last; null: nothing for a minute, though it is connected' }),
});

export const systemShape = z.object({
  nodes: z.array(nodeShape).meta({ description: 'Those that live; this one alone while Redis is away' }),
  online: z.object({
    people: countShape.meta({ description: 'Who is on two nodes counts twice' }),
    clients: countShape,
  }),
  queued_draw_requests: countShape,
  events: z.object({
    waiting: countShape.meta({
      description: `Counted to ${LIMITS.countedRows}, as those that were given up`,
    }),
    oldest_waiting_at: timeShape.nullable(),
    lag_ms: countShape.meta({ description: 'How long the oldest has waited; 0: none waits' }),
    dead_letters: countShape,
  }),
  database: z.object({
    kind: z.enum(['sqlite', 'mysql']),
    commit_ms: roundTripShape.meta({ description: 'How long a commit took just now' }),
  }),
  redis: z.object({
    is_used: z.boolean(),
    round_trip_ms: roundTripShape.meta({ description: 'null: it is not used, or does not answer' }),
  }),
  webhooks: z.object({
    waiting: countShape.meta({ description: `Deliveries that are due; counted to ${LIMITS.countedRows}` }),
    failing: countShape.meta({ description: 'Endpoints whose last tries have failed' }),
    disabled: countShape.meta({ description: 'Endpoints that were given up' }),
  }),
  counting: z
    .object({ ledger_lag_ms: countShape, draws_lag_ms: countShape })
    .meta({ description: 'How far the figures of days are behind the ledger, and behind the draws' }),
  problems: z
    .array(
      z.object({
        code: z.enum(PROBLEMS),
        severity: z.enum(['bad', 'warn']),
        node_id: z.string().nullable().meta({ description: 'null: of all of them' }),
        value: z
          .number()
          .meta({ description: 'Milliseconds, a number of things, or a version, by the code' }),
        limit: z.number().meta({ description: 'From this value on it is one' }),
      }),
    )
    .meta({ description: 'What is wrong, the worst first' }),
  now: timeShape,
});

export const onlineShape = z.object({
  items: z.array(
    z.object({
      user_id: idShape,
      nickname: z.string(),
      role: z.enum(['staff', 'admin', 'super_admin']),
      nodes: countShape.meta({ description: 'On which they sit in a room; 0: they only serve diners' }),
      agent: z
        .object({
          status: z.enum(['online', 'offline', 'gone']),
          limit: countShape,
          open_sessions: countShape,
        })
        .nullable()
        .meta({ description: 'How they serve diners; null: they never have' }),
    }),
  ),
  now: timeShape,
});
