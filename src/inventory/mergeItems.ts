/** What somebody owns goes to their other account: won or exchanged, whatever has become of it, with all that it came by. */
import { In, type EntityManager } from 'typeorm';
import { InventoryCode } from '../../entities/inventory/InventoryCode.ts';
import { InventoryDelivery } from '../../entities/inventory/InventoryDelivery.ts';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { countTo } from '../platform/database/numberedList.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';

/** They can still be used: whoever has the old phone knows codes of theirs. */
const USABLE: ReadonlySet<string> = new Set(['unclaimed', 'claimed', 'available']);

/** Whether they are more than one transaction moves. */
export async function ownsTooMany(manager: EntityManager, userId: number): Promise<boolean> {
  const most = LIMITS.itemsPerMerge;
  return (await countTo(most + 1, { manager, entity: UserInventory, where: { user_id: userId } })) > most;
}

/**
 * Both accounts are held, so that nothing comes meanwhile. What can still be used has other codes from then on.
 * @returns how many there were. @throws AppError CONFLICT for too many
 */
export async function mergeItems(
  tx: Tx,
  { fromUserId, intoUserId }: { fromUserId: number; intoUserId: number },
): Promise<number> {
  const items = await tx.lock(UserInventory, {
    select: { inventory_id: true, status: true },
    where: { user_id: fromUserId },
    order: { inventory_id: 'ASC' },
    take: LIMITS.itemsPerMerge + 1,
  });
  if (items.length > LIMITS.itemsPerMerge)
    throw new AppError('CONFLICT', { details: { reason: 'too_many_items' } });
  if (items.length === 0) return 0;
  const usable = items.filter(({ status }) => USABLE.has(status)).map(({ inventory_id: id }) => id);
  if (usable.length > 0) {
    await tx.manager.increment(UserInventory, { inventory_id: In(usable) }, 'owner_no', 1);
    await tx.manager.delete(InventoryCode, { inventory_id: In(usable) });
  }
  await tx.manager.update(UserInventory, { user_id: fromUserId }, { user_id: intoUserId });
  await tx.manager.update(InventoryDelivery, { user_id: fromUserId }, { user_id: intoUserId });
  return items.length;
}
