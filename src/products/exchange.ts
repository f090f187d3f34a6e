/**
 * Points for pieces of a product, in one transaction: the row of the ledger, the stock, the items and the event, or none of
 * them. Locks are taken as everywhere (DRAW-9): the account, then the product.
 */
import { ProductExchange } from '../../entities/products/ProductExchange.ts';
import { Product } from '../../entities/products/Product.ts';
import { giveExchangedItems } from '../inventory/ownItems.ts';
import { insertOne } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { toWirePoints } from '../platform/shapes.ts';
import { staleEdit } from '../platform/staleEdit.ts';
import { lockAccounts, postOne } from '../points/ledger.ts';
import { lockProduct, productView } from './products.ts';

export interface Exchanging {
  userId: number;
  productId: number;
  quantity: number;
  /** 1/100 points, of one piece. */
  expectedPrice: number;
  version: number;
}

export interface Exchanged {
  exchangeId: number;
  itemIds: number[];
  /** 1/100 points. */
  cost: number;
  transactionId: number;
  balanceHundredths: number;
}

/**
 * @param endMs the end of the business day that lies so many days after now
 * @throws AppError NOT_FOUND, POINTS_INSUFFICIENT; CONFLICT when it is sold out, not offered any more, or has been changed
 */
export async function exchangePoints(
  tx: Tx,
  asked: Exchanging,
  endMs: (days: number) => number,
  nowMs: number,
): Promise<Exchanged> {
  const { userId, productId, quantity } = asked;
  await refuseEarly(tx, asked);
  await lockAccounts(tx, [userId]);
  const product = await lockProduct(tx, productId);
  refuse(product, asked);
  await takeStock(tx, asked);
  const { price, version, name, valid_days: days } = product;
  const exchangeId = await insertOne(tx, ProductExchange, {
    user_id: userId,
    product_id: productId,
    product_version: version,
    quantity,
    price,
    created_at: new Date(nowMs),
  });
  const cost = price * quantity;
  const entry = { userId, type: 'exchange', amountHundredths: -cost, source: 'exchange', reason: name };
  const posted = await postOne(tx, { ...entry, relatedId: String(exchangeId) }, nowMs);
  const pieces = { exchangeId, userId, productId, name, value: price, quantity };
  const expiresAtMs = days === null ? null : endMs(days);
  const itemIds = await giveExchangedItems(tx, { ...pieces, expiresAtMs }, nowMs);
  const data = {
    user_id: userId,
    exchange_id: exchangeId,
    product_id: productId,
    name,
    quantity,
    amount: toWirePoints(cost),
    balance: toWirePoints(posted.balanceAfterHundredths),
    item_ids: itemIds,
  };
  await emitEvents(tx, [{ type: 'product:exchanged', userId, data }], nowMs);
  const { transactionId, balanceAfterHundredths: balanceHundredths } = posted;
  return { exchangeId, itemIds, cost, transactionId, balanceHundredths };
}

/** Whoever comes when it is over waits for no lock: those are what the others are served by. */
async function refuseEarly({ manager }: Tx, asked: Exchanging): Promise<void> {
  const product = await manager.findOneBy(Product, { product_id: asked.productId });
  if (product === null) throw new AppError('NOT_FOUND');
  refuse(product, asked);
}

/** What was agreed to is what there is (RA-10). */
function refuse(product: Product, { expectedPrice, version, quantity }: Exchanging): void {
  // Of what is not offered nothing is told.
  if (product.status !== 'active') throw conflict('not_offered', product);
  if (product.version !== version || product.price !== expectedPrice)
    throw staleEdit(productView(product), { version, price: toWirePoints(expectedPrice) });
  if (product.stock < quantity) throw conflict('sold_out', product);
}

function conflict(reason: string, { stock, status, version }: Product): AppError {
  return new AppError('CONFLICT', { details: { reason, stock, status, version } });
}

/** The database guards it as well (DRAW-3): nothing is sold that is not there, whoever has forgotten a lock. */
async function takeStock(tx: Tx, { productId, quantity, version }: Exchanging): Promise<void> {
  await tx.executeExactly(
    1,
    `UPDATE products SET stock = stock - ?, sold = sold + ?
     WHERE product_id = ? AND version = ? AND stock >= ? AND stock + sold = total_stock`,
    [quantity, quantity, productId, version, quantity],
  );
}
