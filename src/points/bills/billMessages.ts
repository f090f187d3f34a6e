/** Shapes of bills, as they are on the wire. Amounts of money have at most two decimals, as points have. */
import { z } from 'zod';
import {
  amountShape,
  beforeQuery,
  idShape,
  pageQuery,
  pageWithNextOf,
  pointsShape,
  rowIdShape,
  timeShape,
} from '../../platform/shapes.ts';
import { explanationShape } from '../rules/ruleMessages.ts';

export const billNoShape = z
  .string()
  .regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ . : -')
  .meta({ example: 'T01-20260301-0042' });
const money = z.number().meta({ description: 'With at most two decimals' });

export const payBody = z.strictObject({ user_id: idShape, bill_no: billNoShape, bill_amount: amountShape });
export const paidShape = z.object({
  points: pointsShape.meta({ description: 'That the bill has earned' }),
  balance: pointsShape,
  transaction_id: rowIdShape.nullable().meta({ description: 'null: nothing was earned, or it is pending' }),
  activates_at: timeShape.nullable().meta({ description: 'When pending points come' }),
});

export const billPath = z.strictObject({ bill_no: billNoShape });
export const refundBody = z.strictObject({
  amount: amountShape.optional().meta({ description: 'Of the bill; absent: what is left of it' }),
});
export const refundShape = z.object({
  refunded: money,
  points: pointsShape.meta({ description: 'That were taken back' }),
  debt: pointsShape.meta({ description: 'Owed now, as what was to be taken back is spent' }),
  balance: pointsShape,
  transaction_id: rowIdShape.nullable(),
  left: money.meta({ description: 'Of the bill' }),
});

export const billsQuery = z.strictObject({ ...pageQuery, ...beforeQuery });
export const billShape = z.object({
  bill_no: z.string(),
  bill_amount: money,
  refunded: money,
  points: pointsShape,
  reversed_points: pointsShape,
  status: z.enum(['pending', 'completed', 'cancelled']),
  activates_at: timeShape.nullable(),
  explain: z.array(explanationShape),
  created_at: timeShape,
});
export const billsShape = pageWithNextOf(billShape);
