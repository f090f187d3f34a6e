import { createCipheriv, createDecipheriv, createHash, randomBytes as systemRandomBytes } from 'node:crypto';

const SEED_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What server seeds are made with. */
export interface SeedSource {
  /** 32 bytes; a stored seed can be read with nothing else. */
  seedKey: Buffer;
  /**
   * Where the bytes of a seed come from: the system, unless a run must be repeatable. Whoever can predict them can predict
   * every draw.
   */
  randomBytes?: (size: number) => Buffer;
}

export interface NewSeed {
  seed: Buffer;
  /** Lower-case hex SHA-256 of the seed bytes: the commitment. */
  hash: string;
  /** AES-256-GCM, base64 of nonce ‖ tag ‖ ciphertext. */
  encrypted: string;
}

/** A fresh server seed, ready to be committed to. */
export function createSeed({ seedKey, randomBytes = systemRandomBytes }: SeedSource): NewSeed {
  const seed = randomBytes(SEED_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', seedKey, nonce);
  const encrypted = Buffer.concat([cipher.update(seed), cipher.final()]);
  return {
    seed,
    hash: createHash('sha256').update(seed).digest('hex'),
    encrypted: Buffer.concat([nonce, cipher.getAuthTag(), encrypted]).toString('base64'),
  };
}

/** @throws when the key is not the one the seed was encrypted with, or the text was changed. */
export function decryptSeed(encrypted: string, key: Buffer): Buffer {
  const bytes = Buffer.from(encrypted, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}
