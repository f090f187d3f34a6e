import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Objects } from '../images/objects.ts';
import { SeedKeyCheck } from '../lottery/seedKeyCheck.ts';
import { raisedEpoch } from '../platform/actor/fence.ts';
import { isSqliteUrl } from '../platform/database/databaseUrl.ts';
import { MIGRATIONS } from '../platform/database/dataSource.ts';
import type { MysqlTarget } from '../platform/database/restore/mysqlTarget.ts';
import { raiseKeys } from '../platform/database/restore/raiseKeys.ts';
import { takeEmpty } from '../platform/database/restore/takeEmpty.ts';
import { Database } from '../platform/database/transaction.ts';
import { startErrorOf, StartError } from '../platform/startError.ts';
import { BackupError } from './backupError.ts';
import { beginAnew, leastEpoch, SCARCE_KEYS, type Aftermath } from './beginAnew.ts';
import { checkImages, putImages } from './images.ts';
import { DATABASE_FILE, fingerprintOf, readManifest, type Manifest } from './manifest.ts';
import { sumOf } from '../platform/summedFile.ts';
import { readTable, type TableHead, type TableRow } from './tableFile.ts';

export interface RestoreTarget {
  databaseUrl: string;
  /** undefined: this process has not got it. */
  seedKey: Buffer | undefined;
  /** That business days are of. */
  timezone: string;
  /** Where pictures are to be. */
  images: Objects;
}

export interface Restored {
  manifest: Manifest;
  /** Objects of pictures. */
  images: number;
  /** Tables of the backup that its version has not made. */
  leftOut: string[];
  aftermath: Aftermath;
  tookMs: number;
}

/**
 * Fills an empty database with a backup, once all of it is known to be as it was written and the key of its seeds is here. What has
 * happened since the backup is taken back: whoever knows of it, as an owner, a login or a client, finds that it does not hold.
 * @throws {BackupError | StartError} of one line
 */
export async function restoreBackup(
  { databaseUrl, seedKey, timezone, images: objects }: RestoreTarget,
  from: string,
): Promise<Restored> {
  const startMs = performance.now();
  const manifest = await ofFolder(() => readManifest(from));
  refuseUnfit(manifest, databaseUrl);
  const key = requireKey(manifest, seedKey);
  const target = await takeEmpty(databaseUrl);
  try {
    await ofFolder(() => checkFiles(from, manifest));
    const nowMs = Math.max(Date.now(), Date.parse(manifest.taken_at));
    let leftOut: string[] = [];
    if (target.dialect === 'sqlite') await target.load(join(from, DATABASE_FILE));
    else leftOut = await loadTables(target, { from, manifest, nowMs });
    const sources = await target.open();
    const nextKeys = await raiseKeys(sources, {
      ageMs: nowMs - Date.parse(manifest.taken_at),
      nextKeys: nextKeysOf(manifest),
      scarce: SCARCE_KEYS,
    });
    const database = new Database(sources, { timezone });
    await new SeedKeyCheck(database, key).check();
    const aftermath = await beginAnew(database, { seedKey: key, nextKeys, nowMs });
    const images = manifest.images === null ? 0 : await putImages(from, objects);
    await target.finish();
    return { manifest, images, leftOut, aftermath, tookMs: performance.now() - startMs };
  } catch (error) {
    await target.abandon();
    throw startErrorOf('DATABASE_URL', error) ?? error;
  }
}

function refuseUnfit({ migrations, version, dialect }: Manifest, databaseUrl: string): void {
  const known = new Set<string>(MIGRATIONS.map(({ name }) => name));
  const unknown = migrations.find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new BackupError(
      `--from: the backup is of a newer version (${version}, ${unknown}): restore it with that one`,
    );
  if (dialect !== (isSqliteUrl(databaseUrl) ? 'sqlite' : 'mysql'))
    throw new BackupError(
      `DATABASE_URL: the backup is of ${dialect === 'sqlite' ? 'SQLite' : 'MySQL or MariaDB'}, and this is another database`,
    );
}

/** @throws {StartError} that names the setting (RO-5) */
function requireKey({ seed_key_fingerprint: fingerprint }: Manifest, seedKey: Buffer | undefined): Buffer {
  if (seedKey === undefined)
    throw new StartError(
      'SEED_ENCRYPTION_KEY: is needed: no campaign of the backup can go on without the key of its seeds',
    );
  if (fingerprintOf(seedKey) !== fingerprint)
    throw new StartError('SEED_ENCRYPTION_KEY: the seeds of the backup are encrypted with another key');
  return seedKey;
}

async function checkFiles(from: string, { files, images, dialect }: Manifest): Promise<void> {
  if (dialect === 'sqlite' && !files.some(({ path }) => path === DATABASE_FILE))
    throw new BackupError(`--from: the backup has no ${DATABASE_FILE}`);
  for (const { path, bytes, sha256 } of files) {
    const file = join(from, path);
    if ((await stat(file).catch(() => undefined)) === undefined)
      throw new BackupError(`--from: ${path} is missing`);
    const found = await sumOf(file);
    if (found.bytes !== bytes || found.sha256 !== sha256)
      throw new BackupError(`--from: ${path} is not as it was written`);
  }
  if (images !== null) await checkImages(from);
}

function nextKeysOf({ tables }: Manifest): Record<string, number> {
  return Object.fromEntries(
    Object.entries(tables).flatMap(([name, { next_key: next }]) =>
      next === null ? [] : [[name, next] as const],
    ),
  );
}

interface Loading {
  from: string;
  manifest: Manifest;
  nowMs: number;
}

async function loadTables(target: MysqlTarget, { from, manifest, nowMs }: Loading): Promise<string[]> {
  const made = new Set(await target.make(manifest.migrations));
  const leftOut: string[] = [];
  for (const [name, { rows: expected }] of Object.entries(manifest.tables)) {
    if (!made.has(name)) {
      leftOut.push(name);
      continue;
    }
    const { head, rows } = await readTable(join(from, 'tables', `${name}.gz`));
    const loaded = await target.load({ name, columns: head.columns }, fenced(head, rows, leastEpoch(nowMs)));
    if (loaded !== expected)
      throw new BackupError(`--from: ${name} has ${loaded} rows instead of ${expected}`);
  }
  return leftOut;
}

/** A node that was left running sees the rows as they come: it must find itself fenced at once. */
async function* fenced(
  { columns }: TableHead,
  rows: AsyncIterable<TableRow>,
  least: number,
): AsyncGenerator<TableRow> {
  const at = columns.indexOf('owner_epoch');
  for await (const row of rows) {
    if (at !== -1) row.values[at] = raisedEpoch(Number(row.values[at]), least);
    yield row;
  }
}

/** What the system says of files is about the folder. */
async function ofFolder<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof BackupError ? error : (startErrorOf('--from', error) ?? error);
  }
}
