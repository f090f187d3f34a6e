/** Shapes of the rules of points, as they are on the wire. */
import { z } from 'zod';
import {
  amountShape,
  idShape,
  idText,
  pageOf,
  pageQuery,
  pointsShape,
  textShape,
  timeShape,
} from '../../platform/shapes.ts';
import { anyDefinitionShape, taskShape } from './definition.ts';
import { CAP_WINDOWS } from './engine.ts';
import { RULE_TYPES } from './formula.ts';

/** The example is one that needs no facts. */
export const ruleTypeShape = z.enum(RULE_TYPES).meta({ example: 'first_login' });
const name = textShape({ max: 64 });
const version = z.int().min(1);

export const rulePath = z.strictObject({ id: idText });
export const rulesQuery = z.strictObject({ type: ruleTypeShape.optional(), ...pageQuery });

/** Its formulas are read once the type is known. */
const definition = anyDefinitionShape;
export const newRuleBody = z.strictObject({ type: ruleTypeShape, name, definition });
export const ruleBody = z.strictObject({ version, name: name.optional(), definition });
export const versionBody = z.strictObject({ version });
export const returnBody = z.strictObject({
  version: version.meta({ description: 'That is to hold again' }),
  seen_version: version.optional().meta({
    description: 'The newest one that was seen; absent: whatever was done meanwhile is passed over',
  }),
});

const ruleFields = {
  rule_id: idShape,
  type: ruleTypeShape,
  name: z.string(),
  version,
  published_version: version.nullable().meta({ description: 'What holds; null: nothing of it' }),
  definition,
  updated_at: timeShape,
};
export const ruleShape = z.object(ruleFields);
export const rulesShape = pageOf(ruleShape);
export const ruleWithVersionsShape = z.object({
  ...ruleFields,
  versions: z.array(
    z.object({
      version,
      name: z.string(),
      definition,
      published_at: timeShape,
      published_by: z.int().meta({ description: '0: a new installation; below zero: an API key' }),
    }),
  ),
});

const factShape = z.union([z.int(), z.string().max(64)]);
export const previewBody = z.strictObject({
  type: ruleTypeShape,
  user_id: idShape,
  bill_amount: amountShape.optional().meta({ description: 'Of a rebate, with at most two decimals' }),
  facts: z
    .record(z.string().regex(/^[a-z_]{1,32}$/), factShape)
    .default({})
    .meta({ description: 'Of the type, and of the user where they are to differ', example: { level: 3 } }),
  rule_id: idShape.optional().meta({ description: 'Whose place the definition takes' }),
  definition: definition.optional().meta({ description: 'As if it were published' }),
});

export const explanationShape = z.object({
  rule_id: z.int(),
  version: z.int(),
  name: z.string(),
  matched: z.boolean(),
  reason: z.enum([
    'granted',
    'not_yet',
    'over',
    'stopped',
    'segments',
    'condition',
    'failed',
    'nothing',
    'capped',
  ]),
  failure: z.string().nullable(),
  points_before_caps: pointsShape,
  points: pointsShape,
  stacking: z.enum(['stack', 'exclusive', 'stopped']),
  stopped_by: z.int().nullable(),
  cap: z.enum(CAP_WINDOWS).nullable(),
});
export const previewShape = z.object({ points: pointsShape, explain: z.array(explanationShape) });

export const effectiveRulesShape = z.object({
  items: z.array(
    z.object({
      rule_id: idShape,
      type: ruleTypeShape,
      version,
      name: z.string(),
      condition: z.string(),
      amount: z.string(),
      multiplier: z.int().meta({ description: 'Of my level, in basis points' }),
      starts_at: timeShape.nullable(),
      ends_at: timeShape.nullable(),
      stacking: z.enum(['stack', 'exclusive']),
      caps: z.object({
        day: pointsShape.nullable(),
        week: pointsShape.nullable(),
        month: pointsShape.nullable(),
      }),
      task: taskShape.nullable(),
    }),
  ),
  level: z.int(),
  levels: z.array(z.object({ level: z.int(), experience: z.int() })),
  transfers: z.object({
    per_day: z.int().meta({ description: 'Points that I may give away on one business day' }),
    review_from: z.int().meta({ description: 'So many at once are frozen until they are reviewed' }),
  }),
});
