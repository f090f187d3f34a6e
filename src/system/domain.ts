import type { OwnerWatch } from '../platform/actor/ownerWatch.ts';
import type { Basics, Domain, Platform } from '../platform/domain.ts';
import { repeating } from '../platform/repeating.ts';
import type { PlatformConfig } from '../platform/settings/platformSettings.ts';
import type { SeatedPeople } from '../platform/sockets/seatedPeople.ts';
import { Nodes, TOLD_EVERY_MS } from './nodes.ts';
import { systemRoutes, type SystemRoutesServices } from './routes.ts';

interface Needs extends Platform {
  config: Pick<PlatformConfig, 'publicAddress'>;
  ownerWatch: OwnerWatch;
  seatedPeople: SeatedPeople;
}

/** The server itself. */
export const system = {
  open({ cluster, redis, ownerWatch, seatedPeople, config: { publicAddress } }: Needs) {
    return { nodes: new Nodes({ cluster, redis, ownerWatch, seatedPeople, publicAddress }) };
  },
  routes: (services: SystemRoutesServices) => systemRoutes(services),
  background({ nodes, redis, logger }: { nodes: Nodes } & Pick<Platform, 'redis'> & Pick<Basics, 'logger'>) {
    const stop =
      redis === undefined
        ? () => undefined
        : repeating(logger, 'the others could not be told of this node', () => nodes.tell(), {
            intervalMs: TOLD_EVERY_MS,
          });
    return Promise.resolve(stop);
  },
} satisfies Domain;
