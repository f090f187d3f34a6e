/** Shapes of what is asked and answered about how people behave. */
import { z } from 'zod';
import { idShape, idText, integerText, timeShape } from '../../platform/shapes.ts';
import { analysisFields } from '../funnels/messages.ts';
import { askedDaysQuery } from '../reading/askedDays.ts';
import { VALUES } from '../value.ts';
import { RISKS } from './churn.ts';
import { COHORT_PERIODS } from './cohorts.ts';
import { MOST_DEPTH } from './paths.ts';

export const ANALYSIS_KINDS = [
  'paths',
  'features',
  'dwell',
  'retention',
  'periodicity',
  'anomaly',
  'churn',
  'value',
] as const;
export type AnalysisKind = (typeof ANALYSIS_KINDS)[number];

export const analysisQuery = z.strictObject({
  kind: z.enum(ANALYSIS_KINDS).default('features'),
  ...askedDaysQuery,
  user_id: idText
    .optional()
    .meta({ description: 'Of one person alone; retention, churn and value are of all' }),
  page: z.string().min(1).max(64).optional().meta({ description: 'Of paths: where they begin' }),
  depth: integerText({ min: 1, max: MOST_DEPTH }).default(3).meta({ description: 'Of paths' }),
  period: z.enum(COHORT_PERIODS).default('week').meta({ description: 'Of retention' }),
  format: z.enum(['json', 'csv']).default('json'),
});
export type AnalysisQuery = z.output<typeof analysisQuery>;

const count = z.int().min(0);
const seconds = z.number().min(0);
const rate = z.number().min(0).max(1);
const day = z.iso.date();

/** `not_enough_data`: `needs` says in which measure there would be enough. */
const enoughFields = {
  state: z.enum(['ok', 'not_enough_data']),
  needs: z.object({ measure: z.enum(['weeks', 'people', 'days']), there: count, needed: count }).nullable(),
};
const common = { ...analysisFields, unit: z.string(), user_id: idShape.nullable() };

const pathsShape = z.object({
  kind: z.literal('paths'),
  ...common,
  visits: count,
  others: z.object({ edges: count, visits: count }),
  items: z.array(
    z.object({
      step: z.int(),
      from: z.string(),
      to: z.string().nullable().meta({ description: 'null: nothing more was looked at' }),
      visits: count,
    }),
  ),
});

const featuresShape = z.object({
  kind: z.literal('features'),
  ...common,
  items: z.array(
    z.object({
      source: z.enum(['client', 'product']),
      kind: z.string(),
      name: z.string(),
      day,
      is_complete: z.boolean(),
      people: count,
      visits: count.nullable().meta({ description: 'Of what clients tell' }),
      times: count,
    }),
  ),
});

const dwellShape = z.object({
  kind: z.literal('dwell'),
  ...common,
  items: z.array(
    z.object({
      name: z.string(),
      people: count,
      times: count,
      median_seconds: seconds,
      p90_seconds: seconds,
      mean_seconds: seconds,
    }),
  ),
});

const retentionShape = z.object({
  kind: z.literal('retention'),
  ...common,
  period: z.enum(COHORT_PERIODS),
  means: z
    .array(z.object({ later: count, cohorts: count, people: count, returned: count, rate }))
    .meta({ description: 'Weighted by people, of complete cells alone' }),
  stickiness: z.array(z.object({ day, dau: count, wau: count, mau: count, is_complete: z.boolean() })),
  items: z.array(
    z.object({
      cohort: day.meta({ description: 'The first day of the period in which they came first' }),
      people: count,
      later: count.meta({ description: 'How many periods' }),
      returned: count,
      rate,
      is_complete: z.boolean(),
    }),
  ),
});

const periodicityShape = z.object({
  kind: z.literal('periodicity'),
  ...common,
  ...enoughFields,
  correlations: z
    .object({
      by_day: z.number().min(-1).max(1),
      by_week: z.number().min(-1).max(1),
      rhythm: z.enum(['weekly', 'daily', 'none']),
    })
    .nullable(),
  items: z.array(
    z.object({
      weekday: z.int().min(1).max(7).meta({ description: 'Monday is 1' }),
      hour: z.int().min(0).max(23),
      mean: z.number().min(0),
    }),
  ),
});

const anomalyShape = z.object({
  kind: z.literal('anomaly'),
  ...common,
  ...enoughFields,
  items: z.array(
    z.object({
      starts_at: timeShape,
      entries: count,
      usual: z.number().min(0).meta({ description: 'The median of the same hour, or day, of weeks before' }),
      score: z.number().meta({ description: 'Robust standard deviations from it' }),
    }),
  ),
});

const personFields = { user_id: idShape, nickname: z.string() };
const churnShape = z.object({
  kind: z.literal('churn'),
  ...common,
  ...enoughFields,
  risks: z.array(
    z.object({
      risk: z.enum(RISKS),
      people: count,
      tested: count.meta({ description: 'Who would have been of it 30 days before' }),
      returned: count.meta({ description: 'Of those, who has been here since' }),
      returned_rate: rate.nullable(),
    }),
  ),
  items: z.array(
    z.object({
      ...personFields,
      risk: z.enum(RISKS),
      active_days: count,
      cycle_days: z.number(),
      days_since: count,
      cycles_away: z.number(),
    }),
  ),
});

const valueShape = z.object({
  kind: z.literal('value'),
  ...common,
  ...enoughFields,
  levels: z.array(z.object({ level: z.enum(VALUES), people: count, spent: z.number() })),
  items: z.array(
    z.object({
      ...personFields,
      level: z.enum(VALUES),
      recency: z.int(),
      frequency: z.int(),
      money: z.int(),
      days_since: count,
      visit_days: count,
      spent: z.number(),
    }),
  ),
});

export const analysisShape = z.discriminatedUnion('kind', [
  pathsShape,
  featuresShape,
  dwellShape,
  retentionShape,
  periodicityShape,
  anomalyShape,
  churnShape,
  valueShape,
]);
export type Analysis = z.output<typeof analysisShape>;
/** What is said of one kind, but for what is said of each. */
export type Finding<Kind extends AnalysisKind> = Omit<
  Extract<Analysis, { kind: Kind }>,
  Exclude<keyof typeof common, 'unit'> | 'kind'
>;

/** Of people whose names are read when somebody looks: who has left meanwhile has none. */
export type Unnamed<Kind extends 'churn' | 'value'> = Omit<Finding<Kind>, 'items'> & {
  items: Omit<Extract<Analysis, { kind: Kind }>['items'][number], 'nickname'>[];
};
