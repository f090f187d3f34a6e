import type { Calendar } from '../lottery/statistics/calendar.ts';
import type { Domain, Platform } from '../platform/domain.ts';
import { ForecastThread } from './forecast/thread.ts';
import { trendRoutes, type TrendRoutesServices } from './trends/trendRoutes.ts';
import { Trends } from './trends/trends.ts';

interface Needs extends Platform {
  businessTimezone: string;
  figures: { calendar: Calendar };
}

/** What is worked out of what people do: what somebody is recommended (B-4), and what is foreseen (B-6). */
export const smart = {
  open({ database, clock, businessTimezone, figures, onClose }: Needs) {
    const thread = new ForecastThread();
    onClose(() => thread.close());
    const { calendar } = figures;
    return { trends: new Trends({ database, clock, businessTimezone, calendar, thread }) };
  },
  routes: (services: TrendRoutesServices) => trendRoutes(services),
} satisfies Domain;
