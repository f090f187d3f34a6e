import { Semaphore } from 'async-mutex';
import { AppError } from '../errors.ts';

/** As many as may wait for a connection of the pool. */
const MAX_WAITING = 1000;

/**
 * Keeps connections of the pool for owners' commits, on which everybody in a campaign waits: all other transactions together
 * take no more than the rest, and wait here in the order of their arrival.
 */
export class Reservation {
  private readonly rest: Semaphore;
  private waiting = 0;

  constructor(poolSize: number) {
    // A pool of one has nothing to keep.
    this.rest = new Semaphore(Math.max(poolSize - Math.ceil(poolSize / 4), 1));
  }

  /** @throws AppError BUSY when too many wait already */
  async run<T>(transaction: () => Promise<T>): Promise<T> {
    const mustWait = this.rest.isLocked();
    if (mustWait && this.waiting >= MAX_WAITING) throw new AppError('BUSY');
    if (mustWait) this.waiting++;
    const [, release] = await this.rest.acquire();
    if (mustWait) this.waiting--;
    try {
      return await transaction();
    } finally {
      release();
    }
  }
}
