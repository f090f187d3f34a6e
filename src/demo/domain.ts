import type { Basics, Domain } from '../platform/domain.ts';
import type { PlatformConfig } from '../platform/settings/platformSettings.ts';
import { seedDemo } from './seedDemo.ts';
import type { DemoConfig } from './settings.ts';
import type { DemoShopConfig } from './shop.ts';

interface Needs extends Basics {
  config: DemoConfig & DemoShopConfig & Pick<PlatformConfig, 'production'>;
}

/** People and a campaign to try things with. */
export const demo = {
  async prepare({ config, database, clock, logger }: Needs) {
    if (config.seedDemo ?? !config.production) await seedDemo({ database, config, logger }, clock.nowMs());
  },
} satisfies Domain;
