import { z } from 'zod';
import { LIMITS } from '../../platform/limits.ts';
import { idShape, idText, integerText, timeShape } from '../../platform/shapes.ts';
import { personShape } from '../messages.ts';

export const sessionStatusShape = z.enum(['waiting', 'assigned', 'resolved', 'closed']);

/** missed: it took longer, or takes longer; stopped: it ended before it was due, without. */
const promisedShape = z.object({
  limit_seconds: z.int(),
  elapsed_seconds: z.int().meta({ description: 'Of the hours in which diners are served' }),
  state: z.enum(['running', 'met', 'missed', 'stopped']),
});

export const sessionShape = z.object({
  session_id: idShape.meta({
    description: 'By which it is named: that of its conversation, which has one at a time',
  }),
  conversation_id: idShape,
  status: sessionStatusShape,
  topic: z.string(),
  restaurant_id: idShape.nullable(),
  user: personShape,
  agent: personShape.nullable(),
  created_at: timeShape,
  waiting_seconds: z
    .int()
    .meta({ description: 'How long it waits, or until somebody had it for the first time' }),
  assigned_at: timeShape.nullable(),
  answered_at: timeShape.nullable(),
  ended_at: timeShape.nullable(),
  answer: promisedShape,
  resolution: promisedShape,
  rating: z.int().nullable(),
});
export type SessionView = z.output<typeof sessionShape>;

export const sessionsQuery = z.strictObject({
  status: sessionStatusShape.default('waiting'),
  mine: z.enum(['true', 'false']).optional(),
  before: integerText({ min: 1, max: Number.MAX_SAFE_INTEGER })
    .optional()
    .meta({ description: 'The `next` of another page' }),
  limit: integerText({ min: 1, max: LIMITS.pageSize }).default(20),
});
export type SessionsQuery = z.output<typeof sessionsQuery>;
export const sessionPath = z.strictObject({ id: idText });
export const transferBody = z
  .strictObject({ agent_id: idShape.optional().meta({ description: 'Absent: back to the queue' }) })
  .meta({ example: { agent_id: 3 } });
export const agentBody = z
  .strictObject({
    online: z.boolean(),
    limit: z
      .int()
      .min(1)
      .max(LIMITS.sessionsPerAgent)
      .optional()
      .meta({ description: 'Sessions at a time; absent: as it was' }),
  })
  .meta({ example: { online: true, limit: 5 } });
export const agentShape = z.object({
  user_id: idShape,
  nickname: z.string(),
  status: z.enum(['online', 'offline', 'gone']),
  limit: z.int(),
  open_sessions: z.int(),
});
export const ratingBody = z.strictObject({ rating: z.int().min(1).max(5) }).meta({ example: { rating: 5 } });
/** What a diner sees of their own. */
export const ownSessionShape = z.object({
  conversation_id: idShape,
  status: sessionStatusShape,
  topic: z.string(),
  position: z.int().nullable().meta({ description: 'In the queue, while it waits; 1: next' }),
  agent: personShape.nullable(),
  created_at: timeShape,
  rating: z.int().nullable(),
  may_rate: z.boolean(),
});
export const ratedShape = z.object({ conversation_id: idShape, rating: z.int() });
