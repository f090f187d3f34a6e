/** The roll of one draw: HMAC-SHA256 over the draw's identity, read as an unbiased number below 10¹². */
import { ROLL_RANGE } from './odds.ts';

/**
 * SHA-256, given by the caller so that this folder runs anywhere. `binary` returns 32 bytes as a string of one character
 * per byte: Node makes one three times faster than a Buffer. `hex` hashes the UTF-8 of a text.
 */
export interface Sha256 {
  binary(data: Uint8Array): string;
  hex(text: string): string;
}

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const WORDS = HASH_BYTES / 8;
/** The largest multiple of 10¹² below 2⁵³: words from here on are rejected, or the low rolls would come up more often. */
const ACCEPTED_BELOW = Math.floor(2 ** 53 / ROLL_RANGE) * ROLL_RANGE;
const MESSAGE_BYTES = 256;

export interface RollIdentity {
  campaignId: number;
  drawNo: number;
  userId: number;
  /** [A-Za-z0-9_-]{1,64} */
  clientSeed: string;
}

/** Rolls with one server seed. Holds the padded keys, so that a roll costs two short hashes. Not for concurrent use. */
export class Roller {
  private readonly inner = new Uint8Array(BLOCK_BYTES + MESSAGE_BYTES);
  private readonly outer = new Uint8Array(BLOCK_BYTES + HASH_BYTES);
  /** The inner block with a message of each length, so that no view is made per roll. */
  private readonly innerOfLength = Array.from({ length: MESSAGE_BYTES + 1 }, (_, length) =>
    this.inner.subarray(0, BLOCK_BYTES + length),
  );

  /** @param serverSeed 32 bytes */
  constructor(
    serverSeed: Uint8Array,
    private readonly sha256: Sha256,
  ) {
    if (serverSeed.length !== HASH_BYTES) throw new RangeError('A server seed has 32 bytes');
    this.inner.fill(0x36, 0, BLOCK_BYTES);
    this.outer.fill(0x5c, 0, BLOCK_BYTES);
    serverSeed.forEach((byte, at) => {
      this.inner[at]! ^= byte;
      this.outer[at]! ^= byte;
    });
  }

  /** A whole number in [0, 10¹²). */
  roll({ campaignId, drawNo, userId, clientSeed }: RollIdentity): number {
    const message = `${campaignId}:${drawNo}:${userId}:${clientSeed}`;
    let roll = firstAccepted(this.hmac(message));
    // All four words rejected: (0.2 / 9007)⁴, about once in 4·10¹⁸ draws.
    for (let attempt = 1; roll === undefined; attempt++)
      roll = firstAccepted(this.hmac(`${message}:${attempt}`));
    return roll;
  }

  /** HMAC-SHA256 by its definition (RFC 2104): one-shot hashes are far cheaper in Node than a keyed stream object. */
  hmac(message: string): string {
    if (message.length > MESSAGE_BYTES) throw new RangeError('The roll message is too long');
    writeBytes(message, this.inner, BLOCK_BYTES);
    const digest = this.sha256.binary(this.innerOfLength[message.length]!);
    writeBytes(digest, this.outer, BLOCK_BYTES);
    return this.sha256.binary(this.outer);
  }
}

/** The first 8-byte big-endian word whose top 53 bits are accepted, modulo 10¹². One character per byte. */
export function firstAccepted(bytes: string): number | undefined {
  for (let word = 0; word < WORDS; word++) {
    const top53 = readTop53(bytes, word * 8);
    if (top53 < ACCEPTED_BELOW) return top53 % ROLL_RANGE;
  }
  return undefined;
}

function readTop53(bytes: string, at: number): number {
  return readWord32(bytes, at) * 2 ** 21 + (readWord32(bytes, at + 4) >>> 11);
}

function readWord32(bytes: string, at: number): number {
  return (
    ((bytes.charCodeAt(at) << 24) |
      (bytes.charCodeAt(at + 1) << 16) |
      (bytes.charCodeAt(at + 2) << 8) |
      bytes.charCodeAt(at + 3)) >>>
    0
  );
}

function writeBytes(bytes: string, target: Uint8Array, at: number): void {
  for (let i = 0; i < bytes.length; i++) target[at + i] = bytes.charCodeAt(i);
}
