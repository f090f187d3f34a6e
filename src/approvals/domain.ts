import type { Domain } from '../platform/domain.ts';
import { approvalRoutes } from './routes.ts';

/** Changes that two people make together (RL-3). Which they are, the domains before this one say. */
export const approvals = { routes: approvalRoutes } satisfies Domain;
