import type { Domain } from '../platform/domain.ts';
import type { ApprovalKinds } from './kinds.ts';
import { approvalRoutes } from './routes.ts';

interface Kinds {
  campaignApprovalKinds: ApprovalKinds;
  tradeApprovalKinds: ApprovalKinds;
  mergeApprovalKinds: ApprovalKinds;
}

/** Changes that two people make together (RL-3). Which they are, the domains before this one say. */
export const approvals = {
  open: ({ campaignApprovalKinds, tradeApprovalKinds, mergeApprovalKinds }: Kinds) => ({
    approvalKinds: { ...campaignApprovalKinds, ...tradeApprovalKinds, ...mergeApprovalKinds },
  }),
  routes: approvalRoutes,
} satisfies Domain;
