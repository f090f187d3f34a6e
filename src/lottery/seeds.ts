import { createHash, randomBytes as systemRandomBytes } from 'node:crypto';
import { seal, unseal } from '../platform/sealing.ts';

const SEED_BYTES = 32;

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
  encrypted: string;
}

/** A fresh server seed, ready to be committed to. */
export function createSeed({ seedKey, randomBytes = systemRandomBytes }: SeedSource): NewSeed {
  const seed = randomBytes(SEED_BYTES);
  return {
    seed,
    hash: createHash('sha256').update(seed).digest('hex'),
    encrypted: seal(seed, seedKey, randomBytes),
  };
}

/** @throws when the key is not the one the seed was encrypted with, or the text was changed. */
export function decryptSeed(encrypted: string, key: Buffer): Buffer {
  return unseal(encrypted, key);
}
