import type { Basics, Domain } from '../platform/domain.ts';
import { keepCountingDays } from '../points/statistics/countDays.ts';
import { countEvents, type CountingServices } from './countEvents.ts';
import { reportRoutes, type ReportRoutesServices } from './routes.ts';
import { keepSending } from './send.ts';

interface Keeping extends Basics {
  businessTimezone: string;
}

/** What the people who run the place look at in the morning. */
export const reports = {
  // Who did something on a day is asked for as long as the day may still get somebody; how many stays.
  retention: [
    { table: 'report_diners', key: ['day', 'user_id'], column: 'created_at', days: 60, walk: 'key' },
  ],
  handle: (services: CountingServices) => countEvents(services),
  routes: (services: ReportRoutesServices) => reportRoutes(services),
  background(services: Keeping) {
    const stops = [keepCountingDays(services), keepSending(services)];
    return Promise.resolve(() => stops.forEach((stop) => stop()));
  },
} satisfies Domain;
