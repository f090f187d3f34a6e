import { z } from 'zod';
import {
  idShape,
  newestOf,
  pointsShape,
  rowIdShape,
  rowIdText,
  textShape,
  timeShape,
} from '../platform/shapes.ts';

/** What has to be over before an account can end. */
const BLOCKERS = [
  /** One of the two is blocked, or gone. */
  'not_active',
  /** One of the two works here: what staff may do is nobody's to take over. */
  'staff',
  'frozen_points',
  'trades',
  'transfers',
  'claims',
  'too_many_items',
] as const;
export type Blocker = (typeof BLOCKERS)[number];

const reasonShape = textShape({ max: 200 });
const statusShape = z.enum(['pending', 'done', 'declined', 'cancelled', 'expired']);

export const askBody = z
  .strictObject({
    into_user_id: idShape.meta({ description: 'The account that stays; that of the path ends' }),
    is_number_lost: z.boolean().default(false).meta({
      description:
        'Nobody can log in to the account that ends: a second administrator confirms in its place, a day after its owner was told',
    }),
    reason: reasonShape,
  })
  .meta({ example: { into_user_id: 2, is_number_lost: false, reason: '顾客更换手机号' } });
export const cancelBody = z.strictObject({ reason: reasonShape.meta({ example: '顾客不再需要' }) });
export const confirmBody = z.strictObject({
  code: z
    .string()
    .regex(/^\d{6}$/, 'must be 6 digits')
    .meta({
      description: 'A fresh one of my own number, from /auth/code',
    }),
});
export const mergePath = z.strictObject({ id: rowIdText });

const shared = {
  merge_id: rowIdShape,
  status: statusShape,
  is_number_lost: z.boolean(),
  points: pointsShape.nullable().meta({ description: 'That have moved; null: it is not done' }),
  items: z.int().nullable(),
  created_at: timeShape,
  expires_at: timeShape,
  ended_at: timeShape.nullable(),
};

export const ownMergeShape = z
  .object({
    ...shared,
    side: z.enum(['from', 'into']).meta({ description: 'from: my account ends; into: it stays' }),
    other: z.object({ nickname: z.string(), mobile: z.string().nullable() }),
    confirmed_by_me: z.boolean(),
    confirmed_by_other: z.boolean(),
  })
  .meta({ id: 'OwnMerge' });
export type OwnMerge = z.output<typeof ownMergeShape>;

const personShape = z.object({
  user_id: idShape,
  nickname: z.string(),
  mobile: z.string().nullable().meta({ description: 'Masked; null once the account is closed' }),
});

export const managedMergeShape = z
  .object({
    ...shared,
    from: personShape,
    into: personShape,
    reason: z.string(),
    asked_by: z.int(),
    from_confirmed_at: timeShape.nullable(),
    into_confirmed_at: timeShape.nullable(),
    approval_id: rowIdShape.nullable().meta({ description: 'That waits for a second administrator' }),
    approvable_at: timeShape.nullable().meta({ description: 'Not before may they confirm' }),
    blockers: z.array(z.enum(BLOCKERS)).meta({ description: 'What has to be over before it can be made' }),
  })
  .meta({ id: 'Merge' });
export type ManagedMerge = z.output<typeof managedMergeShape>;

export const ownMergesShape = z.object({ items: z.array(ownMergeShape) });
export const managedMergesShape = z.object({ items: z.array(managedMergeShape) });
export const exportedMergesShape = z.object({ merges: newestOf(ownMergeShape) });
