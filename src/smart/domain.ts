import type { FiguresServices } from '../lottery/statistics/figures.ts';
import type { Basics, Domain, Platform } from '../platform/domain.ts';
import { bestTimeRoutes, type BestTimeServices } from './bestTime/bestTimeRoutes.ts';
import { ForecastThread } from './forecast/thread.ts';
import { insightRoutes, type InsightRoutesServices } from './insights/insightRoutes.ts';
import { keepLooking, type LookServices } from './insights/look.ts';
import { trendRoutes, type TrendRoutesServices } from './trends/trendRoutes.ts';
import { Trends } from './trends/trends.ts';

interface Needs extends Platform {
  businessTimezone: string;
  figures: FiguresServices;
}

/** What is worked out of what people do: what somebody is recommended (B-4), and what is foreseen (B-6). */
export const smart = {
  // A day is looked at once; what was found is read for a year.
  retention: [
    { table: 'smart_insights', key: ['insight_id'], column: 'created_at', days: 365, walk: 'key' },
    { table: 'smart_insight_looks', key: ['day'], column: 'begun_at', days: 365, walk: 'key' },
  ],
  open({ database, clock, businessTimezone, figures, onClose }: Needs) {
    const thread = new ForecastThread();
    onClose(() => thread.close());
    const { calendar } = figures;
    return { trends: new Trends({ database, clock, businessTimezone, calendar, thread }) };
  },
  routes: (services: TrendRoutesServices & InsightRoutesServices & BestTimeServices) => [
    ...trendRoutes(services),
    ...insightRoutes(services),
    ...bestTimeRoutes(services),
  ],
  background: (needs: Basics & LookServices) => Promise.resolve(keepLooking(needs)),
} satisfies Domain;
