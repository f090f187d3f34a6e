import type { Domain } from '../platform/domain.ts';
import { keepExpiring } from './expiry.ts';
import { pointsRoutes } from './routes.ts';

/** Accounts of points, and their ledger. */
export const points = { routes: pointsRoutes, background: keepExpiring } satisfies Domain;
