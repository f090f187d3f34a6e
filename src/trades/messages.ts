import { z } from 'zod';
import { TRADE_STATUSES } from '../../entities/trades/TradeRecord.ts';
import {
  amountShape,
  beforeQuery,
  idShape,
  idText,
  longPageOf,
  pageQuery,
  pointsShape,
  rowIdShape,
  rowIdText,
  textShape,
  timeShape,
} from '../platform/shapes.ts';

const reasonShape = textShape({ max: 255 });
const statusShape = z.enum(TRADE_STATUSES);

export const offerBody = z
  .strictObject({
    item_id: rowIdShape.meta({ description: 'Of `GET /inventory`, exchanged and available' }),
    price: amountShape,
  })
  .meta({ example: { item_id: 1, price: 80 } });
export const buyBody = z
  .strictObject({
    expected_price: amountShape.meta({ description: 'As it was read', example: 80 }),
    version: z.int().min(1).meta({ description: 'As it was read' }),
  })
  .meta({ example: { expected_price: 80, version: 1 } });
export const disputeBody = z.strictObject({ reason: reasonShape });
export const decisionBody = z.strictObject({ decision: z.enum(['settle', 'cancel']), reason: reasonShape });

export const tradePath = z.strictObject({ id: rowIdText });
export const tradesQuery = z.strictObject({
  role: z.enum(['seller', 'buyer']).optional().meta({
    description: 'My own, whatever their status; left out: what is offered now',
  }),
  status: statusShape.optional().meta({ description: 'Of my own' }),
  product_id: idText.optional(),
  ...pageQuery,
  ...beforeQuery,
});
export const managedTradesQuery = z.strictObject({
  status: statusShape.optional(),
  product_id: idText.optional(),
  seller_id: idText.optional(),
  buyer_id: idText.optional(),
  ...pageQuery,
  ...beforeQuery,
});

export const tradeShape = z.object({
  trade_id: rowIdShape,
  item_id: rowIdShape,
  product_id: idShape,
  name: z.string(),
  image_url: z.string().nullable(),
  status: statusShape,
  price: pointsShape,
  fee: pointsShape.meta({ description: 'Of the price: the seller gets the rest' }),
  version: z.int(),
  expires_at: timeShape,
  created_at: timeShape,
  updated_at: timeShape,
  seller_id: idShape,
  seller: z.string().meta({ description: 'The nickname, masked' }),
  buyer_id: idShape.nullable().meta({ description: 'null to all but the two' }),
  is_mine: z.boolean().meta({ description: 'I offer it' }),
  item_expires_at: timeShape.nullable().meta({
    description: 'Until when the item may be used; null: for ever, or it was used',
  }),
  in_review: z.boolean().meta({
    description: 'It is to be settled, and waits for a second person; false to all but the two',
  }),
  dispute_reason: z.string().nullable().meta({ description: 'null to all but the two' }),
  decision_reason: z.string().nullable().meta({ description: 'null to all but the two' }),
});
export type TradeView = z.output<typeof tradeShape>;
export const tradesShape = longPageOf(tradeShape);

/** As the administration has it. */
export const managedTradeShape = tradeShape
  .omit({ is_mine: true, seller: true, image_url: true, item_expires_at: true, in_review: true })
  .extend({
    disputed_by: idShape.nullable(),
    dispute_reason: z.string().nullable(),
    decided_by: z.int().nullable(),
    decision_reason: z.string().nullable(),
  });

/** And with what is to be known to decide about it. */
export const shownTradeShape = managedTradeShape.extend({
  seller_nickname: z.string(),
  buyer_nickname: z.string().nullable(),
  approval_id: z.int().nullable().meta({
    description: 'What asks to settle it, and waits for a second person: `GET /admin/approvals/:id`',
  }),
});
export type ShownTradeView = z.output<typeof shownTradeShape>;
export const shownTradesShape = longPageOf(shownTradeShape);

export const termsShape = z.object({
  fee_percent: z.number().meta({ description: 'Of the price, rounded down to 1/100 point', example: 5 }),
  open_days: z.int().meta({ description: 'For how long an offer stands, unless its item ends before' }),
  escrow_hours: z.int().meta({ description: 'For how long a buyer may look at what they get' }),
  review_from: pointsShape.meta({ description: 'Of so many points or more somebody else agrees first' }),
});
