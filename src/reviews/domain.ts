import type { Domain } from '../platform/domain.ts';
import type { PointsSettings } from '../points/settings.ts';
import { claimKind } from './claims/claimKind.ts';
import { claimRoutes, type ClaimRoutesServices } from './claims/claimRoutes.ts';
import { CLAIM } from './claims/claims.ts';
import { keepEscalating, type OverdueServices } from './overdue.ts';
import { reviewRoutes, type ReviewRoutesServices } from './routes.ts';

/** What somebody asks for and somebody else decides: bills that diners say they have paid. */
export const reviews = {
  open: ({ config }: { config: PointsSettings }) => ({ reviewKinds: { [CLAIM]: claimKind({ config }) } }),
  routes: (services: ReviewRoutesServices & ClaimRoutesServices) => [
    ...claimRoutes(services),
    ...reviewRoutes(services),
  ],
  background: (services: OverdueServices) => Promise.resolve(keepEscalating(services)),
} satisfies Domain;
