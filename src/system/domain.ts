import type { Domain } from '../platform/domain.ts';
import { systemRoutes, type SystemRoutesServices } from './routes.ts';

/** The server itself. */
export const system = {
  routes: (services: SystemRoutesServices) => systemRoutes(services),
} satisfies Domain;
