import type { Basics, Domain } from '../platform/domain.ts';
import { keepActivating, type ActivationServices } from './bills/activation.ts';
import { keepExpiring } from './expiry.ts';
import { giveAtFirstLogin, keepBirthdays, type GiftServices } from './gifts.ts';
import { keepLookingAhead, type LookServices } from './holidays/missingHolidays.ts';
import { keepReminding, type ReminderServices } from './reminders.ts';
import type { DemoConfig } from '../demo/settings.ts';
import type { EventBus } from '../platform/events/bus.ts';
import type { PlatformConfig } from '../platform/settings/platformSettings.ts';
import { pointsRoutes } from './routes.ts';
import { seedRules } from './rules/ruleBook.ts';
import { keepCountingEarnings } from './statistics/openEarnings.ts';
import { countRowsOfBefore } from './statistics/rebuild.ts';

interface Needs extends Basics {
  config: DemoConfig & Pick<PlatformConfig, 'production'>;
}

/** Accounts of points, and their ledger. */
export const points = {
  async prepare({ database, clock, logger, config }: Needs) {
    const isDemo = config.seedDemo ?? !config.production;
    await database.retryingTransaction((tx) => seedRules(tx, isDemo, clock.nowMs()));
    const counted = await countRowsOfBefore(database);
    if (counted > 0) logger.info({ accounts: counted }, 'the statistics of points were made of the ledger');
  },
  handle({ bus, clock, config }: GiftServices & { bus: EventBus }) {
    giveAtFirstLogin(bus, { clock, config });
  },
  routes: pointsRoutes,
  background(needs: ReminderServices & LookServices & ActivationServices) {
    const stops = [
      keepExpiring(needs),
      keepReminding(needs),
      keepCountingEarnings(needs),
      keepActivating(needs),
      keepBirthdays(needs),
      keepLookingAhead(needs),
    ];
    return Promise.resolve(() => stops.forEach((stop) => stop()));
  },
} satisfies Domain;
