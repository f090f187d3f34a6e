/**
 * JSON that is sent in pieces, some of which are kept because they never change. A kept piece is compressed once: pieces of one
 * DEFLATE stream are joined as they are, so that only what is new of an answer is compressed for it.
 */
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';

export interface JsonPiece {
  text: Buffer;
  /** Ends at a whole byte, with more of the stream to follow. */
  deflated: Buffer;
}

const deflate = promisify(deflateRaw) as (text: Buffer, options: object) => Promise<Buffer>;

/** Of a shorter piece nothing worth its while is saved, and to begin a compressor for it costs more than all else of an answer. */
const LEAST_COMPRESSED_BYTES = 1024;

export async function jsonPiece(json: string): Promise<JsonPiece> {
  const text = Buffer.from(json);
  return { text, deflated: await deflatedOf(text, constants.Z_DEFAULT_COMPRESSION) };
}

async function deflatedOf(text: Buffer, level: number): Promise<Buffer> {
  if (text.length < LEAST_COMPRESSED_BYTES) return storedBlock(text);
  return deflate(text, { level, finishFlush: constants.Z_SYNC_FLUSH });
}

/** A block of a DEFLATE stream that is not compressed: its kind, its length twice, and the text (RFC 1951, 3.2.4). */
function storedBlock(text: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16LE(text.length, 1);
  head.writeUInt16LE(~text.length & 0xffff, 3);
  return Buffer.concat([head, text]);
}

/** Gzip, deflate, no flags, no time, unknown system. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** A last block with nothing in it. */
const END_OF_STREAM = Buffer.from([3, 0]);

/** All pieces as one gzip file. */
export function gzipOf(pieces: readonly JsonPiece[]): Buffer {
  const crc = pieces.reduce((sum, { text }) => crc32(text, sum), 0);
  const length = pieces.reduce((sum, { text }) => sum + text.length, 0);
  const trailer = trailerOf(crc, length % 2 ** 32);
  return Buffer.concat([GZIP_HEADER, ...pieces.map(({ deflated }) => deflated), END_OF_STREAM, trailer]);
}

function trailerOf(crc: number, length: number): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(length, 4);
  return trailer;
}

/** A piece of what is made while it is sent: compressed already where it is kept. */
export type MadePiece = Pick<JsonPiece, 'text'> & Partial<JsonPiece>;

/** As gzipOf, one piece after the other. What is sent once is compressed in the fastest way. */
export async function* gzipAsMade(pieces: AsyncIterable<MadePiece>): AsyncGenerator<Buffer> {
  let crc = 0;
  let length = 0;
  yield GZIP_HEADER;
  for await (const { text, deflated } of pieces) {
    crc = crc32(text, crc);
    length = (length + text.length) % 2 ** 32;
    yield deflated ?? (await deflatedOf(text, constants.Z_BEST_SPEED));
  }
  yield Buffer.concat([END_OF_STREAM, trailerOf(crc, length)]);
}

/**
 * Pieces that were asked for lately: at most `maxBytes` of them, of which the one that was not asked for the longest goes first,
 * and none for longer than `maxAgeMs` after it was made.
 */
export class KeptPieces {
  private readonly pieces = new Map<string, JsonPiece & { madeAtMs: number }>();
  private bytes_ = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly maxAgeMs: number,
  ) {}

  get bytes(): number {
    return this.bytes_;
  }

  get(key: string): JsonPiece | undefined {
    const piece = this.pieces.get(key);
    if (piece === undefined) return undefined;
    if (performance.now() - piece.madeAtMs > this.maxAgeMs) {
      this.forget(key);
      return undefined;
    }
    this.pieces.delete(key);
    this.pieces.set(key, piece);
    return piece;
  }

  keep(key: string, piece: JsonPiece): void {
    this.forget(key);
    this.pieces.set(key, { ...piece, madeAtMs: performance.now() });
    this.bytes_ += sizeOf(piece);
    for (const oldest of this.pieces.keys()) {
      if (this.bytes_ <= this.maxBytes) break;
      this.forget(oldest);
    }
  }

  private forget(key: string): void {
    const piece = this.pieces.get(key);
    if (piece === undefined) return;
    this.pieces.delete(key);
    this.bytes_ -= sizeOf(piece);
  }
}

function sizeOf({ text, deflated }: JsonPiece): number {
  return text.length + deflated.length;
}
