import type { Basics, Domain } from '../platform/domain.ts';
import { keepExpiring } from './expiry.ts';
import { keepLookingAhead, type LookServices } from './holidays/missingHolidays.ts';
import { keepReminding, type ReminderServices } from './reminders.ts';
import { pointsRoutes } from './routes.ts';
import { countRowsOfBefore } from './statistics/rebuild.ts';

/** Accounts of points, and their ledger. */
export const points = {
  async prepare({ database, logger }: Basics) {
    const counted = await countRowsOfBefore(database);
    if (counted > 0) logger.info({ accounts: counted }, 'the statistics of points were made of the ledger');
  },
  routes: pointsRoutes,
  background(needs: ReminderServices & LookServices) {
    const stops = [keepExpiring(needs), keepReminding(needs), keepLookingAhead(needs)];
    return Promise.resolve(() => stops.forEach((stop) => stop()));
  },
} satisfies Domain;
