/*
 * A copy of all that is published of a campaign, for a shelf outside of the database: `campaign-7.json.gz`, which
 * `npm run verify -- --file` replays without a server, and `campaign-7.json.gz.sha256`, which `sha256sum -c` compares. Both are on the
 * disk, flushed with their folder, before anything of the campaign is packed. What is there already stays: it is compared, and never
 * written over.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { MadePiece } from '../../platform/jsonPieces.ts';
import { flush } from '../../platform/flushed.ts';

const MODE = { mode: 0o640 };

/** A file is there that is not what its hash says, or without one. */
export class ArchiveFileError extends Error {
  override readonly name = 'ArchiveFileError';
}

/** @returns whether it was written; it was there otherwise. @throws {ArchiveFileError} */
export async function writeArchiveFile(
  folder: string,
  campaignId: number,
  pieces: () => AsyncIterable<MadePiece>,
): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  const name = `campaign-${campaignId}.json.gz`;
  const path = join(folder, name);
  const known = await hashOf(path);
  const noted = await notedHash(path);
  if (noted !== undefined) {
    if (known === noted) return false;
    throw new ArchiveFileError(`${path} ${known === undefined ? 'is missing' : 'is not what its hash says'}`);
  }
  const draft = `${path}.part`;
  const hash = await writeZipped(draft, pieces());
  // The hash is noted last: a file without one is of a process that died in between, if it is the same.
  if (known !== undefined && known !== hash)
    throw new ArchiveFileError(`${path} is there, is another one, and has no ${name}.sha256`);
  await rename(draft, path);
  await flush(folder);
  const note = `${path}.sha256.part`;
  await pipeline(Readable.from([`${hash}  ${name}\n`]), createWriteStream(note, MODE));
  await flush(note);
  await rename(note, `${path}.sha256`);
  await flush(folder);
  return true;
}

/** @returns its hash */
async function writeZipped(path: string, pieces: AsyncIterable<MadePiece>): Promise<string> {
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(Readable.from(textsOf(pieces)), createGzip(), hashing, createWriteStream(path, MODE));
  await flush(path);
  return hash.digest('hex');
}

async function* textsOf(pieces: AsyncIterable<MadePiece>): AsyncGenerator<Buffer> {
  for await (const { text } of pieces) yield Buffer.from(text);
}

/** undefined: there is no such file. */
async function hashOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest('hex');
}

async function notedHash(path: string): Promise<string | undefined> {
  try {
    return (await readFile(`${path}.sha256`, 'utf8')).slice(0, 64);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
