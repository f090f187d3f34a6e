/** Shapes of what waits for somebody to decide it. */
import { z } from 'zod';
import { LIMITS } from '../platform/limits.ts';
import {
  beforeQuery,
  idShape,
  idText,
  longPageOf,
  pageQuery,
  rowIdShape,
  rowIdText,
  textShape,
  timeShape,
} from '../platform/shapes.ts';

export const REVIEW_KINDS = [
  'spend_claim',
  'campaign.start',
  'campaign.change',
  'chat_report',
  'points_transfer',
  'trade.settle',
  'account.merge',
] as const;
/** Of what nobody can make void but by deciding it. */
export const claimStatusShape = z.enum(['pending', 'approved', 'rejected']);
export const reviewStatusShape = z
  .enum([...claimStatusShape.options, 'void'])
  .meta({ description: 'void: it was asked for of something that has changed since' });
const kindShape = z.enum(REVIEW_KINDS);

export const reviewsQuery = z.strictObject({
  kind: kindShape.optional(),
  status: reviewStatusShape.optional(),
  restaurant_id: idText.optional(),
  order: z
    .enum(['newest', 'due'])
    .default('newest')
    .meta({ description: 'due: what is to be decided first comes first' }),
  ...pageQuery,
  ...beforeQuery,
});
export const reviewPath = z.strictObject({ id: rowIdText });

const decisionShape = z.enum(['approve', 'reject']).meta({
  description:
    'Of a `chat_report`: to delete the message, or to let it be; it is there where somebody is silenced for it',
});
const reasonShape = textShape({ max: 200 }).default('-').meta({ example: '已核对' });
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

const barredShape = z.enum(['applicant', 'beneficiary', 'editor']);
export const reviewShape = z.object({
  review_id: rowIdShape,
  kind: z.string(),
  subject_id: rowIdShape,
  subject: z.record(z.string(), z.unknown()).nullable().meta({
    description:
      'What is asked for: a `spend_claim` as GET /spend-claims has it, with `earlier` claims of the bill or the photo, a `chat_report` and a `points_transfer` as the lists of them, of all else what names it and its `approval_id`; null: it is not there any more',
  }),
  flags: z.array(z.string()).meta({
    description: 'What to look at first: `bill_number_used`, `photo_used`: somebody was there before with it',
  }),
  status: reviewStatusShape,
  applicant: z.object({ user_id: idShape, nickname: z.string() }).nullable(),
  restaurant_id: idShape.nullable(),
  due_at: timeShape.nullable().meta({
    description: 'Until when it is to be decided, in business time; null: that is not counted yet',
  }),
  overdue: z.boolean().meta({ description: 'It waits, and that time is over' }),
  barred: z
    .array(z.object({ user_id: idShape, reason: barredShape }))
    .meta({ description: 'Who may never decide it; of a campaign whoever draws there may not either' }),
  may_decide: z.boolean().meta({ description: 'Whether whoever asks may, as far as it is known here' }),
  why_not: z.enum([...barredShape.options, 'decided', 'permission', 'machine', 'unknown']).nullable(),
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
