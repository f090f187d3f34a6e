/** A campaign as operators write it and read it (L-1, L-2). */
import { z } from 'zod';
import { DISCLOSURES } from '../../draw/terms.ts';
import { LIMITS } from '../../platform/limits.ts';
import {
  idShape,
  longPageOf,
  pictureShape,
  pointsShape,
  textShape,
  timeShape,
} from '../../platform/shapes.ts';
import { statusShape } from '../views.ts';

/** In steps of 10⁻⁸: what is finer than that no draw could keep to. */
const probabilityShape = z
  .number()
  .min(0)
  .max(1)
  .refine(
    (probability) => Number((Math.round(probability * 1e8) / 1e8).toFixed(8)) === probability,
    'has more than eight decimals',
  )
  .meta({ description: 'In steps of 0.00000001', example: 0.05 });

/** Points, none included; as `amountShape` it has at most two decimals. */
const priceShape = z
  .number()
  .min(0)
  .max(LIMITS.pointsPerMovement / 100)
  .refine((points) => /^\d+(\.\d{1,2})?$/.test(String(points)), 'has more than two decimals')
  .meta({ description: 'Points, with at most two decimals', example: 100 });

const keyShape = z
  .string()
  .regex(/^[\p{L}\p{N}_.-]{1,64}$/u, 'must be 1 to 64 letters, digits and _ . -')
  .meta({
    description: 'Names the prize within the campaign: 1 to 64 letters of any script, digits and _ . -',
    example: 'first',
    // What a letter is, not every reader of patterns knows.
    override: { pattern: undefined, minLength: 1, maxLength: 64 },
  });
const word = z.string().regex(/^[a-z0-9_-]{1,16}$/, 'must be 1 to 16 of a-z 0-9 _ -');
const countShape = z.int().min(1).max(1_000_000_000);
const bonusShape = z
  .int()
  .min(0)
  .max(100_000)
  .meta({ description: 'In 1/10000 of the probability', example: 500 });
const idsShape = z.array(idShape).max(LIMITS.restaurantsPerCampaign);

export const prizeTypeShape = z.enum(['points', 'coupon', 'physical', 'virtual', 'product']);

export const prizeBodyShape = z.strictObject({
  key: keyShape,
  name: textShape({ max: 128 }).meta({ example: '一等奖' }),
  type: prizeTypeShape,
  tier: word.default('normal'),
  value: priceShape,
  stock: z
    .int()
    .min(0)
    .max(2_000_000_000)
    .nullable()
    .default(null)
    .meta({ description: 'In all, what is won included; null: unlimited' }),
  probability: probabilityShape,
  sort_order: z
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .meta({ description: 'By default its place in the list' }),
  fallback: keyShape
    .nullable()
    .default(null)
    .meta({ description: 'The prize that is given in place of it when it is out of stock' }),
  image_url: pictureShape.nullable().default(null),
  code_source: z.enum(['pool', 'generated']).optional().meta({
    description:
      'Of a coupon. pool: its codes are uploaded, and it is won as long as there are any; generated: its code is made here. By default pool',
  }),
});

export const conditionsShape = z.strictObject({
  min_level: z.int().min(1).max(LIMITS.levels).optional(),
  max_level: z.int().min(1).max(LIMITS.levels).optional(),
  min_history_points: priceShape.optional(),
  registered_before: timeShape.optional(),
  registered_after: timeShape.optional(),
  segments: z
    .array(textShape({ max: 64 }))
    .max(20)
    .optional(),
  visited_restaurant_ids: idsShape.optional(),
});

const disclosure = z.string().trim().max(1000).optional();
const disclosuresShape = z
  .strictObject(
    Object.fromEntries(DISCLOSURES.map((name) => [name, disclosure])) as Record<
      (typeof DISCLOSURES)[number],
      typeof disclosure
    >,
  )
  .meta({ description: 'What diners are told by law; a campaign starts with all of it' });

/** How campaigns are shown. */
export const CAMPAIGN_TYPES = ['wheel', 'grid', 'slot'] as const;

