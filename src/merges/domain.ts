import type { ApprovalConfig } from '../approvals/settings.ts';
import type { AccessControl } from '../identity/access/accessControl.ts';
import type { Basics, Domain } from '../platform/domain.ts';
import { repeating } from '../platform/repeating.ts';
import { mergeApprovals } from './approval.ts';
import { expireMerges, type MergeServices } from './merges.ts';
import { mergeRoutes } from './routes.ts';

interface Needs extends Basics {
  access: AccessControl;
  config: MergeServices['config'] & Pick<ApprovalConfig, 'breakGlassMs'>;
}

/** Two accounts of one person that become one. */
export const merges = {
  open: (needs: Needs) => ({ mergeApprovalKinds: mergeApprovals(needs, needs.config.breakGlassMs) }),
  routes: mergeRoutes,
  background({ database, clock, logger }: Basics) {
    const stop = repeating(logger, 'merges could not be expired', () =>
      expireMerges({ database, nowMs: clock.nowMs() }),
    );
    return Promise.resolve(stop);
  },
} satisfies Domain;
