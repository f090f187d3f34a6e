/**
 * `npm run restore -- --from FOLDER`: a backup into the empty database of DATABASE_URL, and its pictures to where pictures are kept. Exit
 * 0: restored; 2: not restored; what was begun is taken away by the next try.
 */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { restoreBackup } from '../backup/restore.ts';
import { restoreLines } from '../backup/told.ts';
import { openObjects } from '../images/openObjects.ts';
import { systemClock } from '../platform/clock.ts';
import { businessTimezone, databaseUrl, imageConfig, seedKey } from './environment.ts';

try {
  const { from } = parseArgs({ options: { from: { type: 'string' } } }).values;
  if (!from) throw new Error('--from FOLDER is required');
  const images = await openObjects(imageConfig(process.env), systemClock);
  const target = {
    databaseUrl: databaseUrl(process.env),
    seedKey: seedKey(process.env),
    timezone: businessTimezone(process.env),
    images,
  };
  const restored = await restoreBackup(target, from);
  for (const line of restoreLines(restored)) console.log(line);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
