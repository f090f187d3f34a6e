/*
 * A copy of all that is published of a campaign, for a shelf outside of the database: `campaign-7.json.gz`, which
 * `npm run verify -- --file` replays without a server, and `campaign-7.json.gz.sha256`, which `sha256sum -c` compares. Both are on the
 * disk, flushed with their folder, before anything of the campaign is packed. What is there already stays: it is compared, and never
 * written over.
 */
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { MadePiece } from '../../platform/jsonPieces.ts';
import { flush } from '../../platform/flushed.ts';
import { sumOf, writeSummed, type Writing } from '../../platform/summedFile.ts';

const MODE = 0o640;

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
  const hash = await writeAnew(draft, textsOf(pieces()), { through: createGzip() });
  // The hash is noted last: a file without one is of a process that died in between, if it is the same.
  if (known !== undefined && known !== hash)
    throw new ArchiveFileError(`${path} is there, is another one, and has no ${name}.sha256`);
  await rename(draft, path);
  await flush(folder);
  const note = `${path}.sha256.part`;
  await writeAnew(note, Readable.from([`${hash}  ${name}\n`]));
  await rename(note, `${path}.sha256`);
  await flush(folder);
  return true;
}

/** What a process that died in between has left is not gone on with. @returns its hash */
async function writeAnew(
  path: string,
  source: AsyncIterable<Buffer | string>,
  how: Writing = {},
): Promise<string> {
  await rm(path, { force: true });
  return (await writeSummed(path, source, { mode: MODE, ...how })).sha256;
}

async function* textsOf(pieces: AsyncIterable<MadePiece>): AsyncGenerator<Buffer> {
  for await (const { text } of pieces) yield Buffer.from(text);
}

async function hashOf(path: string): Promise<string | undefined> {
  return unlessAbsent(sumOf(path).then(({ sha256 }) => sha256));
}

async function notedHash(path: string): Promise<string | undefined> {
  return unlessAbsent(readFile(`${path}.sha256`, 'utf8').then((note) => note.slice(0, 64)));
}

/** undefined: there is no such file. */
async function unlessAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
