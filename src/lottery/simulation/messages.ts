/** Simulations on the wire. */
import { z } from 'zod';
import { LIMITS } from '../../platform/limits.ts';
import { campaignBodyShape } from '../manage/documentShapes.ts';
import { idShape, pointsShape, rowIdShape, rowIdText, textShape, timeShape } from '../../platform/shapes.ts';

const countShape = z.int().min(0);
const shareShape = z.number().min(0).max(1);

function bandOf<Value extends z.ZodType>(value: Value, description: string) {
  return z.object({ p5: value, p50: value, p95: value }).meta({ description });
}

const drawsShape = z.int().min(1).max(LIMITS.simulatedDraws).meta({
  description: 'Draws of one campaign. `runs` campaigns of so many are simulated',
  example: 100_000,
});
const runsShape = z
  .int()
  .min(1)
  .max(LIMITS.simulatedRuns)
  .meta({
    description:
      'Campaigns, each on its own with chance of its own; bands are of them. Without it as many as come to ' +
      `${LIMITS.simulatedDraws} draws in all, at most 40. draws × runs may not be more`,
  });
const levelsShape = z
  .record(z.string().regex(/^[1-9]\d?$/, 'must be a level'), z.number().min(0).max(1_000_000_000))
  .refine((levels) => Object.keys(levels).length <= LIMITS.levels, 'has too many levels')
  .refine((levels) => Object.values(levels).some((share) => share > 0), 'has nobody')
  .meta({
    description: 'How many of the diners have each level, as parts of their sum; without it all have level 1',
    example: { '1': 7, '2': 2, '3': 1 },
  });

export const simulateBody = z
  .strictObject({
    campaign_id: idShape.optional().meta({ description: 'With the stock that it has now' }),
    config: campaignBodyShape
      .optional()
      .meta({ description: 'In place of `campaign_id`: one that is not stored' }),
    draws: drawsShape,
    seed: textShape({ max: 64 }).optional().meta({
      description: 'The same configuration, body and seed give the same result; without it a new one',
    }),
    runs: runsShape.optional(),
    diners: z
      .int()
      .min(1)
      .max(LIMITS.simulatedDiners)
      .optional()
      .meta({ description: 'Each draw is of one of them, by chance; without it one for twenty draws' }),
    levels: levelsShape.optional(),
    budget: z
      .number()
      .min(0)
      .max(LIMITS.pointsPerAccount / 100)
      .optional()
      .meta({
        description: 'Points that prizes may be worth; the result tells how likely they are worth more',
      }),
  })
  .refine(({ draws, runs = 1 }) => draws * runs <= LIMITS.simulatedDraws, {
    path: ['runs'],
    message: `draws × runs is more than ${LIMITS.simulatedDraws}`,
  })
  .refine(({ campaign_id: id, config }) => (id === undefined) !== (config === undefined), {
    path: ['campaign_id'],
    message: 'either campaign_id or config',
  })
  .meta({ example: { campaign_id: 1, draws: 10_000, seed: 'spring' } });
export type SimulateBody = z.output<typeof simulateBody>;

export const simulationPath = z.strictObject({ id: rowIdText });
export const startedShape = z.object({ simulation_id: rowIdShape });

const prizeFields = {
  prize_id: idShape.meta({
    description: 'Of a configuration that is not stored: its place in the list, from 1',
  }),
  key: z.string().nullable(),
  name: z.string(),
};

export const resultShape = z.object({
  config_hash: z.string().meta({ description: 'Hex SHA-256 of the RFC 8785 JSON of the configuration' }),
  draws: countShape,
  runs: countShape,
  population: z.object({
    diners: countShape,
    levels: z.record(z.string(), z.number()),
    free_draws_per_day: countShape,
    starts_at: timeShape,
    ends_at: timeShape,
  }),
  cost: bandOf(pointsShape, 'Points that the prizes of a campaign are worth'),
  cost_histogram: z.array(z.object({ from: pointsShape, to: pointsShape, runs: countShape })).meta({
    description: 'How many campaigns cost so much, from the cheapest to the dearest, in steps of one width',
  }),
  income: bandOf(pointsShape, 'Points that diners pay for the draws of a campaign'),
  win_rate: shareShape.meta({ description: 'Over all campaigns' }),
  win_rate_band: bandOf(shareShape, 'Of single campaigns'),
  guarantee_share: shareShape.meta({ description: 'Draws that the guarantee won, over all campaigns' }),
  guarantee_share_band: bandOf(shareShape, 'Of single campaigns'),
  budget: pointsShape.nullable(),
  budget_risk: shareShape.nullable().meta({ description: 'Campaigns that cost more than the budget' }),
  prizes: z.array(
    z.object({
      ...prizeFields,
      wins: countShape.meta({ description: 'Of one campaign, on average' }),
      wins_band: bandOf(z.number(), 'Of single campaigns'),
    }),
  ),
  exhaustion: z
    .array(
      z.object({
        ...prizeFields,
        stock: countShape,
        share: shareShape.meta({ description: 'Campaigns in which none is left at the end' }),
        draw_no: bandOf(
          z.number().nullable(),
          'The draw that takes the last one; null: it is there at the end',
        ),
      }),
    )
    .meta({ description: 'Of each limited prize' }),
  course: z
    .array(
      z.object({
        draw_no: countShape,
        cost: bandOf(pointsShape, 'Up to this draw'),
        income: bandOf(pointsShape, 'Up to this draw'),
        win_rate: bandOf(shareShape, 'Up to this draw'),
        guarantee_share: bandOf(shareShape, 'Up to this draw'),
      }),
    )
    .meta({ description: 'At up to fifty draws, the last one among them' }),
  stock_course: z
    .object({
      draw_nos: z
        .array(countShape)
        .meta({ description: 'The start and up to 24 draws, the last one among them' }),
      prizes: z.array(
        z.object({
          ...prizeFields,
          stock: countShape,
          left: z.array(bandOf(z.number(), 'Of single campaigns, after the draw')),
        }),
      ),
    })
    .optional()
    .meta({ description: 'What is left of each limited prize. Results of earlier versions are without it' }),
  warnings: z.array(
    z.object({
      code: z.enum(['loses_money', 'exhausts_early', 'guarantee_unmet', 'market_limit']).meta({
        description:
          'loses_money: the median cost is above the income · exhausts_early: a prize is gone before half of the draws ' +
          'are done · guarantee_unmet: in this share of the campaigns nothing was left to give · market_limit: a prize ' +
          'is worth more than may be',
      }),
      prize_id: idShape.nullable(),
      key: z.string().nullable(),
      name: z.string().nullable(),
      value: z.number(),
      limit: z.number(),
    }),
  ),
});
export type SimulationResult = z.output<typeof resultShape>;

export const statusShape = z.enum(['running', 'completed', 'failed', 'cancelled']);

export const simulationShape = z.object({
  simulation_id: rowIdShape,
  campaign_id: idShape.nullable(),
  config_hash: z.string(),
  status: statusShape.meta({
    description: 'running: from when it was asked for, also while others come first',
  }),
  progress: shareShape,
  seed: z.string(),
  draws: countShape,
  runs: countShape,
  result: resultShape.nullable().meta({ description: 'null until it is completed' }),
  plots: z
    .object({ cost: z.string(), win_rate: z.string(), guarantee_share: z.string(), exhaustion: z.string() })
    .nullable()
    .meta({ description: 'SVG documents of the result' }),
  created_at: timeShape,
  finished_at: timeShape.nullable(),
});
export type SimulationView = z.output<typeof simulationShape>;

export const cancelledShape = z.object({ simulation_id: rowIdShape, status: statusShape });
