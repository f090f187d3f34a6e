import type { Basics, Domain, Platform } from '../platform/domain.ts';
import { LIMITS } from '../platform/limits.ts';
import { repeating } from '../platform/repeating.ts';
import { analysisRoutes, type AnalysisRoutesServices } from './analysis/analysisRoutes.ts';
import { behaviorRoutes } from './behaviors/behaviorRoutes.ts';
import { Buckets } from './behaviors/buckets.ts';
import { Intake } from './behaviors/intake.ts';
import { KnownNames } from './behaviors/knownNames.ts';
import { realtimeRoutes, type RealtimeServices } from './behaviors/realtimeRoutes.ts';
import type { TakingServices } from './behaviors/takeBehaviors.ts';
import { funnelRoutes } from './funnels/routes.ts';
import { countInteractions } from './interactions/countInteractions.ts';
import type { FactServices } from './facts.ts';
import { profileRoutes, type ProfileRoutesServices } from './profileRoutes.ts';
import { countIntoProfiles, type ProfileServices } from './profiles.ts';
import { Analyses } from './reading/analyses.ts';
import { Previews } from './segments/preview.ts';
import { segmentRoutes, type SegmentRoutesServices } from './segments/segmentRoutes.ts';
import { SegmentWorker } from './segments/segmentWorker.ts';
import { ANALYTICS_RETENTION } from './retention.ts';

/** A start has other work first. */
const AFTER_MS = 3000;

/** What is counted of people, behind what they do, and what their clients tell of. */
export const analytics = {
  retention: ANALYTICS_RETENTION,
  open({ database, clock, logger, onClose, businessTimezone }: Platform & { businessTimezone: string }) {
    const buckets = new Buckets(businessTimezone);
    const behaviorIntake = new Intake({ database, clock, logger, buckets });
    onClose(() => behaviorIntake.close());
    const behaviorNames = new KnownNames(database, buckets);
    const segmentPreviews = new Previews({ database, clock, businessTimezone });
    return {
      buckets,
      behaviorIntake,
      behaviorNames,
      analyses: new Analyses(clock, { atOnce: LIMITS.analyses, waiting: LIMITS.waitingAnalyses }),
      personalAnalyses: new Analyses(clock, {
        atOnce: LIMITS.personalAnalyses,
        waiting: LIMITS.waitingPersonalAnalyses,
      }),
      segmentPreviews,
    };
  },
  handle(services: ProfileServices) {
    countIntoProfiles(services);
    countInteractions(services.bus);
  },
  routes: (
    services: TakingServices &
      RealtimeServices &
      ProfileRoutesServices &
      AnalysisRoutesServices &
      SegmentRoutesServices,
  ) => [
    ...behaviorRoutes(services),
    ...realtimeRoutes(services),
    ...profileRoutes(services),
    ...funnelRoutes(services),
    ...analysisRoutes(services),
    ...segmentRoutes(services),
  ],
  background(services: FactServices & Basics) {
    const worker = new SegmentWorker(services);
    const problem = 'members of segments could not be worked out';
    const stop = repeating(services.logger, problem, (stopping) => worker.round(stopping), {
      afterMs: AFTER_MS,
    });
    return Promise.resolve(stop);
  },
} satisfies Domain;
