/** Pictures in a folder of this machine, spread over 256 of them by the first two digits of their names. */
import { constants } from 'node:fs';
import { access, open as openFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../platform/makeFolder.ts';
import { OBJECT, type ByteRange, type Objects, type StoredObject } from './objects.ts';
import { flush } from '../platform/flushed.ts';

const FOLDER = /^[0-9a-f]{2}$/;

export class DiskObjects implements Objects {
  constructor(private readonly folder: string) {}

  /** On the disk before anybody is told of it, also when the power goes. */
  async put(name: string, bytes: Buffer): Promise<void> {
    const path = this.pathOf(name);
    await this.makeRoom(name);
    const written = `${path}.part`;
    try {
      await writeWhole(written, bytes);
      await rename(written, path);
    } catch (error) {
      // Where the disk is full, a half is in the way of others.
      await rm(written, { force: true });
      throw error;
    }
    await flush(this.folderOf(name));
  }

  async open(name: string, range?: ByteRange) {
    try {
      const file = await openFile(this.pathOf(name), 'r');
      return file.createReadStream(range ?? {});
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await rm(this.pathOf(name), { force: true });
  }

  async list(after: string, limit: number): Promise<StoredObject[]> {
    const found: StoredObject[] = [];
    for (const folder of await namesIn(this.folder, FOLDER)) {
      if (folder < after.slice(0, 2)) continue;
      for (const name of await namesIn(join(this.folder, folder), OBJECT)) {
        if (name <= after || !name.startsWith(folder)) continue;
        const writtenAtMs = await this.writtenAt(name);
        if (writtenAtMs !== undefined) found.push({ name, writtenAtMs });
        if (found.length >= limit) return found;
      }
    }
    return found;
  }

  /** undefined: it has gone meanwhile. */
  private async writtenAt(name: string): Promise<number | undefined> {
    try {
      return (await stat(this.pathOf(name))).mtimeMs;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  private async makeRoom(name: string): Promise<void> {
    const folder = this.folderOf(name);
    try {
      await access(folder, constants.W_OK);
    } catch (error) {
      if (!isMissing(error)) throw error;
      makeFolder(folder, 0o750);
      await flush(this.folder);
    }
  }

  private folderOf(name: string): string {
    return join(this.folder, name.slice(0, 2));
  }

  private pathOf(name: string): string {
    return join(this.folderOf(name), name);
  }
}

async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const file = await openFile(path, 'w', 0o640);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** In order; none where there is no such folder. */
async function namesIn(folder: string, like: RegExp): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => like.test(name)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