const bodyFields = {
  name: textShape({ max: 128 }).meta({ example: '周末大抽奖' }),
  type: z.enum(CAMPAIGN_TYPES).default('wheel').meta({ description: 'How it is shown' }),
  description: textShape({ max: 1000, min: 0 }).nullable().default(null),
  starts_at: timeShape,
  ends_at: timeShape,
  cost_per_draw: priceShape,
  total_draws: countShape.nullable().default(null).meta({ description: 'null: no bound' }),
  draws_per_user_per_day: countShape.nullable().default(null),
  free_draws_per_day: z.int().min(0).max(1000).default(0).meta({ description: 'The first of a day' }),
  wins_per_user: countShape.nullable().default(null),
  draws_per_second: z
    .int()
    .min(1)
    .max(1000)
    .nullable()
    .default(null)
    .meta({ description: 'Of one diner; null: what the server allows' }),
  conditions: conditionsShape.default({}),
  guarantee: z
    .strictObject({ threshold: z.int().min(1).max(100_000), prize: keyShape })
    .nullable()
    .default(null),
  pity: z
    .array(z.strictObject({ after: z.int().min(0).max(100_000), bonus_bp: bonusShape }))
    .max(LIMITS.bonusSteps)
    .default([]),
  level_bonus_bp: z.record(z.string().regex(/^[1-9]\d?$/), bonusShape).default({}),
  periods: z
    .array(z.strictObject({ starts_at: timeShape, ends_at: timeShape, bonus_bp: bonusShape }))
    .max(LIMITS.bonusSteps)
    .default([]),
  disclosures: disclosuresShape.default({}),
  restaurant_ids: idsShape.default([]).meta({ description: 'Where prizes are redeemed; none: everywhere' }),
  claim_days: z
    .int()
    .min(1)
    .max(3650)
    .nullable()
    .default(null)
    .meta({ description: 'Days in which a prize is to be claimed; null: at any time' }),
  return_unclaimed: z.boolean().default(false).meta({ description: 'What nobody claimed is drawn again' }),
  seed_rotation_draws: z.int().min(1).max(1_000_000).default(1000),
  prizes: z.array(prizeBodyShape).min(1).max(LIMITS.prizesPerDocument),
};

/** What makes a campaign. */
export const campaignBodyShape = z.strictObject(bodyFields).meta({
  example: {
    name: '周末大抽奖',
    starts_at: '2030-01-05T02:00:00Z',
    ends_at: '2030-01-06T14:00:00Z',
    cost_per_draw: 100,
    prizes: [
      { key: 'dinner', name: '双人套餐', type: 'physical', value: 500, stock: 10, probability: 0.01 },
      { key: 'points', name: '50 积分', type: 'points', value: 50, probability: 0.3 },
    ],
  },
});

/** As it is read again. Of campaigns that were made before these were the types, any word is one. */
const storedType = word.meta({
  description: 'wheel, grid or slot; of old campaigns any word',
  example: 'wheel',
});
export const storedBodyShape = z.strictObject({ ...bodyFields, type: storedType });
export type CampaignBody = z.output<typeof storedBodyShape>;
export type PrizeBody = CampaignBody['prizes'][number];

const versionShape = z.int().min(1).meta({ description: 'As it was read', example: 1 });

/** A change of one: what is left out stays as it is, of a prize as well. Prizes that are given are all there are. */
export const campaignChangeShape = z.strictObject({
  version: versionShape,
  ...optionalFields(bodyFields),
  prizes: z
    .array(z.strictObject({ ...optionalFields(prizeBodyShape.shape), key: keyShape }))
    .min(1)
    .max(LIMITS.prizesPerDocument)
    .optional(),
});
export type CampaignChange = z.output<typeof campaignChangeShape>;

export const prizeDocumentShape = prizeBodyShape.extend({
  prize_id: idShape,
  sort_order: z.int(),
  code_source: z.enum(['pool', 'generated']).nullable(),
  remaining: z.int().nullable(),
  won: z.int(),
  codes: z.int().meta({ description: 'That were uploaded' }),
});

export const campaignDocumentShape = z
  .object({
    campaign_id: idShape,
    version: z.int(),
    status: statusShape,
    ...bodyFields,
    type: storedType,
    prizes: z.array(prizeDocumentShape),
    table_version: z
      .int()
      .meta({ description: 'Of the configuration in the fairness log; 0: none is published' }),
    author_id: z.int().nullable(),
    editor_id: z.int().nullable(),
    pending_approval_id: z.int().nullable(),
    created_at: timeShape,
    updated_at: timeShape,
  })
  .meta({ id: 'CampaignDocument' });
export type CampaignDocument = z.output<typeof campaignDocumentShape>;

/** What has become of it so far. */
export const campaignProgressFields = {
  draws: z.int(),
  value_given: pointsShape.meta({ description: 'Of all prizes that were won' }),
  limited_value: z
    .object({ given: pointsShape, total: pointsShape })
    .meta({ description: 'Of the prizes that are limited: what was won of all that there is' }),
  tightest: z
    .object({ prize_id: idShape, name: z.string(), remaining: z.int(), total: z.int() })
    .nullable()
    .meta({ description: 'The prize of which the smallest part is left; null where none is limited' }),
};

export const campaignListShape = longPageOf(
  campaignDocumentShape.omit({ prizes: true }).extend(campaignProgressFields),
);

/** The same shapes, each of which may be left out; nothing is filled in for it. */
function optionalFields<Fields extends Record<string, z.ZodType>>(fields: Fields) {
  const entries = Object.entries(fields).map(([name, shape]) => [
    name,
    (shape instanceof z.ZodDefault ? (shape.unwrap() as z.ZodType) : shape).optional(),
  ]);
  return Object.fromEntries(entries) as {
    [Name in keyof Fields]: z.ZodOptional<
      Fields[Name] extends z.ZodDefault<infer Inner> ? Inner : Fields[Name]
    >;
  };
}
