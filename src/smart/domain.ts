import type { FiguresServices } from '../lottery/statistics/figures.ts';
import type { Basics, Domain, Platform } from '../platform/domain.ts';
import { bestTimeRoutes, type BestTimeServices } from './bestTime/bestTimeRoutes.ts';
import { ForecastThread } from './forecast/thread.ts';
import { insightRoutes, type InsightRoutesServices } from './insights/insightRoutes.ts';
import { keepLooking, type LookServices } from './insights/look.ts';
import { modelRoutes, type ModelRoutesServices } from './modelRoutes.ts';
import { Models } from './models.ts';
import { SERVED_DAYS } from './report.ts';
import { dinerRoutes } from './routes.ts';
import { Catalogue } from './serving/catalogue.ts';
import { Served } from './serving/served.ts';
import { Trainer } from './training/trainer.ts';
import { trendRoutes, type TrendRoutesServices } from './trends/trendRoutes.ts';
import { Trends } from './trends/trends.ts';

interface Needs extends Platform {
  businessTimezone: string;
  figures: FiguresServices;
}

interface Working extends Basics, LookServices {
  models: Models;
  trainer: Trainer;
  served: Served;
}

/** What is worked out of what people do: what somebody is recommended (B-4), and what is foreseen (B-6). */
export const smart = {
  // A day is looked at once; what was found is read for a year.
  retention: [
    { table: 'smart_insights', key: ['insight_id'], column: 'created_at', days: 365, walk: 'key' },
    { table: 'smart_insight_looks', key: ['day'], column: 'begun_at', days: 365, walk: 'key' },
    {
      table: 'smart_served',
      key: ['recommendation_id'],
      column: 'created_at',
      days: SERVED_DAYS,
      walk: 'time',
    },
    { table: 'smart_feedback', key: ['feedback_id'], column: 'created_at', days: 400, walk: 'key' },
  ],
  open({ database, clock, logger, wakeOf, businessTimezone, figures, onClose }: Needs) {
    const thread = new ForecastThread();
    onClose(() => thread.close());
    const { calendar } = figures;
    const models = new Models({ database, logger, wake: wakeOf('models') });
    const catalogue = new Catalogue({ database, clock });
    const trainer = new Trainer({ database, clock, logger, models, catalogue });
    onClose(() => trainer.stop());
    return {
      trends: new Trends({ database, clock, businessTimezone, calendar, thread }),
      models,
      catalogue,
      served: new Served({ database, logger }),
      trainer,
    };
  },
  routes: (
    services: TrendRoutesServices & InsightRoutesServices & BestTimeServices & ModelRoutesServices,
  ) => [
    ...trendRoutes(services),
    ...insightRoutes(services),
    ...bestTimeRoutes(services),
    ...dinerRoutes(services),
    ...modelRoutes(services),
  ],
  background(needs: Working) {
    const { models, trainer, served } = needs;
    const stops = [keepLooking(needs), models.keep(), served.keep(), trainer.keep()];
    return Promise.resolve(() => stops.forEach((stop) => stop()));
  },
} satisfies Domain;
