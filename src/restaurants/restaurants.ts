/** The restaurants of the group, each with the conversation that is open to everybody. */
import { Restaurant } from '../../entities/restaurants/Restaurant.ts';
import { recordAction } from '../admin/adminLog.ts';
import { findRoomsOf, openRestaurantRoom } from '../chat/restaurantRooms.ts';
import type { Actor } from '../platform/caller.ts';
import { insertOne } from '../platform/database/bulk.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import { staleEdit } from '../platform/staleEdit.ts';
import type { RestaurantBody, RestaurantChange, RestaurantView } from './messages.ts';

/** All of them: a group has few. */
export async function listRestaurants({
  currentReader: manager,
}: Pick<Database, 'currentReader'>): Promise<RestaurantView[]> {
  const restaurants = await manager.find(Restaurant, { order: { restaurant_id: 'ASC' } });
  const rooms = await findRoomsOf(
    manager,
    restaurants.map(({ restaurant_id: id }) => id),
  );
  return restaurants.map((restaurant) => toView(restaurant, rooms.get(restaurant.restaurant_id)!));
}

/** @throws AppError NOT_FOUND */
export async function readRestaurant(
  { currentReader: manager }: Pick<Database, 'currentReader'>,
  restaurantId: number,
): Promise<RestaurantView> {
  const restaurant = await manager.findOneBy(Restaurant, { restaurant_id: restaurantId });
  if (restaurant === null) throw new AppError('NOT_FOUND');
  const rooms = await findRoomsOf(manager, [restaurantId]);
  return toView(restaurant, rooms.get(restaurantId)!);
}

/** By the demo nobody. @throws AppError CONFLICT when there are too many, or one of that name */
export async function createRestaurant(
  tx: Tx,
  { actor, body }: { actor: Actor | undefined; body: RestaurantBody & { timezone: string } },
  nowMs: number,
): Promise<RestaurantView> {
  // Whoever adds one holds the first until the commit, so the next one finds theirs by its name.
  await tx.lock(Restaurant, { order: { restaurant_id: 'ASC' }, take: 1 });
  if ((await tx.manager.count(Restaurant)) >= LIMITS.restaurants)
    throw new AppError('CONFLICT', {
      details: { reason: 'there are too many restaurants', limit: LIMITS.restaurants },
    });
  if (await tx.manager.existsBy(Restaurant, { name: body.name }))
    throw new AppError('CONFLICT', { details: { reason: 'there is one of that name' } });
  const created_at = new Date(nowMs);
  const row = { ...body, version: 1, created_at, updated_at: created_at };
  const restaurant_id = await insertOne(tx, Restaurant, row);
  const room = await openRestaurantRoom(tx, { restaurantId: restaurant_id, name: body.name }, nowMs);
  const after = toView({ restaurant_id, ...row }, room);
  if (actor !== undefined) {
    const target = { type: 'restaurant', id: restaurant_id };
    await recordAction(tx, { actor, action: 'restaurant.create', target, before: null, after }, nowMs);
  }
  return after;
}

/** What holds stays as it is. @throws AppError NOT_FOUND, CONFLICT when it is stale */
export async function changeRestaurant(
  tx: Tx,
  { actor, restaurantId, change }: { actor: Actor; restaurantId: number; change: RestaurantChange },
  nowMs: number,
): Promise<RestaurantView> {
  const [restaurant] = await tx.lock(Restaurant, { where: { restaurant_id: restaurantId } });
  if (restaurant === undefined) throw new AppError('NOT_FOUND');
  const room = (await findRoomsOf(tx.manager, [restaurantId])).get(restaurantId)!;
  const before = toView(restaurant, room);
  const { version, ...given } = change;
  if (version !== restaurant.version) throw staleEdit(before, given);
  const changed = Object.fromEntries(
    Object.entries(given).filter(
      ([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field as keyof RestaurantView]),
    ),
  );
  if (Object.keys(changed).length === 0) return before;
  const next = { ...changed, version: version + 1, updated_at: new Date(nowMs) };
  await tx.manager.update(Restaurant, { restaurant_id: restaurantId }, next);
  const after = toView({ ...restaurant, ...next }, room);
  const target = { type: 'restaurant', id: restaurantId };
  await recordAction(tx, { actor, action: 'restaurant.change', target, before, after }, nowMs);
  return after;
}

function toView(
  { created_at: _created, updated_at: _updated, ...restaurant }: Restaurant,
  conversation_id: number,
): RestaurantView {
  return { ...restaurant, conversation_id };
}
