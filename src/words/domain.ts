import type { Domain, Platform } from '../platform/domain.ts';
import type { PointsConfig } from '../points/settings.ts';
import { wordRoutes, type WordRoutesServices } from './routes.ts';
import { Words } from './words.ts';

interface Needs extends Platform {
  config: Pick<PointsConfig, 'pointsBlockedWords'>;
}

/** Words that nobody is to read, wherever people write (C-4). */
export const words = {
  async open({ config, database, logger, wakeOf }: Needs) {
    const settled = config.pointsBlockedWords;
    return { words: await Words.open({ database, logger, wake: wakeOf('words'), settled }) };
  },
  routes: (services: WordRoutesServices) => wordRoutes(services),
  background: ({ words: kept }: { words: Words }) => Promise.resolve(kept.keep()),
} satisfies Domain;
