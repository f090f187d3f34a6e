/** Who works where, and for which restaurant somebody redeems (RL-7). */
import type { EntityManager } from 'typeorm';
import { RestaurantStaff } from '../../entities/inventory/RestaurantStaff.ts';
import { recordAction } from '../admin/adminLog.ts';
import { changeUser, type AccessServices } from '../identity/access/accessChange.ts';
import type { Actor } from '../platform/caller.ts';
import { insertAll } from '../platform/database/bulk.ts';
import { AppError } from '../platform/errors.ts';

/** Whoever redeems, as far as places matter. */
export interface Redeemer {
  userId: number;
  /** Of a machine that serves one restaurant. */
  restaurantId: number | undefined;
  /** Wherever something is redeemed. */
  isEverywhere: boolean;
}

/** In ascending order. */
export async function findRestaurants(manager: EntityManager, userId: number): Promise<number[]> {
  const rows = await manager.find(RestaurantStaff, {
    where: { user_id: userId },
    order: { restaurant_id: 'ASC' },
  });
  return rows.map(({ restaurant_id: restaurantId }) => restaurantId);
}

/**
 * Says anew where somebody works. What is said already changes nothing.
 * @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT for a closed account
 */
export async function setRestaurants(
  services: AccessServices,
  { actor, userId, restaurantIds }: { actor: Actor; userId: number; restaurantIds: number[] },
): Promise<number[]> {
  const ids = [...new Set(restaurantIds)].sort((a, b) => a - b);
  await changeUser(services, { actor, userId }, async ({ tx, nowMs }) => {
    const before = await findRestaurants(tx.manager, userId);
    if (before.join() === ids.join()) return;
    await tx.manager.delete(RestaurantStaff, { user_id: userId });
    await insertAll(
      tx,
      RestaurantStaff,
      ids.map((restaurantId) => ({ restaurant_id: restaurantId, user_id: userId })),
    );
    const change = {
      actor,
      action: 'user.restaurants',
      target: { type: 'user', id: userId },
      before: { restaurant_ids: before },
      after: { restaurant_ids: ids },
    };
    await recordAction(tx, change, nowMs);
  });
  return ids;
}

/**
 * For which restaurant something is redeemed; null: none is known, where any would do.
 * @param given where it may be; none: everywhere
 * @throws AppError FORBIDDEN elsewhere, CONFLICT where it has to be said
 */
export async function placeOf(
  manager: EntityManager,
  redeemer: Redeemer,
  { asked, given }: { asked: number | undefined; given: readonly number[] },
): Promise<number | null> {
  const { userId, restaurantId, isEverywhere } = redeemer;
  const own = restaurantId === undefined ? await findRestaurants(manager, userId) : [restaurantId];
  const isTheirs = (id: number) => own.includes(id) || (isEverywhere && restaurantId === undefined);
  if (asked !== undefined && !isTheirs(asked)) throw elsewhere(given);
  if (isEverywhere && restaurantId === undefined) return asked ?? null;
  const may = (asked === undefined ? own : [asked]).filter((id) => given.length === 0 || given.includes(id));
  if (may.length === 1) return may[0]!;
  if (may.length > 1)
    throw new AppError('CONFLICT', { details: { reason: 'restaurant_needed', restaurant_ids: may } });
  if (given.length > 0) throw elsewhere(given);
  return null;
}

function elsewhere(given: readonly number[]): AppError {
  return new AppError('FORBIDDEN', { details: { reason: 'other_restaurant', restaurant_ids: given } });
}
