import type { Domain } from '../platform/domain.ts';
import { restaurantRoutes, type RestaurantRoutesServices } from './routes.ts';

/** Where people eat. */
export const restaurants = {
  routes: (services: RestaurantRoutesServices) => restaurantRoutes(services),
} satisfies Domain;
