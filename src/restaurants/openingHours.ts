/** When restaurants are open, for what is promised within their hours. */
import type { EntityManager } from 'typeorm';
import { Restaurant } from '../../entities/restaurants/Restaurant.ts';
import { AppError } from '../platform/errors.ts';

/** @throws AppError NOT_FOUND */
export async function requireRestaurant(manager: EntityManager, restaurantId: number): Promise<void> {
  if (!(await manager.existsBy(Restaurant, { restaurant_id: restaurantId }))) throw new AppError('NOT_FOUND');
}
