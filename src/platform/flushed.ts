import { open } from 'node:fs/promises';

/** Resolves once a file is on the disk; of a folder: the names that are in it. */
export async function flush(path: string): Promise<void> {
  const opened = await open(path, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
