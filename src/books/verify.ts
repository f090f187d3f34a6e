import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ReplayTools } from '../draw/replay.ts';
import { nodeSha256 } from '../lottery/sha256.ts';
import { canonicalJson } from '../verifier/canonicalJson.ts';
import { ExportedLog } from '../verifier/exportedLog.ts';
import { NotPublished, verifyLog, type FairnessSource, type Verdict } from '../verifier/verifyLog.ts';
import { PublishedLog } from './publishedLog.ts';

/** What a server publishes, or what somebody has saved of it. */
export type VerifyTarget = { campaignId: number; url: string } | { file: string };

const TOOLS: ReplayTools = { sha256: nodeSha256, canonicalJson };
const CHUNK_BYTES = 256 * 1024;

/**
 * Replays every draw of a campaign from what its server publishes to everybody, and from nothing else. Prints what it found and
 * returns the exit code: 0 all agrees, 1 a difference, 2 the data cannot be had.
 */
export async function verify(target: VerifyTarget, print: (line: string) => void): Promise<Verdict> {
  return verifyLog(sourceOf(target), TOOLS, print);
}

function sourceOf(target: VerifyTarget): FairnessSource {
  if (!('file' in target)) return new PublishedLog(target.url, target.campaignId);
  return new ExportedLog({ name: target.file, chunks: () => chunksOf(target.file) });
}

async function* chunksOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    // A pipe would be empty when it is read a second time.
    if (!(await stat(file)).isFile()) throw new NotPublished(`${file} is not a file`);
    const bytes = createReadStream(file, { highWaterMark: CHUNK_BYTES });
    yield* (file.endsWith('.gz') ? unzipped(bytes) : bytes) as AsyncIterable<Uint8Array>;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined) throw error;
    const problem = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new NotPublished(`${file} ${problem}`, { cause: error });
  }
}

function unzipped(bytes: Readable): Readable {
  const gunzip = createGunzip();
  bytes.once('error', (error) => gunzip.destroy(error));
  return bytes.pipe(gunzip);
}
