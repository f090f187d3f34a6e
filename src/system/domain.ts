import type { LiveConfiguration } from '../configuration/liveConfiguration.ts';
import type { AccessControl } from '../identity/access/accessControl.ts';
import type { OwnerWatch } from '../platform/actor/ownerWatch.ts';
import type { Basics, Domain, Platform } from '../platform/domain.ts';
import { LoopLag } from '../platform/loopLag.ts';
import { repeating } from '../platform/repeating.ts';
import type { PlatformConfig } from '../platform/settings/platformSettings.ts';
import type { SeatedPeople } from '../platform/sockets/seatedPeople.ts';
import { Nodes, TOLD_EVERY_MS } from './nodes.ts';
import { onlineRoute, type OnlineServices } from './onlineRoutes.ts';
import { systemRoutes, type SystemRoutesServices } from './routes.ts';

interface Needs extends Platform {
  config: Pick<PlatformConfig, 'publicAddress'>;
  ownerWatch: OwnerWatch;
  seatedPeople: SeatedPeople;
  configuration: LiveConfiguration;
  access: AccessControl;
}

const PROBLEM = 'the others could not be told of this node';

interface Telling extends Pick<Platform, 'redis'>, Pick<Basics, 'logger'> {
  nodes: Nodes;
  loopLag: LoopLag;
  configuration: LiveConfiguration;
}

/** The server itself. */
export const system = {
  open({ config: { publicAddress }, ...services }: Needs) {
    const { cluster, redis, ownerWatch, seatedPeople, configuration, access, database } = services;
    const loopLag = new LoopLag();
    const telling = { cluster, redis, ownerWatch, seatedPeople, configuration, access, database };
    return { nodes: new Nodes({ ...telling, publicAddress, loopLag }), loopLag };
  },
  routes: (services: SystemRoutesServices & OnlineServices) => [
    ...systemRoutes(services),
    onlineRoute(services),
  ],
  background({ nodes, redis, logger, configuration, loopLag }: Telling) {
    const stopLooking = loopLag.start();
    if (redis === undefined) return Promise.resolve(stopLooking);
    const stop = repeating(logger, PROBLEM, () => nodes.tell(), { intervalMs: TOLD_EVERY_MS });
    // By which version it goes is known everywhere as soon as it goes by it.
    const leave = configuration.onChange(
      () => void nodes.tell().catch((error: unknown) => logger.warn({ err: error }, PROBLEM)),
    );
    return Promise.resolve(() => {
      leave();
      stop();
      stopLooking();
    });
  },
} satisfies Domain;
