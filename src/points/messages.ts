import { z } from 'zod';
import {
  amountShape,
  beforeQuery,
  idShape,
  pageQuery,
  pageWithNextOf,
  pointsShape,
  rowIdShape,
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
  level: z.int(),
  experience_points: z.int(),
  history_total_points: pointsShape,
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
  created_at: timeShape,
});
export const transactionsShape = pageWithNextOf(transactionShape);

export const earnBody = z.strictObject({ user_id: idShape, amount: amountShape, reason, source: word });
export const earnedShape = z.object({ transaction_id: rowIdShape, user_id: idShape, balance: pointsShape });

export const consumeBody = z.strictObject({ amount: amountShape, reason, related_id: relatedId.optional() });
export const consumedShape = z.object({ transaction_id: rowIdShape, balance: pointsShape });
