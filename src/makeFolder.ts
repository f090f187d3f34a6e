import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** As mkdirSync with `recursive`, which never returns where a file system has no place for folders, as below /proc. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Whatever else is there, whoever uses it will say.
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    mkdirSync(path);
  }
}
