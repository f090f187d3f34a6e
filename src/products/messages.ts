import { z } from 'zod';
import { PRODUCT_STATUSES } from '../../entities/products/Product.ts';
import { LIMITS } from '../platform/limits.ts';
import {
  amountShape,
  beforeQuery,
  idShape,
  idText,
  longPageOf,
  pageQuery,
  pictureShape,
  pointsShape,
  rowIdShape,
  textShape,
  timeShape,
} from '../platform/shapes.ts';

const nameShape = textShape({ max: 128 });
const descriptionShape = textShape({ min: 0, max: 1000 });
const stockShape = z.int().min(0).max(LIMITS.productStock);
const statusShape = z.enum(PRODUCT_STATUSES);
const validDaysShape = z.int().min(1).max(3650).nullable().meta({
  description: 'For how many days after the one of the exchange a piece may be used; null: for ever',
});
const versionShape = z.int().min(1);

export const productBody = z
  .strictObject({
    name: nameShape,
    description: descriptionShape.default(''),
    price: amountShape,
    stock: stockShape.default(0),
    status: statusShape.default('active'),
    valid_days: validDaysShape.default(null),
    image_url: pictureShape.nullable().default(null),
  })
  .meta({
    example: { name: '招牌奶茶', description: '任意门店兑换', price: 120, stock: 50, status: 'active' },
  });
export type ProductBody = z.output<typeof productBody>;

/** What is left out stays as it is. */
export const productChange = z
  .strictObject({
    version: versionShape,
    name: nameShape.optional(),
    description: descriptionShape.optional(),
    price: amountShape.optional(),
    stock: stockShape.optional().meta({
      description:
        'As it was read: people exchange all the time, so that it is changed by `POST …/stock` alone',
    }),
    status: statusShape.optional(),
    valid_days: validDaysShape.optional(),
    image_url: pictureShape.nullable().optional(),
  })
  .meta({ example: { version: 1, price: 150 } });
export type ProductChange = z.output<typeof productChange>;

export const stockBody = z
  .strictObject({
    delta: z
      .int()
      .min(-LIMITS.productStock)
      .max(LIMITS.productStock)
      .refine((delta) => delta !== 0, 'changes nothing')
      .meta({ description: 'Pieces; negative: taken out', example: 5 }),
    reason: textShape({ max: 200 }).optional().meta({ description: 'For the audit log' }),
  })
  .meta({ example: { delta: 5 } });

export const exchangeBody = z
  .strictObject({
    quantity: z.int().min(1).max(LIMITS.exchangedPieces).default(1),
    expected_price: amountShape.meta({ description: 'Of one piece, as it was read', example: 120 }),
    version: versionShape.meta({ description: 'As it was read' }),
  })
  .meta({ example: { quantity: 1, expected_price: 120, version: 1 } });

export const productPath = z.strictObject({ id: idText });
export const productsQuery = z.strictObject({ ...pageQuery, ...beforeQuery });
export const managedQuery = z.strictObject({
  status: statusShape.optional(),
  ...pageQuery,
  ...beforeQuery,
});

export const productShape = z.object({
  product_id: idShape,
  name: z.string(),
  description: z.string(),
  price: pointsShape,
  stock: z.int(),
  status: statusShape,
  valid_days: z.int().nullable(),
  image_url: z.string().nullable(),
  version: z.int(),
});
export type ProductView = z.output<typeof productShape>;
export const productsShape = longPageOf(productShape);

/** As the administration has it. */
export const managedProductShape = productShape.extend({
  sold: z.int(),
  total_stock: z.int(),
  created_at: timeShape,
  updated_at: timeShape,
});
export type ManagedProductView = z.output<typeof managedProductShape>;
export const managedProductsShape = longPageOf(managedProductShape);

export const exchangedShape = z.object({
  exchange_id: rowIdShape,
  product_id: idShape,
  quantity: z.int(),
  points_cost: pointsShape,
  item_ids: z.array(rowIdShape),
  transaction_id: rowIdShape,
  balance: pointsShape,
});
