import type { Domain } from '../platform/domain.ts';
import type { PointsSettings } from '../points/settings.ts';
import { CLAIM } from './claims.ts';
import { claimKind } from './claimKind.ts';
import { claimRoutes, type ClaimRoutesServices } from './routes.ts';

/** Bills that diners say they have paid. */
export const claims = {
  open: ({ config }: { config: PointsSettings }) => ({ reviewKinds: { [CLAIM]: claimKind({ config }) } }),
  routes: (services: ClaimRoutesServices) => claimRoutes(services),
} satisfies Domain;
