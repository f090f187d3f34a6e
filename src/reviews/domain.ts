import type { Domain } from '../platform/domain.ts';
import { keepEscalating, type OverdueServices } from './overdue.ts';
import { reviewRoutes } from './routes.ts';

/** What somebody asks for and somebody else decides. Which kinds there are, the domains before this one say. */
export const reviews = {
  routes: reviewRoutes,
  background: (services: OverdueServices) => Promise.resolve(keepEscalating(services)),
} satisfies Domain;
