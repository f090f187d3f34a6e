/** The pictures of a local folder that rows name, and their checksums. */
import { createReadStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Snapshot } from '../books/snapshot.ts';
import { thumbnailOf } from '../images/address.ts';
import { OBJECT, type Objects } from '../images/objects.ts';
import { BackupError } from './backupError.ts';
import { IMAGE_SUMS } from './manifest.ts';
import { sumOf, writeSummed, type Sum } from '../platform/summedFile.ts';

const PAGE = 1000;
const FOLDER = 'images';

export interface CopiedImages {
  count: number;
  bytes: number;
  /** Named by a row and not there. */
  missing: number;
}

/** @returns what was copied, the sum of the list of sums, and folders that have to be on the disk */
export async function copyImages(
  snapshot: Snapshot,
  objects: Objects,
  to: string,
): Promise<{ images: CopiedImages; list: Sum; folders: string[] }> {
  const images = { count: 0, bytes: 0, missing: 0 };
  const folders = new Set<string>([FOLDER]);
  await mkdir(join(to, FOLDER), { mode: 0o700 });
  async function* lines(): AsyncGenerator<string> {
    for await (const name of namesIn(snapshot)) {
      const source = await objects.open(name);
      if (source === undefined) {
        images.missing += 1;
        continue;
      }
      const folder = join(FOLDER, name.slice(0, 2));
      if (!folders.has(folder)) await mkdir(join(to, folder), { mode: 0o700 });
      folders.add(folder);
      const { bytes, sha256 } = await writeSummed(join(to, folder, name), source);
      images.count += 1;
      images.bytes += bytes;
      yield `${sha256}  ${folder}/${name}\n`;
    }
  }
  const list = await writeSummed(join(to, IMAGE_SUMS), lines());
  return { images, list, folders: [...folders] };
}

/** @throws {BackupError} for the first that is not as it was */
export async function checkImages(from: string): Promise<void> {
  for await (const { path, name, sha256 } of listed(from)) {
    const found = await sumOf(join(from, path)).catch(() => undefined);
    if (found?.sha256 !== sha256)
      throw new BackupError(`--from: the picture ${name} is not there, or not as it was written`);
  }
}

/** @returns how many there are now */
export async function putImages(from: string, objects: Objects): Promise<number> {
  let count = 0;
  for await (const { path, name } of listed(from)) {
    const bytes = await readFile(join(from, path));
    await objects.put(name, bytes, contentTypeOf(bytes));
    count += 1;
  }
  return count;
}

/** Of what the product makes of pictures: a bucket serves them by it. */
function contentTypeOf(bytes: Buffer): string {
  if (bytes[0] === 0xff) return 'image/jpeg';
  return bytes[0] === 0x89 ? 'image/png' : 'image/webp';
}

interface Listed {
  path: string;
  name: string;
  sha256: string;
}

async function* listed(from: string): AsyncGenerator<Listed> {
  const lines = createInterface({ input: createReadStream(join(from, IMAGE_SUMS)) });
  for await (const line of lines) {
    const [, sha256, folder, name] =
      /^([0-9a-f]{64}) {2}(images\/[0-9a-f]{2})\/([0-9a-f]{32}(?:-t)?)$/.exec(line) ?? [];
    if (name === undefined || !OBJECT.test(name))
      throw new BackupError(`--from: ${IMAGE_SUMS} has a line that names no picture`);
    yield { path: `${folder}/${name}`, name, sha256: sha256! };
  }
}

async function* namesIn(snapshot: Snapshot): AsyncGenerator<string> {
  for (let after = ''; ;) {
    const rows = await snapshot.query<{ image_key: string }>(
      `SELECT image_key FROM image_resources WHERE image_key > ? ORDER BY image_key LIMIT ${PAGE}`,
      [after],
    );
    for (const { image_key: key } of rows) {
      yield key;
      yield thumbnailOf(key);
    }
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.image_key;
  }
}
