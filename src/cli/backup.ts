/**
 * `npm run backup -- --to FOLDER`: one consistent view of the database of DATABASE_URL, and the pictures of a local folder, written to a
 * new folder beside the running service. Exit 0: made; 2: not made, and nothing is left of it.
 */
import { parseArgs } from 'node:util';
import { makeBackup } from '../backup/backup.ts';
import { backupLines } from '../backup/told.ts';
import { openObjects } from '../images/openObjects.ts';
import { systemClock } from '../platform/clock.ts';
import { databaseUrl, imageConfig, seedKey } from './environment.ts';

try {
  const { to } = parseArgs({ options: { to: { type: 'string' } } }).values;
  if (!to) throw new Error('--to FOLDER is required');
  const config = imageConfig(process.env);
  const images = config.imagesBucket === undefined ? await openObjects(config, systemClock) : undefined;
  const source = { databaseUrl: databaseUrl(process.env), seedKey: seedKey(process.env), images };
  const backup = await makeBackup(source, to);
  for (const line of backupLines(backup, { to, nowMs: Date.now() })) console.log(line);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
