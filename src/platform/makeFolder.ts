import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * As mkdirSync with `recursive`, which never returns where a file system has no place for folders, as below /proc.
 * @param mode of the folders that were not there.
 */
export function makeFolder(path: string, mode = 0o777): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Whatever else is there, whoever uses it will say.
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolder(dirname(path), mode);
    mkdirSync(path, mode);
  }
}
