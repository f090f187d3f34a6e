/** Shapes of claims, as they are on the wire. */
import { z } from 'zod';
import {
  amountShape,
  beforeQuery,
  idShape,
  integerText,
  pointsShape,
  rowIdShape,
  timeShape,
  toWirePoints,
} from '../../platform/shapes.ts';
import { LIMITS } from '../../platform/limits.ts';
import { billNoShape } from '../../points/bills/billMessages.ts';
import { shownImageShape } from '../../images/messages.ts';
import { claimStatusShape } from '../messages.ts';
import type { ReadClaim } from './claims.ts';

export const claimBody = z.strictObject({
  restaurant_id: idShape,
  bill_no: billNoShape,
  amount: amountShape.meta({ description: 'Of the bill, with at most two decimals', example: 128.5 }),
  paid_at: timeShape.meta({ description: `Not more than ${LIMITS.claimedDays} days ago` }),
  image_id: rowIdShape
    .optional()
    .meta({ description: 'The photo of the bill, that I have sent to POST /images' }),
});

export const claimShape = z.object({
  claim_id: rowIdShape,
  review_id: rowIdShape,
  user_id: idShape,
  restaurant_id: idShape,
  bill_no: z.string(),
  amount: z.number(),
  paid_at: timeShape,
  image_id: rowIdShape.nullable(),
  photo: shownImageShape.nullable().meta({
    description: 'The picture of image_id; null: there is none, or it has gone with whoever has sent it',
  }),
  status: claimStatusShape,
  reason: z.string().nullable().meta({ description: 'That was given with the decision' }),
  points: pointsShape.nullable().meta({ description: 'That it has brought; null: it is not approved' }),
  created_at: timeShape,
  decided_at: timeShape.nullable(),
});
export const claimsQuery = z.strictObject({
  limit: integerText({ min: 1, max: LIMITS.pageSize }).default(20),
  ...beforeQuery,
});
export const claimsShape = z.object({ items: z.array(claimShape), next: z.string().nullable() });

export function claimToWire({ claim, review, points, photo }: ReadClaim): z.output<typeof claimShape> {
  return {
    claim_id: claim.claim_id,
    review_id: review.review_id,
    user_id: claim.user_id,
    restaurant_id: claim.restaurant_id,
    bill_no: claim.bill_no,
    amount: toWirePoints(claim.amount),
    paid_at: claim.paid_at.toISOString(),
    image_id: claim.image_id,
    photo,
    // A later build may have others, which are told as they are.
    status: review.status as z.output<typeof claimStatusShape>,
    reason: review.reason,
    points: points === null ? null : toWirePoints(points),
    created_at: claim.created_at.toISOString(),
    decided_at: review.decided_at?.toISOString() ?? null,
  };
}
