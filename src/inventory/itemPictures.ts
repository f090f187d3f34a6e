import type { EntityManager } from 'typeorm';
import type { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { prizeImages } from '../lottery/prizeFacts.ts';
import { productImages } from '../products/products.ts';

/** What each of the items looks like: its prize or its product as it is now. */
export async function picturesOf(
  manager: EntityManager,
  items: readonly Pick<UserInventory, 'prize_id' | 'product_id'>[],
): Promise<(item: Pick<UserInventory, 'prize_id' | 'product_id'>) => string | null> {
  const [prizes, products] = await Promise.all([
    prizeImages(
      manager,
      items.flatMap(({ prize_id: id }) => id ?? []),
    ),
    productImages(
      manager,
      items.flatMap(({ product_id: id }) => id ?? []),
    ),
  ]);
  return ({ prize_id, product_id }) =>
    (product_id === null ? prizes.get(prize_id ?? 0) : products.get(product_id)) ?? null;
}
