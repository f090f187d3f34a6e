import type { Domain } from '../platform/domain.ts';
import type { DecidingServices } from '../approvals/decideRequest.ts';
import { REPORT } from '../chat/moderation/reports.ts';
import { TRANSFER } from '../points/transfers/transfer.ts';
import { claimKind, type ClaimKindServices } from './claims/claimKind.ts';
import { claimRoutes, type ClaimRoutesServices } from './claims/claimRoutes.ts';
import { CLAIM } from './claims/claims.ts';
import { keepEscalating, type OverdueServices } from './overdue.ts';
import type { ReviewKinds } from './kinds.ts';
import { approvalKind } from './others/approvalKind.ts';
import { reportKind, type ReportServices } from './others/reportKind.ts';
import { transferKind } from './others/transferKind.ts';
import { reviewRoutes, type ReviewRoutesServices } from './routes.ts';

type Needs = ClaimKindServices & DecidingServices & ReportServices;

/** What somebody asks for and somebody else decides: bills that diners say they have paid, and all that waits elsewhere. */
export const reviews = {
  open(services: Needs) {
    const approvals = approvalKind(services);
    const reviewKinds: ReviewKinds = {
      [CLAIM]: claimKind(services),
      [REPORT]: reportKind(services),
      [TRANSFER]: transferKind(services),
      ...Object.fromEntries(Object.keys(services.approvalKinds).map((kind) => [kind, approvals])),
    };
    return { reviewKinds };
  },
  routes: (services: ReviewRoutesServices & ClaimRoutesServices) => [
    ...claimRoutes(services),
    ...reviewRoutes(services),
  ],
  background: (services: OverdueServices) => Promise.resolve(keepEscalating(services)),
} satisfies Domain;
