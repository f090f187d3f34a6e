import type { Domain, Platform } from '../platform/domain.ts';
import { defaultsOf, type Environment } from './document.ts';
import { LiveConfiguration } from './liveConfiguration.ts';
import { configurationRoutes, type ConfigurationRoutesServices } from './routes.ts';

interface Needs extends Platform {
  config: Environment;
}

/** What operators change while the server runs. */
export const configuration = {
  async open({ config, database, logger, wakeOf }: Needs) {
    const services = { database, logger, wake: wakeOf('configuration'), defaults: defaultsOf(config) };
    return { configuration: await LiveConfiguration.open(services) };
  },
  routes: (services: ConfigurationRoutesServices) => configurationRoutes(services),
  background: ({ configuration: kept }: { configuration: LiveConfiguration }) => Promise.resolve(kept.keep()),
} satisfies Domain;
