import { hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;

/** A key for one purpose alone, made of a secret (HKDF-SHA-256): whoever has it knows neither the secret nor another key of it. */
export function derivedKey(secret: Buffer | string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, KEY_BYTES));
}
