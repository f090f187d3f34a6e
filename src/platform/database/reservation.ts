import { Semaphore, withTimeout, type SemaphoreInterface } from 'async-mutex';
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/**
 * Keeps connections of the pool for owners' commits, on which everybody in a campaign waits: all other transactions together
 * take no more than the rest, and wait here in the order of their arrival.
 */
export class Reservation {
  private readonly rest: SemaphoreInterface;
  private count = 0;

  /** @param waitMs nobody waits for longer, as while the database stands still. */
  constructor(poolSize: number, waitMs: number) {
    // A pool of one has nothing to keep.
    const rest = new Semaphore(Math.max(poolSize - Math.ceil(poolSize / 4), 1));
    this.rest = withTimeout(rest, waitMs, new AppError('BUSY'));
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.count;
  }

  /** @throws AppError BUSY when too many wait already, or for too long */
  async run<T>(transaction: () => Promise<T>): Promise<T> {
    const mustWait = this.rest.isLocked();
    if (mustWait && this.count >= LIMITS.queuedTransactions) throw new AppError('BUSY');
    const release = await this.acquire(mustWait);
    try {
      return await transaction();
    } finally {
      release();
    }
  }

  private async acquire(mustWait: boolean): Promise<() => void> {
    if (mustWait) this.count++;
    try {
      const [, release] = await this.rest.acquire();
      return release;
    } finally {
      if (mustWait) this.count--;
    }
  }
}
