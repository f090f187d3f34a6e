import { z } from 'zod';
import type { PointsTransfer } from '../../../entities/points/PointsTransfer.ts';
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
  toWirePoints,
  toWireTime,
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

export function transferToWire(row: PointsTransfer): z.output<typeof transferShape> {
  const { decided_at: at } = row;
  return {
    transfer_id: row.transfer_id,
    from_user_id: row.from_user_id,
    to_user_id: row.to_user_id,
    amount: toWirePoints(row.amount),
    message: row.message,
    status: row.status,
    created_at: toWireTime(row.created_at.getTime()),
    decided_by: row.decided_by,
    decided_at: at === null ? null : toWireTime(at.getTime()),
    decision_reason: row.decision_reason,
  };
}
