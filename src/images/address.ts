import { randomBytes } from 'node:crypto';

const ROOT = '/api/v3/images/';
const THUMBNAIL = '-t';
/** Of a picture, or with its ending of the small one. */
export const NAME = /^[0-9a-f]{32}(-t)?$/;
const ADDRESS = /^\/api\/v3\/images\/([0-9a-f]{32})(?:-t)?$/;

/**
 * 128 random bits. Not a hash of what is in it: whoever has the same file would know that it is here, and a name that comes again could be
 * written by one while another one removes it.
 */
export function newKey(): string {
  return randomBytes(16).toString('hex');
}

export function thumbnailOf(key: string): string {
  return `${key}${THUMBNAIL}`;
}

/** The picture that a name is of, and whether it is the small one. */
export function partsOf(name: string): { key: string; isThumbnail: boolean } {
  return name.endsWith(THUMBNAIL)
    ? { key: name.slice(0, -THUMBNAIL.length), isThumbnail: true }
    : { key: name, isThumbnail: false };
}

/** Where it is read, below the origin. */
export function addressOf(name: string): string {
  return `${ROOT}${name}`;
}

/** The key of one of ours; undefined of anything else. */
export function keyIn(address: string | null | undefined): string | undefined {
  return address == null ? undefined : ADDRESS.exec(address)?.[1];
}
