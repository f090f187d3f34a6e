import { openObjects } from '../images/openObjects.ts';
import { systemClock } from '../platform/clock.ts';
import { businessTimezone, databaseUrl, imageConfig, seedKey } from './environment.ts';

/** The database, its key and its pictures, as the environment names them. @throws for settings that name no place of pictures */
export async function openBooksTarget(environment: NodeJS.ProcessEnv) {
  return {
    databaseUrl: databaseUrl(environment),
    seedKey: seedKey(environment),
    timezone: businessTimezone(environment),
    images: await openObjects(imageConfig(environment), systemClock),
  };
}
