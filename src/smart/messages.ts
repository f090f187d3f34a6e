/** Recommendations, feedback and models on the wire. */
import { z } from 'zod';
import { ITEM_TYPES } from '../analytics/interactions/readInteractions.ts';
import { FEEDBACK_KINDS } from '../../entities/smart/SmartFeedback.ts';
import { MODEL_STATUSES } from '../../entities/smart/SmartModel.ts';
import {
  beforeQuery,
  idShape,
  idText,
  integerText,
  longPageOf,
  pageQuery,
  pointsShape,
  rowIdShape,
  rowIdText,
  textShape,
  timeShape,
} from '../platform/shapes.ts';
import { reasonShape } from './serving/reasons.ts';
import { STRATEGIES } from './serving/strategy.ts';

/** Things of one list. */
const MOST_ITEMS = 20;
const USUAL_ITEMS = 8;

/** By the name of all of a type. */
export const TYPE_OF = { campaigns: 'campaign', products: 'product', ways: 'way', offers: 'offer' } as const;
const KINDS = ['all', 'campaigns', 'products', 'ways', 'offers'] as const;

export const recommendationsQuery = z.strictObject({
  kind: z.enum(KINDS).default('all'),
  limit: integerText({ min: 1, max: MOST_ITEMS }).default(USUAL_ITEMS),
});

const itemFields = { item_type: z.enum(ITEM_TYPES), item_id: rowIdShape };

export const recommendationsShape = z.object({
  recommendation_id: z.string().meta({ description: 'Named by feedback, and by what is told of exposures' }),
  model_version: z.int().min(0).meta({ description: '0: no model was made yet' }),
  strategy: z.enum(STRATEGIES),
  items: z.array(
    z.object({
      ...itemFields,
      position: z.int().min(1),
      title: z.string(),
      image_url: z.string().nullable(),
      price: pointsShape.nullable().meta({ description: 'Of a draw or a piece; null: it costs nothing' }),
      score: z.number().meta({ description: 'The higher the better; comparable within one answer alone' }),
      reason: reasonShape,
    }),
  ),
});

const clientIdShape = z.string().regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _');

export const feedbackBody = z
  .discriminatedUnion('feedback', [
    z.strictObject({
      feedback: z.enum(['clicked', 'liked', 'not_interested', 'interested_again']),
      recommendation_id: clientIdShape.optional(),
      ...itemFields,
    }),
    z
      .strictObject({
        feedback: z.literal('general'),
        satisfaction: z.int().min(1).max(5).optional(),
        text: textShape({ max: 1000 }).optional(),
      })
      .refine(({ satisfaction, text }) => satisfaction !== undefined || text !== undefined, {
        path: ['satisfaction'],
        message: 'either satisfaction or text',
      }),
  ])
  .meta({
    description:
      'not_interested hides it for 30 days; interested_again shows it again; general is of the product as a whole',
    example: { feedback: 'not_interested', item_type: 'product', item_id: 1 },
  });
export const feedbackShape = z.object({
  feedback: z.string(),
  hidden_until: timeShape.nullable().meta({ description: 'Of not_interested' }),
});

export const feedbackQuery = z.strictObject({
  kind: z.enum(FEEDBACK_KINDS).optional(),
  ...pageQuery,
  ...beforeQuery,
});
export const feedbackListShape = longPageOf(
  z.object({
    feedback_id: rowIdShape,
    user_id: idShape,
    kind: z.enum(FEEDBACK_KINDS),
    item_type: z.string().nullable(),
    item_id: rowIdShape.nullable(),
    model_version: z.int().min(0).nullable(),
    position: z.int().nullable(),
    satisfaction: z.int().nullable(),
    text: z.string().nullable(),
    created_at: timeShape,
  }),
);

const shareShape = z.number().min(0).nullable();
export const modelShape = z.object({
  version: rowIdShape,
  status: z.enum(MODEL_STATUSES).meta({
    description:
      'serving: the one that recommends; ready: it can be gone back to; refused: it was not good enough',
  }),
  people: z.int(),
  items: z.int(),
  interactions: z.int(),
  metrics: z
    .object({
      ndcg: shareShape,
      recall: shareShape,
      coverage: shareShape,
      distinct_share: shareShape,
      serving_ndcg: shareShape,
      popularity_ndcg: shareShape,
      people: z.int(),
      duration_ms: z.int(),
    })
    .nullable()
    .meta({
      description:
        'How well it tells the last week by the time before it: NDCG and recall of ten; null: too few people to say',
    }),
  reason: z.string().nullable(),
  created_by: z.int().nullable(),
  created_at: timeShape,
  finished_at: timeShape.nullable(),
  activated_at: timeShape.nullable(),
  lists: z.int().meta({ description: 'That were shown of it, of the last 30 days' }),
  clicks: z.int(),
  ctr: shareShape.meta({ description: 'Clicks by things shown; null: nothing was' }),
});
export const modelsQuery = z.strictObject({ ...pageQuery, ...beforeQuery });
export const modelsShape = longPageOf(modelShape);
export const modelPath = z.strictObject({ version: rowIdText });
export const trainingShape = z.object({ version: rowIdShape });

export const reportShape = z.object({
  model: modelShape,
  zone: z.string(),
  unit: z.literal('item shown'),
  from: timeShape,
  to: timeShape.meta({ description: 'Now: what is counted is complete up to a second or two before' }),
  positions: z.array(
    z.object({
      position: z.int(),
      shown: z.int(),
      clicks: z.int(),
      likes: z.int(),
      not_interested: z.int(),
      ctr: shareShape,
    }),
  ),
  strategies: z.array(z.object({ strategy: z.enum(STRATEGIES), lists: z.int() })),
});

export const personPath = z.strictObject({ user_id: idText });
