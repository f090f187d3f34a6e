import type { Domain } from '../platform/domain.ts';
import { pointsRoutes } from './routes.ts';

/** Accounts of points, and their ledger. */
export const points = { routes: pointsRoutes } satisfies Domain;
