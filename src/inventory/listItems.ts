/** What people own, won or exchanged. */
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import {
  listNumbered,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../platform/database/numberedList.ts';
import type { Database } from '../platform/database/transaction.ts';

const ITEMS: NumberedTable<UserInventory> = {
  entity: UserInventory,
  key: 'inventory_id',
  indexed: ['user_id', 'redeemed_restaurant_id'],
};

export interface ItemsQuery extends NumberedQuery {
  /** Whose; left out: anybody's. */
  userId?: number | undefined;
  status?: string | undefined;
  source?: string | undefined;
  /** Where it was given out. */
  restaurantId?: number | undefined;
}

/** Newest first. */
export function listItems(
  { currentReader }: Pick<Database, 'currentReader'>,
  { userId, status, source, restaurantId, ...query }: ItemsQuery,
): Promise<LongPage<UserInventory>> {
  const asked = { user_id: userId, redeemed_restaurant_id: restaurantId, status, source };
  return listNumbered(currentReader, ITEMS, asked, query);
}
