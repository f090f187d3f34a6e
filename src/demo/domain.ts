import type { Basics, Domain } from '../platform/domain.ts';
import type { PlatformConfig } from '../platform/settings/platformSettings.ts';
import { seedDemo } from './seedDemo.ts';
import type { DemoConfig } from './settings.ts';

interface Needs extends Basics {
  config: DemoConfig & Pick<PlatformConfig, 'production'>;
}

/** People and a campaign to try things with. */
export const demo = {
  async prepare({ config, database, clock }: Needs) {
    if (config.seedDemo ?? !config.production) await seedDemo(database, clock.nowMs());
  },
} satisfies Domain;
