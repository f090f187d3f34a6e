/** Shapes of what is asked and answered about won prizes. */
import { z } from 'zod';
import {
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
import { LIMITS } from '../platform/limits.ts';
import { deliveryStatusShape, ownDeliveryShape } from './ownDelivery.ts';

const STATUSES = ['unclaimed', 'claimed', 'redeemed', 'expired', 'void'] as const;
const itemStatusShape = z.enum(STATUSES);

const addressShape = z.strictObject({
  name: textShape({ max: 64 }),
  phone: z
    .string()
    .regex(/^\+?\d[\d -]{3,18}\d$/, 'must be a telephone number')
    .meta({ example: '021-5555 0100' }),
  address: textShape({ max: 256 }),
});

const carrierShape = textShape({ max: 32 });
const trackingShape = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 -');

export const itemPath = z.strictObject({ item_id: rowIdText });
export const userPath = z.strictObject({ id: idText });

export const myPrizesQuery = z.strictObject({
  status: itemStatusShape.optional(),
  ...pageQuery,
  ...beforeQuery,
});

const wonPrizeShape = z.object({
  item_id: rowIdShape,
  draw_id: rowIdShape.nullable(),
  campaign_id: idShape.nullable(),
  name: z.string(),
  type: z.string(),
  value: pointsShape,
  image_url: z.string().nullable(),
  status: itemStatusShape,
  won_at: timeShape,
  expires_at: timeShape.nullable(),
  claimed_at: timeShape.nullable(),
  redeemed_at: timeShape.nullable(),
  /** null also where staff of no restaurant gave it, and for what was sent. */
  redeemed_restaurant_id: idShape.nullable(),
  delivery: ownDeliveryShape.nullable(),
  rating: z.int().nullable(),
});
export const myPrizesShape = longPageOf(wonPrizeShape);

/** Where it is sent to is for whoever packs it: `GET /admin/deliveries/:item_id`. */
export const userPrizesShape = longPageOf(
  wonPrizeShape.extend({
    delivery: ownDeliveryShape.omit({ name: true, phone: true, address: true }).nullable(),
  }),
);

export const claimBody = z.strictObject({
  draw_id: rowIdShape,
  /** Left out: as `pickup`. */
  delivery_info: z.union([addressShape, z.strictObject({ pickup: z.literal(true) })]).optional(),
});

const codeShape = z.string().meta({ description: 'To be read out or typed', example: '7K3M-9QXA-T40D' });

export const claimedShape = z.object({ item_id: rowIdShape, status: itemStatusShape, code: codeShape });

export const shownCodeShape = z.object({
  code: codeShape,
  qr_svg: z.string().meta({
    description: 'Another picture every 30 seconds; each is taken for a minute',
  }),
  valid_until: timeShape,
});

export const ratingBody = z.strictObject({ rating: z.int().min(1).max(5) });
export const ratedShape = z.object({ item_id: rowIdShape, rating: z.int() });

export const redemptionBody = z.strictObject({
  code: z
    .string()
    .min(1)
    .max(256)
    .meta({ description: 'As it was typed, or what its picture says', example: '7K3M-9QXA-T40D' }),
  restaurant_id: idShape.optional(),
});

export const redeemedShape = z.object({
  item_id: rowIdShape,
  status: z.literal('redeemed'),
  name: z.string(),
  type: z.string(),
  value: pointsShape,
  user: z.string().meta({ description: 'The nickname, masked' }),
});

export const voidBody = z.strictObject({ reason: textShape({ max: 200 }) });
export const voidedShape = z.object({ item_id: rowIdShape, status: z.literal('void') });

export const deliveriesQuery = z.strictObject({
  status: deliveryStatusShape.optional(),
  ...pageQuery,
  ...beforeQuery,
});

export const listedDeliveryShape = z.object({
  item_id: rowIdShape,
  user_id: idShape,
  draw_id: rowIdShape.nullable(),
  name: z.string(),
  type: z.string(),
  status: deliveryStatusShape,
  phone: z.string().nullable().meta({ description: 'Masked' }),
  carrier: z.string().nullable(),
  tracking_no: z.string().nullable(),
  requested_at: timeShape,
  updated_at: timeShape,
});
export const deliveriesShape = longPageOf(listedDeliveryShape);

/** To whom it is sent, for whoever packs it. */
export const deliveryShape = listedDeliveryShape.extend({
  phone: z.string().nullable(),
  recipient: z.string().nullable(),
  address: z.string().nullable(),
});

export const deliveryBody = z.strictObject({
  status: z.enum(['preparing', 'shipped', 'delivered']),
  carrier: carrierShape.optional(),
  tracking_no: trackingShape.optional(),
});

const restaurantIdsShape = z.array(idShape).max(LIMITS.restaurantsPerPerson);
export const restaurantsBody = z.strictObject({ restaurant_ids: restaurantIdsShape });
export const restaurantsShape = z.object({ user_id: idShape, restaurant_ids: restaurantIdsShape });
