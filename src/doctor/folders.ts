/** Whether what has to be written to a disk can be. */
import { randomUUID } from 'node:crypto';
import { open, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { openObjects } from '../images/openObjects.ts';
import type { Clock } from '../platform/clock.ts';
import { isSqliteUrl } from '../platform/database/databaseUrl.ts';
import { AppError } from '../platform/errors.ts';
import { startErrorOf } from '../platform/startError.ts';
import type { Config } from '../settings.ts';
import type { Finding } from './finding.ts';

const MIB = 1024 * 1024;
const PROBE_BYTES = 4096;

/** Bytes that are free, under which it is looked at and under which it is bad. */
export interface LeastFree {
  warn: number;
  fail: number;
}
const LEAST_FREE: LeastFree = { warn: 2048 * MIB, fail: 256 * MIB };

export async function lookAtFolders(config: Config, clock: Clock): Promise<Finding[]> {
  const { databaseUrl, production, imagesFolder, imagesBucket } = config;
  const dataFolder = isSqliteUrl(databaseUrl) ? dirname(databaseUrl.slice('sqlite:'.length)) : './data';
  return Promise.all([
    // In production with MySQL nothing is kept there.
    ...(production && !isSqliteUrl(databaseUrl)
      ? []
      : [lookAtFolder({ name: 'data folder', folder: dataFolder, setting: 'DATABASE_URL' })]),
    imagesBucket === undefined
      ? lookAtFolder({ name: 'image folder', folder: imagesFolder, setting: 'IMAGES_FOLDER' })
      : lookAtBucket(config, clock),
  ]);
}

interface Looked {
  name: string;
  folder: string;
  /** That names it. */
  setting: string;
  least?: LeastFree;
}

/** A file is made there, flushed, and removed. */
export async function lookAtFolder({ name, folder, setting, least = LEAST_FREE }: Looked): Promise<Finding> {
  const path = resolve(folder);
  try {
    const there = await nearestFolder(path);
    await probe(there);
    const { bavail, bsize } = await statfs(there);
    const free = bavail * bsize;
    const found = `${path} ${there === path ? 'takes writes' : 'is made when it is needed'}, ${Math.floor(free / MIB)} MiB free`;
    if (free >= least.warn) return { level: 'ok', name, found };
    const remedy =
      'free space, or move it to a larger disk; a full disk refuses draws and pictures, and loses none';
    return { level: free < least.fail ? 'fail' : 'warn', name, found, remedy };
  } catch (error) {
    const told = startErrorOf(setting, error);
    if (told === undefined) throw error;
    const remedy = `let the user of the process write to ${path}, or name another place by ${setting}; with a read-only root it is a volume`;
    return { level: 'fail', name, found: `${path}: ${told.message}`, remedy };
  }
}

/** That is there already: it, or one that it will be made in. */
async function nearestFolder(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    return nearestFolder(dirname(path));
  }
}

async function probe(folder: string): Promise<void> {
  const path = join(folder, `.doctor-${randomUUID()}`);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.write(Buffer.alloc(PROBE_BYTES));
    await file.sync();
  } finally {
    await file.close();
    await rm(path);
  }
}

async function lookAtBucket(config: Config, clock: Clock): Promise<Finding> {
  const name = 'image bucket';
  const { endpoint, name: bucket } = config.imagesBucket!;
  try {
    await (await openObjects(config, clock)).list('', 1);
    return { level: 'ok', name, found: `${bucket} at ${endpoint} is read` };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return {
      level: 'fail',
      name,
      found: `${bucket} at ${endpoint}: ${(error.cause as Error).message}`,
      remedy:
        'mend IMAGES_BUCKET and the settings beside it: its key may list, read, write and delete objects there',
    };
  }
}
