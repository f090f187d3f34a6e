import { InventoryDelivery } from '../../entities/inventory/InventoryDelivery.ts';
import { RestaurantStaff } from '../../entities/inventory/RestaurantStaff.ts';
import type { Tx } from '../platform/database/transaction.ts';

/** Takes out where somebody who leaves lives and works. What they have won stays as it is. */
export async function forgetOwner(tx: Tx, userId: number): Promise<void> {
  await tx.manager.update(InventoryDelivery, { user_id: userId }, { address: null });
  await tx.manager.delete(RestaurantStaff, { user_id: userId });
}
