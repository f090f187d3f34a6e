import type { Domain } from '../platform/domain.ts';
import { productRoutes, type ProductServices } from './routes.ts';

/** What points are exchanged for. */
export const products = {
  routes: (services: ProductServices) => productRoutes(services),
} satisfies Domain;
