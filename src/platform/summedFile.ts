/** Files whose bytes are summed on their way to the disk, and when they are read again. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Duplex } from 'node:stream';

export interface Sum {
  bytes: number;
  /** Hex of the SHA-256. */
  sha256: string;
}

export interface Writing {
  /** What changes it on the way, as compression. */
  through?: Duplex;
  /** Who may read it; without it its owner alone. */
  mode?: number;
}

/** A file that is not there yet; on the disk when it resolves. */
export async function writeSummed(
  path: string,
  source: AsyncIterable<Buffer | string>,
  { through, mode = 0o600 }: Writing = {},
): Promise<Sum> {
  const { sum, pass } = summing();
  const file = createWriteStream(path, { flags: 'wx', mode, flush: true });
  if (through === undefined) await pipeline(source, pass, file);
  else await pipeline(source, through, pass, file);
  return sum();
}

export async function sumOf(path: string): Promise<Sum> {
  const { sum, pass } = summing();
  for await (const _chunk of pass(createReadStream(path, { highWaterMark: 1024 * 1024 })));
  return sum();
}

function summing() {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    sum: (): Sum => ({ bytes, sha256: hash.digest('hex') }),
    async *pass(source: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer | string> {
      for await (const chunk of source) {
        hash.update(chunk);
        bytes += Buffer.byteLength(chunk);
        yield chunk;
      }
    },
  };
}
