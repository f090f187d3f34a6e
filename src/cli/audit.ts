/**
 * `npm run audit`: checks every invariant of the books in the database of DATABASE_URL. Changes nothing. Exit 0: the books
 * balance; 1: a violated invariant; 2: the database cannot be read.
 */
import { audit } from '../books/audit.ts';
import { systemClock } from '../platform/clock.ts';
import { openObjects } from '../images/openObjects.ts';
import { businessTimezone, databaseUrl, imageConfig, seedKey } from './environment.ts';

const images = await openObjects(imageConfig(process.env), systemClock);
const target = {
  databaseUrl: databaseUrl(process.env),
  seedKey: seedKey(process.env),
  timezone: businessTimezone(process.env),
  images,
};
process.exitCode = await audit(target, (line) => console.log(line));
