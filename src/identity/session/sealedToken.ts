import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { derivedKey } from '../../platform/derivedKey.ts';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

export interface Opener {
  /** The refresh token that was exchanged: kept nowhere but by whoever shows it. */
  token: string;
  /** Who exchanged it. */
  device: string;
}

/**
 * The successor of a refresh token, as the database may keep it: to be read with the exchanged token alone, which the database
 * does not have, and by the same device.
 */
export function sealSuccessor(successor: string, opener: Opener): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(opener.token), iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(opener.device));
  const sealed = Buffer.concat([cipher.update(successor, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** @returns undefined to another device. */
export function openSuccessor(text: string, opener: Opener): string | undefined {
  const bytes = Buffer.from(text, 'base64url');
  const [iv, tag] = [bytes.subarray(0, IV_BYTES), bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES)];
  const decipher = createDecipheriv(CIPHER, keyOf(opener.token), iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(opener.device));
  decipher.setAuthTag(tag);
  try {
    const opened = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES));
    return Buffer.concat([opened, decipher.final()]).toString('utf8');
  } catch {
    // The tag does not fit: it is another device's.
    return undefined;
  }
}

function keyOf(token: string): Buffer {
  return derivedKey(token, 'kaijiang refresh successor');
}
