import { z } from 'zod';
import {
  amountShape,
  beforeQuery,
  idShape,
  longPageOf,
  pageQuery,
  pointsShape,
  rowIdShape,
  rowIdText,
  textShape,
  timeShape,
} from '../../platform/shapes.ts';

const status = z.enum(['completed', 'review', 'approved', 'rejected']);

export const transferBody = z.strictObject({
  to_user_id: idShape,
  amount: amountShape,
  message: textShape({ max: 200 }).optional(),
});
export const transferredShape = z.object({
  /** Of the points that went, or of those that are frozen until the review. */
  transaction_id: rowIdShape,
  balance: pointsShape,
  status: z.enum(['completed', 'review']),
});

export const transfersQuery = z.strictObject({ ...pageQuery, ...beforeQuery, status: status.optional() });
export const transferShape = z.object({
  transfer_id: rowIdShape,
  from_user_id: idShape,
  to_user_id: idShape,
  amount: pointsShape,
  message: z.string().nullable(),
  status,
  created_at: timeShape,
  decided_by: idShape.nullable(),
  decided_at: timeShape.nullable(),
  decision_reason: z.string().nullable(),
});
export const transfersShape = longPageOf(transferShape);

export const transferPath = z.strictObject({ id: rowIdText });
export const approveBody = z.strictObject({});
export const rejectBody = z.strictObject({ reason: textShape({ max: 255 }) });
export const decidedShape = transferShape.extend({
  /** Of who gave: what went, or came back. */
  transaction_id: rowIdShape,
});
