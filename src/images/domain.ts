import type { Domain, Platform } from '../platform/domain.ts';
import { Images, type ImageServices } from './images.ts';
import { openObjects } from './openObjects.ts';
import { imageRoutes } from './routes.ts';
import type { ImageConfig } from './settings.ts';
import { keepSweeping } from './sweep.ts';

/** Pictures that people send. */
export const images = {
  async open({ config, database, clock, logger }: Platform & { config: ImageConfig }) {
    const imageObjects = await openObjects(config, clock);
    return { imageObjects, images: new Images({ database, clock, logger, imageObjects }) };
  },
  routes: imageRoutes,
  background: (services: ImageServices) => Promise.resolve(keepSweeping(services)),
} satisfies Domain;
