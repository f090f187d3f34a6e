import { join } from 'node:path';
import { mkdir, open } from 'node:fs/promises';
import { Snapshot, Unreadable } from '../books/snapshot.ts';
import type { Objects } from '../images/objects.ts';
import { decryptSeed } from '../lottery/seeds.ts';
import { UNFINISHED_RESTORE } from '../platform/database/migrate.ts';
import { startErrorOf, StartError } from '../platform/startError.ts';
import { VERSION } from '../platform/version.ts';
import { BackupError } from './backupError.ts';
import { copyImages } from './images.ts';
import { DATABASE_FILE, fingerprintOf, IMAGE_SUMS, writeManifest, type Manifest } from './manifest.ts';
import { sumOf } from '../platform/summedFile.ts';
import { writeTable } from './tableFile.ts';
import { countRows, readMigrations, readTables, type StoredTable } from './tables.ts';
import { UnfinishedFolder } from './unfinishedFolder.ts';
import { flush } from '../platform/flushed.ts';

export interface BackupSource {
  databaseUrl: string;
  /** undefined: this process has not got it. */
  seedKey: Buffer | undefined;
  /** Where pictures are; undefined: in a bucket, which is not of this machine. */
  images: Objects | undefined;
}

export interface Backup {
  manifest: Manifest;
  /** Of all files. */
  bytes: number;
  tookMs: number;
  /** When whatever is in it had been committed. */
  takenAtMs: number;
}

type Files = Manifest['files'];
type Tables = Manifest['tables'];

/**
 * Writes one consistent view of a database to a new folder, while others go on writing to it, and the pictures that its rows name. The
 * folder has its name once all of it is on the disk.
 * @throws {BackupError | StartError | Unreadable} of one line
 */
export async function makeBackup(source: BackupSource, to: string): Promise<Backup> {
  const startMs = performance.now();
  const { seedKey } = source;
  if (seedKey === undefined)
    throw new StartError('SEED_ENCRYPTION_KEY: is needed: a backup says by which key its seeds can be read');
  const folder = await aboutTo(() => UnfinishedFolder.begin(to));
  try {
    const made = await aboutTo(() => fill(folder, { ...source, seedKey }));
    const bytes = made.manifest.files.reduce(
      (sum, file) => sum + file.bytes,
      made.manifest.images?.bytes ?? 0,
    );
    return { ...made, bytes, tookMs: performance.now() - startMs };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

async function fill(
  folder: UnfinishedFolder,
  { databaseUrl, seedKey, images: objects }: BackupSource & { seedKey: Buffer },
): Promise<Pick<Backup, 'manifest' | 'takenAtMs'>> {
  const { path } = folder;
  const takenAtMs = Date.now();
  const snapshot = await Snapshot.open(databaseUrl, { isExact: true });
  try {
    await refuseUnfinished(snapshot);
    await refuseOtherKey(snapshot, seedKey);
    const { dialect } = snapshot;
    const written = dialect === 'sqlite' ? await copyFile(snapshot, path) : await writeTables(snapshot, path);
    const copied = objects && (await copyImages(snapshot, objects, path));
    const manifest: Manifest = {
      ...{ product: 'kaijiang', format: 1, version: VERSION, dialect },
      taken_at: new Date(takenAtMs).toISOString(),
      migrations: await readMigrations(snapshot),
      tables: written.tables,
      images: copied?.images ?? null,
      seed_key_fingerprint: fingerprintOf(seedKey),
      files: [...written.files, ...(copied === undefined ? [] : [{ path: IMAGE_SUMS, ...copied.list }])],
    };
    await writeManifest(path, manifest);
    await folder.finish([...written.folders, ...(copied?.folders ?? [])]);
    return { manifest, takenAtMs };
  } finally {
    await snapshot.close();
  }
}

async function refuseUnfinished(snapshot: Snapshot): Promise<void> {
  if ((await readTables(snapshot)).some(({ name }) => name === UNFINISHED_RESTORE))
    throw new BackupError('DATABASE_URL: a restore into this database has not ended: run it again');
}

/** As the start does: the newest seed is one that stays. */
async function refuseOtherKey(snapshot: Snapshot, seedKey: Buffer): Promise<void> {
  const [newest] = await snapshot.query<{ encrypted_seed: string }>(
    'SELECT encrypted_seed FROM lottery_fairness_epochs ORDER BY campaign_id DESC, epoch DESC LIMIT 1',
  );
  if (newest === undefined) return;
  try {
    decryptSeed(newest.encrypted_seed, seedKey);
  } catch (error) {
    throw new StartError('SEED_ENCRYPTION_KEY: the newest stored seed is encrypted with another key', {
      cause: error,
    });
  }
}

interface Written {
  files: Files;
  tables: Tables;
  folders: string[];
}

async function copyFile(snapshot: Snapshot, folder: string): Promise<Written> {
  const file = join(folder, DATABASE_FILE);
  // For its owner alone from the first byte on.
  await (await open(file, 'wx', 0o600)).close();
  await snapshot.copyTo(file);
  await flush(file);
  const tables: Tables = {};
  for (const { name, nextKey } of await readTables(snapshot))
    tables[name] = { rows: await countRows(snapshot, name), next_key: nextKey };
  return { files: [{ path: DATABASE_FILE, ...(await sumOf(file)) }], tables, folders: [] };
}

async function writeTables(snapshot: Snapshot, folder: string): Promise<Written> {
  await mkdir(join(folder, 'tables'), { mode: 0o700 });
  const files: Files = [];
  const tables: Tables = {};
  for (const table of (await readTables(snapshot)).filter(isOurs)) {
    const path = `tables/${table.name}.gz`;
    const rowsOf = snapshot.rows(
      `SELECT ${table.columns.map((column) => `\`${column}\``).join(', ')} FROM \`${table.name}\``,
    );
    const { rows, ...sum } = await writeTable(join(folder, path), table, rowsOf);
    files.push({ path, ...sum });
    tables[table.name] = { rows, next_key: table.nextKey };
  }
  return { files, tables, folders: ['tables'] };
}

/** The schema makes its own list of migrations when it is made anew. */
function isOurs({ name }: StoredTable): boolean {
  return name !== 'migrations';
}

/** What the system says of files is about the folder. */
async function aboutTo<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BackupError || error instanceof Unreadable) throw error;
    throw startErrorOf('--to', error) ?? error;
  }
}
