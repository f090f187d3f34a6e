/** Products that points are exchanged for: what the administration writes of them (R-3, RA-1, RA-2). */
import { In, type EntityManager } from 'typeorm';
import { Product, type ProductStatus } from '../../entities/products/Product.ts';
import { recordAction } from '../admin/adminLog.ts';
import { holdImages } from '../images/uses.ts';
import type { Actor } from '../platform/caller.ts';
import { insertOne } from '../platform/database/bulk.ts';
import {
  listNumbered,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../platform/database/numberedList.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import { toWirePoints } from '../platform/shapes.ts';
import { staleEdit } from '../platform/staleEdit.ts';
import type { ManagedProductView, ProductBody, ProductChange, ProductView } from './messages.ts';

const PRODUCTS: NumberedTable<Product> = { entity: Product, key: 'product_id', indexed: ['status'] };

/** Newest first. */
export function listProducts(
  { currentReader }: Pick<Database, 'currentReader'>,
  { status, ...query }: NumberedQuery & { status?: ProductStatus | undefined },
): Promise<LongPage<Product>> {
  return listNumbered(currentReader, PRODUCTS, { status }, query);
}

/** By product id, of those that are there. */
export async function productImages(
  manager: EntityManager,
  productIds: readonly number[],
): Promise<ReadonlyMap<number, string | null>> {
  if (productIds.length === 0) return new Map();
  const products = await manager.find(Product, {
    select: { product_id: true, image_url: true },
    where: { product_id: In([...new Set(productIds)]) },
  });
  return new Map(products.map(({ product_id: productId, image_url: url }) => [productId, url]));
}

/** @throws AppError NOT_FOUND */
export async function readProduct(
  { currentReader }: Pick<Database, 'currentReader'>,
  { productId, status }: { productId: number; status?: ProductStatus },
): Promise<Product> {
  const product = await currentReader.findOneBy(Product, {
    product_id: productId,
    ...(status && { status }),
  });
  if (product === null) throw new AppError('NOT_FOUND');
  return product;
}

/** By the demo nobody. */
export async function createProduct(
  tx: Tx,
  { actor, body }: { actor: Actor | undefined; body: ProductBody },
  nowMs: number,
): Promise<ManagedProductView> {
  const created_at = new Date(nowMs);
  const row = { ...body, sold: 0, total_stock: body.stock, version: 1, created_at, updated_at: created_at };
  const product_id = await insertOne(tx, Product, row);
  await holdPicture(tx, { product_id, ...row }, nowMs);
  const after = managedView({ product_id, ...row });
  if (actor !== undefined) {
    const target = { type: 'product', id: product_id };
    await recordAction(tx, { actor, action: 'product.create', target, before: null, after }, nowMs);
  }
  return after;
}

export interface ProductEdit {
  actor: Actor;
  productId: number;
  change: ProductChange;
}

/**
 * What holds stays as it is.
 * @throws AppError NOT_FOUND, CONFLICT when it is stale, or when the stock is named and is another by now
 */
export async function changeProduct(
  tx: Tx,
  { actor, productId, change }: ProductEdit,
  nowMs: number,
): Promise<ManagedProductView> {
  const product = await lockProduct(tx, productId);
  const before = managedView(product);
  const { version, stock, ...given } = change;
  const shown = { ...given, ...(given.price !== undefined && { price: toWirePoints(given.price) }), stock };
  if (version !== product.version || (stock ?? product.stock) !== product.stock)
    throw staleEdit(before, shown);
  const changed = Object.fromEntries(
    Object.entries(given).filter(([field, value]) => value !== product[field as keyof typeof given]),
  );
  const fields = Object.keys(changed);
  if (fields.length === 0) return before;
  const next = { ...changed, version: version + 1, updated_at: new Date(nowMs) };
  await tx.manager.update(Product, { product_id: productId }, next);
  if ('image_url' in changed) await holdPicture(tx, { ...product, ...next }, nowMs);
  const after = managedView({ ...product, ...next });
  await record(tx, { actor, action: 'product.change', before, after, fields: [...fields, 'version'] }, nowMs);
  return after;
}

export interface StockChange {
  actor: Actor;
  productId: number;
  /** Pieces; below zero: taken out. */
  delta: number;
  /** For the audit log. */
  reason?: string | undefined;
}

/**
 * The version stays: whoever is about to exchange, or edits, is not disturbed.
 * @throws AppError NOT_FOUND, CONFLICT when fewer are left, or more than can be counted
 */
export async function changeStock(
  tx: Tx,
  { actor, productId, delta, reason }: StockChange,
  nowMs: number,
): Promise<ManagedProductView> {
  const product = await lockProduct(tx, productId);
  const [stock, total_stock] = [product.stock + delta, product.total_stock + delta];
  if (stock < 0 || total_stock > LIMITS.productStock)
    throw new AppError('CONFLICT', {
      details: { reason: 'stock', stock: product.stock, total_stock: product.total_stock },
    });
  await tx.executeExactly(
    1,
    `UPDATE products SET stock = stock + ?, total_stock = total_stock + ?
     WHERE product_id = ? AND stock + ? >= 0 AND stock + sold = total_stock`,
    [delta, delta, productId, delta],
  );
  const before = managedView(product);
  const after = managedView({ ...product, stock, total_stock });
  const fields = ['stock', 'total_stock'];
  await record(tx, { actor, action: 'product.stock', before, after, fields, reason }, nowMs);
  return after;
}

/** @throws AppError NOT_FOUND */
export async function lockProduct(tx: Tx, productId: number): Promise<Product> {
  const [product] = await tx.lock(Product, { where: { product_id: productId } });
  if (product === undefined) throw new AppError('NOT_FOUND');
  return product;
}

export function productView(product: Product): ProductView {
  const { product_id, name, description, stock, status, valid_days, image_url, version } = product;
  return {
    product_id,
    name,
    description,
    price: toWirePoints(product.price),
    stock,
    status,
    valid_days,
    image_url,
    version,
  };
}

export function managedView(product: Product): ManagedProductView {
  return {
    ...productView(product),
    sold: product.sold,
    total_stock: product.total_stock,
    created_at: product.created_at.toISOString(),
    updated_at: product.updated_at.toISOString(),
  };
}

/** It is kept as long as the product shows it (RA-8). */
async function holdPicture(
  tx: Tx,
  { product_id: id, image_url: address }: Pick<Product, 'product_id' | 'image_url'>,
  nowMs: number,
): Promise<void> {
  await holdImages(tx, { kind: 'product', id }, [address], { nowMs });
}

interface Edited {
  actor: Actor;
  action: string;
  before: ManagedProductView;
  after: ManagedProductView;
  /** Those that have changed. */
  fields: readonly string[];
  reason?: string | undefined;
}

async function record(
  tx: Tx,
  { actor, action, before, after, fields, reason }: Edited,
  nowMs: number,
): Promise<void> {
  const only = (view: ManagedProductView) =>
    Object.fromEntries(Object.entries(view).filter(([field]) => fields.includes(field)));
  const target = { type: 'product', id: after.product_id };
  const said = { ...only(after), ...(reason !== undefined && { reason }) };
  await recordAction(tx, { actor, action, target, before: only(before), after: said }, nowMs);
}
