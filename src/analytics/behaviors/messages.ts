/** What clients tell of what a diner does on their pages, and what they are answered (B-1, RS-4). */
import { z } from 'zod';
import { BEHAVIOR_KINDS } from '../../../entities/analytics/AnalyticsBehavior.ts';
import { BUCKET_PERIODS } from '../../../entities/analytics/AnalyticsRealtimeStat.ts';
import { LIMITS } from '../../platform/limits.ts';
import { idShape, requestIdShape, timeShape } from '../../platform/shapes.ts';

const DAY_MS = 86_400_000;

export const kindShape = z.enum(BEHAVIOR_KINDS);
export const nameShape = z.string().regex(/^[a-z][a-z0-9_.-]{0,63}$/, 'must be 1 to 64 of a-z 0-9 _ . -');

export const behaviorShape = z
  .strictObject({
    event_id: requestIdShape.meta({ description: 'The same with each try' }),
    kind: kindShape,
    name: nameShape.meta({ description: 'Of the page, or of the action on it' }),
    target_type: z
      .string()
      .regex(/^[a-z][a-z_]{0,15}$/)
      .optional(),
    target_id: idShape.optional(),
    duration_ms: z.int().min(0).max(DAY_MS).optional().meta({ description: 'Of a dwell, and only of one' }),
    position: z.int().min(1).max(1000).optional().meta({ description: 'Of what is shown: 1 at the top' }),
    at: timeShape.meta({ description: "By the client's clock" }),
  })
  .refine(
    ({ kind, duration_ms }) => (kind === 'dwell') === (duration_ms !== undefined),
    'a dwell has a duration, and nothing else has',
  )
  .refine(
    ({ target_type, target_id }) => (target_type === undefined) === (target_id === undefined),
    'what it was done to has a type and an id',
  );

export const behaviorsBody = z
  .strictObject({
    sent_at: timeShape.meta({
      description:
        "By the client's clock, as it sends this: by how much that is wrong is taken off each `at`",
    }),
    visit_id: requestIdShape.meta({ description: 'Of one visit with one device' }),
    // Each is looked at by itself: one that is wrong is refused alone.
    behaviors: z
      .array(z.record(z.string(), z.unknown()))
      .min(1)
      .max(LIMITS.behaviorsPerCall)
      .meta({ description: 'Each as in the example; one that is none is refused by its index alone' }),
  })
  .meta({
    example: {
      sent_at: '2026-03-03T04:00:05Z',
      visit_id: 'f3a1c0',
      behaviors: [
        { event_id: 'e1', kind: 'page', name: 'campaign', at: '2026-03-03T04:00:00Z' },
        { event_id: 'e2', kind: 'dwell', name: 'campaign', duration_ms: 4200, at: '2026-03-03T04:00:04Z' },
        {
          ...{ event_id: 'e3', kind: 'action', name: 'draw', at: '2026-03-03T04:00:03Z' },
          ...{ target_type: 'campaign', target_id: 1 },
        },
      ],
    },
  });

/** invalid: it is none; too_old, too_far_ahead: its time, once corrected; too_many_names: of today, over all clients. */
export const REFUSAL_REASONS = ['invalid', 'too_old', 'too_far_ahead', 'too_many_names'] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

const refusedShape = z.object({
  index: z.int().min(0),
  event_id: z.string().nullable().meta({ description: 'null: it has none' }),
  reason: z.enum(REFUSAL_REASONS),
});
export type RefusedBehavior = z.output<typeof refusedShape>;

export const takenShape = z.object({
  accepted: z.int().meta({ description: 'That are stored now' }),
  duplicates: z.int().meta({ description: 'That were stored already' }),
  ignored: z
    .int()
    .meta({ description: 'Of somebody whom no report counts, or of a visit outside of the sample' }),
  refused: z.array(refusedShape).meta({ description: 'It is no use to send these again' }),
  sample_percent: z.int().min(0).max(100).meta({ description: 'Of all visits, that are to be told of' }),
});
export type TakenBehaviors = z.output<typeof takenShape>;

const windowQuery = {
  period: z.enum(BUCKET_PERIODS).default('minute'),
  from: timeShape.optional().meta({ description: 'Absent: an hour, a day or thirty days before `to`' }),
  to: timeShape.optional().meta({ description: 'Absent: now' }),
  kind: kindShape.optional(),
};
export const realtimeQuery = z.strictObject({ ...windowQuery, name: nameShape.optional() });
export const namesQuery = z.strictObject(windowQuery);

const windowShape = {
  period: z.enum(BUCKET_PERIODS),
  unit: z
    .literal('behaviors')
    .meta({ description: 'That `entries` counts; of diners, without staff and test accounts' }),
  business_timezone: z.string().meta({ description: 'That hours and days are of' }),
  from: timeShape,
  to: timeShape.meta({ description: 'Whole minutes, hours or days: this is where the last one ends' }),
  is_last_complete: z.boolean(),
  sample_percent: z
    .int()
    .meta({ description: 'Of all visits, that are told of now; counts are of those alone' }),
};
const sums = { entries: z.int(), duration_ms: z.int().meta({ description: 'Of dwells, in all' }) };
export const realtimeShape = z.object({
  ...windowShape,
  items: z
    .array(z.object({ starts_at: timeShape, is_complete: z.boolean(), ...sums }))
    .meta({ description: 'Each minute, hour or day of the window; where nothing was, zeros' }),
});
export const namesShape = z.object({
  ...windowShape,
  items: z
    .array(z.object({ kind: z.string(), name: z.string(), ...sums }))
    .meta({ description: 'The most frequent first' }),
});
