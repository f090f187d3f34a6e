/** Shapes of funnels, as they are on the wire. */
import { z } from 'zod';
import { BEHAVIOR_KINDS } from '../../../entities/analytics/AnalyticsBehavior.ts';
import { idShape, idText, textShape, timeShape } from '../../platform/shapes.ts';
import { FUNNEL_ORDERS, FUNNEL_UNITS } from '../funnel/definition.ts';
import { MOST_STEPS } from '../funnel/match.ts';
import { askedDaysQuery } from '../reading/askedDays.ts';

const DAY_SECONDS = 86_400;
const stepFields = {
  kind: z.enum(BEHAVIOR_KINDS),
  name: z.string().min(1).max(64).meta({ description: 'Of the page, or of the action on it' }),
};
const stepShape = z
  .strictObject({
    ...stepFields,
    target_type: z.string().min(1).max(16).nullable().default(null),
    target_id: idShape.nullable().default(null),
  })
  .refine(({ target_type: type, target_id: id }) => id === null || type !== null, {
    path: ['target_id'],
    message: 'needs a `target_type`',
  });
const stepsShape = z.array(stepShape).min(1).max(MOST_STEPS);
const windowShape = z
  .int()
  .min(1)
  .max(90 * DAY_SECONDS)
  .meta({ description: 'From the first step to the last one' });
const orderShape = z.enum(FUNNEL_ORDERS).meta({
  description:
    'ordered: each step after the one before; strict: nothing in between of the kinds that steps are of; any: in any order',
});
const unitShape = z.enum(FUNNEL_UNITS).meta({
  description: 'What is counted, each once: people, or visits, all steps being in one',
});
const nameShape = textShape({ max: 64 });
const versionShape = z.int().min(1);

const EXAMPLE = {
  steps: [
    { kind: 'page', name: 'campaign' },
    { kind: 'action', name: 'draw' },
  ],
  window_seconds: DAY_SECONDS,
} as const;
const definition = {
  steps: stepsShape,
  window_seconds: windowShape.default(DAY_SECONDS),
  order: orderShape.default('ordered'),
  unit: unitShape.default('person'),
};

export const funnelBody = z
  .strictObject({ name: nameShape, ...definition })
  .meta({ example: { name: '看到抽奖', ...EXAMPLE } });
export type FunnelBody = z.output<typeof funnelBody>;

/** What is left out stays as it is. */
export const funnelChange = z
  .strictObject({
    version: versionShape,
    name: nameShape.optional(),
    steps: stepsShape.optional(),
    window_seconds: windowShape.optional(),
    order: orderShape.optional(),
    unit: unitShape.optional(),
  })
  .meta({ example: { version: 1, window_seconds: 3600 } });
export type FunnelChange = z.output<typeof funnelChange>;

export const funnelRun = z
  .strictObject({ ...definition, ...askedDaysQuery })
  .meta({ example: { ...EXAMPLE } });
export const funnelPath = z.strictObject({ id: idText });
export const reportQuery = z.strictObject({ ...askedDaysQuery });

const readStepShape = z.object({
  ...stepFields,
  target_type: z.string().nullable(),
  target_id: idShape.nullable(),
});
export const funnelShape = z.object({
  funnel_id: idShape,
  name: z.string(),
  steps: z.array(readStepShape),
  window_seconds: z.int(),
  order: orderShape,
  unit: unitShape,
  version: versionShape,
  created_at: timeShape,
  updated_at: timeShape,
});
export type FunnelView = z.output<typeof funnelShape>;
export const funnelsShape = z.object({ items: z.array(funnelShape) });

const rateShape = z.number().min(0).max(1).nullable();
const secondsShape = z.number().min(0).nullable();

/** What each analysis says of itself (RS-2). */
export const analysisFields = {
  business_timezone: z.string(),
  from: z.iso.date(),
  to: z.iso.date(),
  is_last_complete: z.boolean(),
  sample_percent: z.int().min(0).max(100).meta({ description: 'Of all visits, that clients tell of now' }),
  rows_read: z.int(),
  is_truncated: z
    .boolean()
    .meta({ description: 'There is more than one analysis reads: figures are of a part' }),
};

export const funnelReportShape = z.object({
  ...analysisFields,
  is_last_complete: z
    .boolean()
    .meta({ description: 'Whoever began in these days has had all the time that the window gives' }),
  window_seconds: z.int(),
  order: orderShape,
  unit: unitShape,
  begun: z.int(),
  finished: z.int(),
  overall_rate: rateShape,
  median_seconds: secondsShape.meta({
    description: 'From the first step to the last one, of who has done all',
  }),
  p90_seconds: secondsShape,
  items: z.array(
    readStepShape.extend({
      step: z.int().meta({ description: 'From 1' }),
      units: z.int().meta({ description: 'Who has done this step and all before it' }),
      overall_rate: rateShape.meta({ description: 'Of who has done the first' }),
      step_rate: rateShape.meta({ description: 'Of who has done the one before' }),
      median_seconds: secondsShape.meta({
        description: 'From the one before; null where steps have no order',
      }),
      p90_seconds: secondsShape,
    }),
  ),
});
export type FunnelReportView = z.output<typeof funnelReportShape>;
