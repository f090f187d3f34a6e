import { LotteryFairnessEpoch } from '../../entities/lottery/LotteryFairnessEpoch.ts';
import type { Database } from '../platform/database/transaction.ts';
import { StartError } from '../platform/startError.ts';
import { decryptSeed } from './seeds.ts';

/**
 * Whether the key of this process reads the seeds that are stored. With another one no campaign can go on, and a node that
 * stores seeds by it takes their campaigns from all others.
 */
export class SeedKeyCheck {
  /** The newest seed that was read; a seed never changes. */
  private readable: string | undefined;

  constructor(
    private readonly database: Pick<Database, 'reader'>,
    private readonly seedKey: Buffer,
  ) {}

  /** @throws StartError when the newest seed cannot be read */
  async check(): Promise<void> {
    const [newest] = await this.database.reader.find(LotteryFairnessEpoch, {
      select: { campaign_id: true, epoch: true, encrypted_seed: true },
      order: { campaign_id: 'DESC', epoch: 'DESC' },
      take: 1,
    });
    if (newest === undefined || newest.encrypted_seed === this.readable) return;
    try {
      decryptSeed(newest.encrypted_seed, this.seedKey);
    } catch (error) {
      throw new StartError('SEED_ENCRYPTION_KEY: the newest stored seed is encrypted with another key', {
        cause: error,
      });
    }
    this.readable = newest.encrypted_seed;
  }
}
