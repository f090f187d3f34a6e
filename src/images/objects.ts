/** Where the bytes of pictures are. A name is written once, and stands for the same bytes until it is removed. */
import type { Readable } from 'node:stream';

/** Of what is there by the name of an object, whole or half written. */
export const OBJECT = /^[0-9a-f]{32}(-t)?(\.part)?$/;

export interface StoredObject {
  name: string;
  writtenAtMs: number;
}

/** The first and the last byte. */
export interface ByteRange {
  start: number;
  end: number;
}

export interface Objects {
  /** Whole or not at all. @throws what is BUSY to whoever asked, as all of these, where the store does not answer or has no room */
  put(name: string, bytes: Buffer, contentType: string): Promise<void>;
  /** @returns undefined where it is not */
  open(name: string, range?: ByteRange): Promise<Readable | undefined>;
  /** Removed or not there: both are well. */
  remove(name: string): Promise<void>;
  /** The next ones in the order of their names; fewer than `limit` only at the end. */
  list(after: string, limit: number): Promise<StoredObject[]>;
  /** Where anybody may read it for so long, by somebody else's server; undefined: here alone. */
  linkTo?(name: string, seconds: number): string;
  /** Of those links: pages have to allow it. */
  linkOrigin?: string;
}
