/** When restaurants are open, for what is promised within their hours. */
import { In, type EntityManager } from 'typeorm';
import { Restaurant } from '../../entities/restaurants/Restaurant.ts';
import { AppError } from '../platform/errors.ts';

/** @throws AppError NOT_FOUND */
export async function requireRestaurant(manager: EntityManager, restaurantId: number): Promise<void> {
  if (!(await manager.existsBy(Restaurant, { restaurant_id: restaurantId }))) throw new AppError('NOT_FOUND');
}

/** By restaurant. */
export async function readOpeningHours(
  manager: EntityManager,
  restaurantIds: readonly number[],
): Promise<ReadonlyMap<number, Pick<Restaurant, 'hours' | 'timezone'>>> {
  if (restaurantIds.length === 0) return new Map();
  const rows = await manager.findBy(Restaurant, { restaurant_id: In([...new Set(restaurantIds)]) });
  return new Map(rows.map(({ restaurant_id: id, hours, timezone }) => [id, { hours, timezone }]));
}
