import { ConfigError } from '../platform/settings/configError.ts';
import { flag } from '../platform/settings/settingShapes.ts';
import { inCode, settingsGroup, type ConfigOf } from '../platform/settings/settingsGroup.ts';

export const demoSettings = settingsGroup({
  prefixes: ['SEED'],
  settings: {
    /** Not given: seed when the database is new and this is not production. */
    SEED_DEMO: flag.optional(),
  },
  refuseUnsafe({ SEED_DEMO }) {
    if (SEED_DEMO === true) throw new ConfigError('SEED_DEMO must not be on in production');
  },
  read(values) {
    return inCode(values);
  },
});

export type DemoConfig = ConfigOf<typeof demoSettings>;
