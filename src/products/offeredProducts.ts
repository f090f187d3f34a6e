/** Products that can be exchanged for now: for whoever recommends them. */
import { In, MoreThan, type EntityManager } from 'typeorm';
import { Product } from '../../entities/products/Product.ts';

/** Newest first. */
export function findOfferedProducts(manager: EntityManager, most: number): Promise<Product[]> {
  return manager.find(Product, {
    where: { status: 'active', stock: MoreThan(0) },
    order: { product_id: 'DESC' },
    take: most,
  });
}

/** Those of them that are offered, and of which any is left. */
export async function offeredAmong(
  manager: EntityManager,
  productIds: readonly number[],
): Promise<ReadonlySet<number>> {
  if (productIds.length === 0) return new Set();
  const rows = await manager.find(Product, {
    select: { product_id: true },
    where: { product_id: In([...productIds]), status: 'active', stock: MoreThan(0) },
  });
  return new Set(rows.map(({ product_id: productId }) => productId));
}
