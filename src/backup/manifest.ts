/** What a backup says of itself: the last file that is written, so that a folder without it is none. */
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { derivedKey } from '../platform/derivedKey.ts';
import { BackupError } from './backupError.ts';

export const MANIFEST = 'manifest.json';
/** Of the one file of SQLite. */
export const DATABASE_FILE = 'database.sqlite';
/** Checksums of pictures, a line each, as sha256sum has them. */
export const IMAGE_SUMS = 'images.sha256';
const MAX_BYTES = 4 * 1024 * 1024;

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
/** Below the folder of the backup, and nowhere else. */
const path = z.string().regex(/^([a-z0-9_]+\/)?[a-z0-9_]+(\.[a-z0-9]+)*$/);
const tableName = z.string().regex(/^\w{1,64}$/);

const manifestShape = z.strictObject({
  product: z.literal('kaijiang'),
  format: z.literal(1),
  /** Of the build that made it. */
  version: z.string().max(64),
  dialect: z.enum(['sqlite', 'mysql']),
  /** Whatever was committed before is in it. */
  taken_at: z.iso.datetime(),
  /** Of the schema, in the order in which they were made. */
  migrations: z.array(z.string().max(255)).min(1).max(10_000),
  tables: z.record(tableName, z.strictObject({ rows: count, next_key: count.nullable() })),
  images: z.strictObject({ count, bytes: count, missing: count }).nullable(),
  /** Of the key of the seeds: whoever has the key can make it, and nobody can make the key of it. */
  seed_key_fingerprint: hex,
  files: z.array(z.strictObject({ path, bytes: count, sha256: hex })).max(10_000),
});
export type Manifest = z.infer<typeof manifestShape>;

export function fingerprintOf(seedKey: Buffer): string {
  return derivedKey(seedKey, 'kaijiang backup fingerprint').toString('hex');
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const file = await open(join(folder, MANIFEST), 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(manifestShape.parse(manifest), undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @throws {BackupError} for a folder that is no backup, or one of another format */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, MANIFEST);
  const size = (await stat(file).catch(() => undefined))?.size;
  if (size === undefined)
    throw new BackupError(`--from: ${folder} has no ${MANIFEST}: it is no backup, or not a whole one`);
  if (size > MAX_BYTES) throw new BackupError(`--from: ${MANIFEST} is too large to be one`);
  const found = manifestShape.safeParse(jsonOf(await readFile(file, 'utf8')));
  if (found.success) return found.data;
  const [{ path: at, message }] = found.error.issues as [z.core.$ZodIssue];
  throw new BackupError(
    `--from: ${MANIFEST} is not of this product and format: ${[at.join('.'), message].filter(Boolean).join(': ')}`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
