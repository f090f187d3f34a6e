/** Shapes of what is asked and answered about trends, as they are on the wire. */
import { z } from 'zod';
import { idShape, idText, timeShape } from '../../platform/shapes.ts';
import { MEASURE_NAMES, SPLITS, TERMS, TREND_PERIODS } from './measures.ts';

export const trendsQuery = z.strictObject({
  measure: z.enum(MEASURE_NAMES),
  period: z.enum(TREND_PERIODS).default('day'),
  from: z.iso.date().optional().meta({ description: 'The first business day that is shown' }),
  to: z.iso.date().optional().meta({ description: 'The last one; today without it' }),
  term: z.enum(TERMS).default('medium').meta({
    description: 'short: seven days are foreseen; medium: four weeks, of hours one',
  }),
  restaurant_id: idText.optional().meta({ description: 'Of this one alone, what is told of single ones' }),
  by: z.enum(SPLITS).default('all').meta({
    description:
      'new, returning: of active people those who joined that day, and others; feature: what is used most on the pages',
  }),
});

const valueShape = z.number().min(0).nullable();
const foreseen = {
  expected: valueShape,
  lower: valueShape,
  upper: valueShape.meta({ description: 'Nine of ten lie between `lower` and it' }),
  occasion: z.string().nullable().meta({
    description: 'Why it is unlike others: a festival with which of its days, or how far from it',
    example: '春节1',
  }),
};
const spanShape = {
  starts: z.string().meta({ description: 'The first business day; of an hour its beginning in UTC' }),
  starts_at: timeShape,
  ends_at: timeShape,
};
const anomalyShape = z
  .object({
    direction: z.enum(['up', 'down']),
    size: z.number().meta({ description: 'In parts of what was expected: −0.4 is 40 % less' }),
    score: z.number().meta({ description: 'In standard deviations of what forecasts are off by' }),
  })
  .nullable();
const historyShape = z.object({
  ...spanShape,
  value: valueShape.meta({ description: 'null: nothing was counted then' }),
  is_complete: z.boolean(),
  ...foreseen,
  anomaly: anomalyShape,
});
const factorsShape = z.array(z.number()).nullable();

export const trendShape = z.object({
  key: z.string().meta({ description: 'all, new, returning, or the name of a feature' }),
  history: z.array(historyShape).meta({
    description: 'What was expected of each is what was foreseen when it was to come; null where nothing was',
  }),
  forecast: z.object({
    status: z.enum(['ok', 'not_enough_data']),
    needed: z.int().nullable().meta({ description: 'Of complete buckets, where there are not enough' }),
    there: z.int().nullable(),
    items: z.array(z.object({ ...spanShape, ...foreseen })).meta({
      description: 'From the first that is not complete. `expected` null: a festival that never was',
    }),
  }),
  seasons: z.object({
    weekday: factorsShape.meta({ description: 'Of the mean, from Monday' }),
    hour: factorsShape.meta({ description: 'Of the mean, from midnight' }),
  }),
});
export const trendsShape = z.object({
  measure: z.enum(MEASURE_NAMES),
  period: z.enum(TREND_PERIODS),
  term: z.enum(TERMS),
  by: z.enum(SPLITS),
  unit: z.enum(['people', 'times', 'points', 'yuan', 'seconds']),
  is_mean: z.boolean().meta({ description: 'Of a week or month: the mean of its days, not their sum' }),
  business_timezone: z.string(),
  counted_to: timeShape.meta({ description: 'All from before is counted' }),
  window: z
    .object({ from: z.string(), to: z.string() })
    .meta({ description: '`starts` of the first and last' }),
  is_last_complete: z.boolean(),
  band: z.number().meta({ description: 'Which part lies in it', example: 0.9 }),
  restaurant_ids: z.array(idShape).nullable().meta({ description: 'null: of all, and of what is of none' }),
  series: z.array(trendShape),
});
export type TrendsAnswer = z.output<typeof trendsShape>;
