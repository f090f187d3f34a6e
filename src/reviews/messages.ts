/** Shapes of what waits for somebody to decide it. */
import { z } from 'zod';
import { LIMITS } from '../platform/limits.ts';
import {
  beforeQuery,
  idShape,
  longPageOf,
  pageQuery,
  rowIdShape,
  rowIdText,
  textShape,
  timeShape,
} from '../platform/shapes.ts';

export const REVIEW_KINDS = ['spend_claim'] as const;
export const reviewStatusShape = z.enum(['pending', 'approved', 'rejected']);
const kindShape = z.enum(REVIEW_KINDS);

export const reviewsQuery = z.strictObject({
  kind: kindShape.optional(),
  status: reviewStatusShape.optional(),
  ...pageQuery,
  ...beforeQuery,
});
export const reviewPath = z.strictObject({ id: rowIdText });

const decisionShape = z.enum(['approve', 'reject']);
const reasonShape = textShape({ max: 500 }).default('-').meta({ example: '已核对' });
export const decisionBody = z.strictObject({ decision: decisionShape, reason: reasonShape });
export const decisionsBody = z.strictObject({
  ids: z
    .array(rowIdShape)
    .min(1)
    .max(LIMITS.reviewsAtOnce)
    .refine((ids) => new Set(ids).size === ids.length, 'has one twice')
    .meta({ example: [1] }),
  decision: decisionShape,
  reason: reasonShape,
});

export const reviewShape = z.object({
  review_id: rowIdShape,
  kind: z.string(),
  subject_id: rowIdShape,
  subject: z
    .record(z.string(), z.unknown())
    .nullable()
    .meta({ description: 'What is asked for; of a `spend_claim` as GET /spend-claims has it' }),
  flags: z.array(z.string()).meta({
    description: 'What to look at first: `bill_number_used`, `photo_used`: somebody was there before with it',
  }),
  status: reviewStatusShape,
  applicant: z.object({ user_id: idShape, nickname: z.string() }).nullable(),
  restaurant_id: idShape.nullable(),
  due_at: timeShape.meta({ description: 'Until when it is to be decided, in business time' }),
  escalated_at: timeShape
    .nullable()
    .meta({ description: 'When it was told that nobody had; null: it was not' }),
  decided_by: z.int().nullable(),
  decided_at: timeShape.nullable(),
  reason: z.string().nullable(),
  created_at: timeShape,
});
export const reviewsShape = longPageOf(reviewShape);
export const decisionsShape = z.object({
  items: z.array(
    z.object({
      review_id: rowIdShape,
      code: z.string().meta({ description: 'OK, or why this one was not decided' }),
      status: reviewStatusShape.nullable().meta({ description: 'null: it was not decided by this call' }),
      details: z.unknown().optional(),
    }),
  ),
});
