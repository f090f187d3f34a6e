/**
 * `npm run restore -- --from FOLDER`: a backup into the empty database of DATABASE_URL, and its pictures to where pictures are kept. Exit
 * 0: restored; 2: not restored; what was begun is taken away by the next try.
 */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { restoreBackup } from '../backup/restore.ts';
import { restoreLines } from '../backup/told.ts';
import { openBooksTarget } from './booksTarget.ts';

try {
  const { from } = parseArgs({ options: { from: { type: 'string' } } }).values;
  if (!from) throw new Error('--from FOLDER is required');
  const restored = await restoreBackup(await openBooksTarget(process.env), from);
  for (const line of restoreLines(restored)) console.log(line);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
