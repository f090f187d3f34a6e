import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import type { Random } from './random.ts';

/**
 * Runs `work` with the server seeds' bytes coming from `random`: outcomes follow from the seeds, so without this no run
 * could be repeated. Everything else of this process must wait meanwhile.
 */
export async function withRandomness<T>(random: Random, work: () => Promise<T>): Promise<T> {
  const real = crypto.randomBytes;
  const replace = (randomBytes: typeof crypto.randomBytes) => {
    crypto.randomBytes = randomBytes;
    syncBuiltinESMExports();
  };
  replace(((size: number) => random.bytes(size)) as typeof crypto.randomBytes);
  try {
    return await work();
  } finally {
    replace(real);
  }
}
