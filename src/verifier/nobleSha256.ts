import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Sha256 } from '../draw/roll.ts';

/** For where the platform's own SHA-256 answers later only, as in browsers. */
export const nobleSha256: Sha256 = {
  binary: (data) => String.fromCharCode(...sha256(data)),
  hex: (text) => bytesToHex(sha256(utf8ToBytes(text))),
};
