/** What a rule says (P-11): the shape of its definition, and the definition made ready to be evaluated. */
import { z } from 'zod';
import { LIMITS } from '../../platform/limits.ts';
import { textShape, timeShape } from '../../platform/shapes.ts';
import { firstLine, readFormula, type Formula, type FormulaResult, type RuleType } from './formula.ts';
import { TASK_METRICS, TASK_PERIODS } from './taskWords.ts';

/** Multipliers are in basis points: this is one. */
export const BASIS = 10_000;

const capShape = z
  .number()
  .min(0)
  .max(LIMITS.pointsPerMovement / 100)
  .refine((points) => /^\d+(\.\d{1,2})?$/.test(String(points)), 'has more than two decimals')
  .nullable()
  .default(null);

const baseShape = z.strictObject({
  condition: z.string().min(1).default('true').meta({ example: 'level >= 2' }),
  amount: z.string().min(1).meta({ description: 'A formula in CEL, of 1/100 points', example: '1000' }),
  segments: z
    .array(textShape({ max: 64 }))
    .max(20)
    .optional()
    .meta({ description: 'For whom it is: members of any of these; absent or empty: everybody' }),
  priority: z.int().min(0).max(1000).default(0),
  starts_at: timeShape.nullable().default(null),
  ends_at: timeShape.nullable().default(null),
  stacking: z.enum(['stack', 'exclusive']).default('stack'),
  multiplier_by_level: z
    .record(
      z.string().regex(/^(0|[1-9]\d?)$/),
      z
        .int()
        .min(0)
        .max(100 * BASIS),
    )
    .default({})
    .meta({
      description: 'In basis points; a level that is not named has 10000. Rounded down to 1/100 point',
    }),
  caps: z
    .strictObject({ day: capShape, week: capShape, month: capShape })
    .default({ day: null, week: null, month: null }),
});

/** What a task counts, and how often its reward may be had (P-8). */
export const taskShape = z.strictObject({
  /** basic: the same for everybody; dynamic: for whom the condition holds; achievement: once in a life. */
  kind: z.enum(['basic', 'dynamic', 'achievement']).default('basic'),
  metric: z.enum(TASK_METRICS),
  goal: z.int().min(1).max(1_000_000_000),
  period: z.enum(TASK_PERIODS).default('once'),
});

/** Of some type, its formulas unread. */
export const anyDefinitionShape = baseShape.extend({ task: taskShape.optional() });

export type TaskDefinition = z.output<typeof taskShape>;
export type Definition = z.output<typeof baseShape> & { task?: TaskDefinition | undefined };

/** Its formulas are read as well, so a bad one is refused with its path before it is stored. */
export function definitionShape(type: RuleType): z.ZodType<Definition> {
  const shape: z.ZodType<Definition> = type === 'task' ? baseShape.extend({ task: taskShape }) : baseShape;
  return shape.superRefine((definition, context) => {
    const check = (path: 'condition' | 'amount', result: FormulaResult) => {
      try {
        readFormula(type, definition[path], result);
      } catch (error) {
        context.addIssue({ code: 'custom', path: [path], message: firstLine(error) });
      }
    };
    check('condition', 'bool');
    check('amount', 'int');
    const { starts_at, ends_at } = definition;
    if (starts_at !== null && ends_at !== null && Date.parse(ends_at) <= Date.parse(starts_at)) {
      context.addIssue({ code: 'custom', path: ['ends_at'], message: 'must be after starts_at' });
    }
  });
}

export interface NamedDefinition {
  ruleId: number;
  version: number;
  name: string;
  definition: Definition;
}

/** A rule of which one version is ready to be evaluated, any number of times. */
export interface ReadyRule extends NamedDefinition {
  condition: Formula;
  amount: Formula;
}

/** @throws Error for formulas that `definitionShape` refuses. */
export function readyRule(type: RuleType, rule: NamedDefinition): ReadyRule {
  const { condition, amount } = rule.definition;
  return {
    ...rule,
    condition: readFormula(type, condition, 'bool'),
    amount: readFormula(type, amount, 'int'),
  };
}
