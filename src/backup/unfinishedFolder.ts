import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { takeLock, type FileLock } from '../platform/database/sqliteFile.ts';
import { makeFolder } from '../platform/makeFolder.ts';
import { BackupError } from './backupError.ts';
import { flush } from '../platform/flushed.ts';

const ENDING = '.unfinished';
const UNFINISHED = /\.[0-9a-f]{8}\.unfinished$/;
const LOCK = 'lock';

/*
 * The folder of a backup while it is written: under a name of its own beside the one that it gets when it is whole and on the disk.
 * A process that is killed leaves it, unlocked, and the next backup beside it takes it away.
 */
export class UnfinishedFolder {
  /** @throws {BackupError} when there is something by the name that it is to have */
  static async begin(to: string): Promise<UnfinishedFolder> {
    const whole = resolve(to);
    if (existsSync(whole)) throw new BackupError(`--to: ${to} is there already: a backup is a new folder`);
    const beside = dirname(whole);
    makeFolder(beside, 0o700);
    await removeLeft(beside);
    const path = join(beside, `${basename(whole)}.${randomBytes(4).toString('hex')}${ENDING}`);
    await mkdir(path, { mode: 0o700 });
    const lock = takeLock(join(path, LOCK));
    if (lock === undefined) throw new BackupError('--to: another backup has taken the folder away');
    return new UnfinishedFolder(path, whole, lock);
  }

  private constructor(
    readonly path: string,
    private readonly whole: string,
    private readonly lock: FileLock,
  ) {}

  /** @param folders within it whose names are to be on the disk as well */
  async finish(folders: readonly string[]): Promise<void> {
    // First of all gone: what has no lock is left alone by others.
    await rm(join(this.path, LOCK));
    this.lock.release();
    for (const folder of folders) await flush(join(this.path, folder));
    await flush(this.path);
    await rename(this.path, this.whole);
    await flush(dirname(this.whole));
  }

  async remove(): Promise<void> {
    this.lock.release();
    await rm(this.path, { recursive: true, force: true });
  }
}

/** Only what has the lock of a backup, and nobody who holds it; or nothing yet, which whoever is about to lock it makes again. */
async function removeLeft(beside: string): Promise<void> {
  const left = (await readdir(beside)).filter((name) => UNFINISHED.test(name));
  for (const path of left.map((name) => join(beside, name))) {
    if (existsSync(join(path, LOCK))) {
      const lock = takeLock(join(path, LOCK));
      if (lock === undefined) continue;
      lock.release();
      await rm(path, { recursive: true, force: true });
    } else if ((await readdir(path).catch(() => [LOCK])).length === 0)
      await rmdir(path).catch(() => undefined);
  }
}
