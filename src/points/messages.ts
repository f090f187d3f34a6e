import { z } from 'zod';
import {
  amountShape,
  beforeQuery,
  idShape,
  idText,
  integerText,
  longPageOf,
  pageQuery,
  pageWithNextOf,
  pointsShape,
  rowIdShape,
  rowIdText,
  signedAmountShape,
  textShape,
  timeShape,
} from '../platform/shapes.ts';

const word = z.string().regex(/^[a-z0-9_:-]{1,32}$/, 'must be 1 to 32 of a-z 0-9 _ : -');
const reason = textShape({ max: 255 });
const relatedId = textShape({ max: 64 });
/** A moment in a query string; one outside of these years cannot be written as a DATETIME. */
const moment = z.iso
  .datetime({ offset: true })
  .max(40)
  .transform((text) => Date.parse(text))
  .pipe(z.number().min(0).max(Date.UTC(9999, 0)))
  .meta({ override: { pattern: undefined } });

export const accountShape = z.object({
  user_id: idShape,
  total_points: pointsShape,
  available_points: pointsShape,
  frozen_points: pointsShape,
  /** Owed of a refund: the next earning pays it. */
  debt_points: pointsShape,
  level: z.int(),
  experience_points: z.int(),
  history_total_points: pointsShape,
});

export const ownAccountShape = accountShape.extend({
  pending_points: pointsShape.meta({
    description: 'Of bills that may still be returned: no part of the total',
  }),
});

export const transactionsQuery = z.strictObject({
  ...pageQuery,
  ...beforeQuery,
  type: word.optional(),
  start_time: moment.optional(),
  end_time: moment.optional(),
});

export const transactionShape = z.object({
  transaction_id: rowIdShape,
  type: z.string(),
  amount: pointsShape,
  balance_before: pointsShape,
  balance_after: pointsShape,
  status: z.string(),
  source: z.string(),
  reason: z.string(),
  related_id: z.string().nullable(),
  /** The published rule that made it. */
  rule_id: z.int().nullable(),
  rule_version: z.int().nullable(),
  created_at: timeShape,
});
export const transactionsShape = pageWithNextOf(transactionShape);
export const ledgerShape = longPageOf(transactionShape);
export const userPath = z.strictObject({ id: idText });

export const expiringQuery = z.strictObject({ days: integerText({ min: 1, max: 3650 }).default(30) });
export const expiringShape = z.object({
  items: z.array(
    z.object({
      /** The last moment at which they may be spent. */
      expires_at: timeShape,
      amount: pointsShape,
    }),
  ),
});

export const earnBody = z.strictObject({
  user_id: idShape,
  amount: amountShape,
  reason,
  source: word,
  /** Spendable through the business day in which it lies. */
  expires_at: moment.optional(),
});
export const earnedShape = z.object({ transaction_id: rowIdShape, user_id: idShape, balance: pointsShape });

export const consumeBody = z.strictObject({ amount: amountShape, reason, related_id: relatedId.optional() });
export const consumedShape = z.object({ transaction_id: rowIdShape, balance: pointsShape });

export const frozenBody = z.strictObject({ user_id: idShape, amount: amountShape, reason });
export const freezeBody = frozenBody.extend({
  /** Held through the business day in which it lies, then released. */
  expires_at: moment.optional(),
});
export const frozenShape = z.object({
  transaction_id: rowIdShape,
  balance: pointsShape,
  frozen: pointsShape,
  hold_id: rowIdShape.optional(),
});

export const transactionPath = z.strictObject({ id: rowIdText });
export const rollbackBody = z.strictObject({ amount: amountShape.optional(), reason });
export const rolledBackShape = z.object({
  transaction_id: rowIdShape,
  amount: pointsShape,
  balance: pointsShape,
  /** What is owed now: points that were spent already. */
  debt: pointsShape,
  /** Of a spending: what came back to which end. */
  restored: z.array(
    z.object({
      amount: pointsShape,
      expires_at: timeShape.nullable(),
      outcome: z.enum(['restored', 'expired', 'grace']),
    }),
  ),
  on_restore_expired: z.enum(['expire', 'grace_days']),
  /** Of a transfer: what it has become for who had received it. */
  receiver: z
    .object({ user_id: idShape, transaction_id: rowIdShape, balance: pointsShape, debt: pointsShape })
    .optional(),
});

export const adjustBody = z.strictObject({ user_id: idShape, amount: signedAmountShape, reason });

export const checkInShape = z.object({
  date: z.iso.date(),
  streak: z.int(),
  multiplier: z.int(),
  points: pointsShape.meta({ description: 'Without the bonuses' }),
  month_bonus: pointsShape,
  holiday_bonus: pointsShape,
});
