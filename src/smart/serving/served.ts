/**
 * Notes what was recommended to whom, behind the answer and many at a time: a list that is lost with its node is one that nobody can
 * say how it went. Bounded: with too many that wait, further ones are not noted.
 */
import { In } from 'typeorm';
import { SmartServed } from '../../../entities/smart/SmartServed.ts';
import { insertAll } from '../../platform/database/bulk.ts';
import type { Database } from '../../platform/database/transaction.ts';
import type { Logger } from '../../platform/logger.ts';
import { repeating } from '../../platform/repeating.ts';
import { closedAmongHeld } from '../../identity/people/isActive.ts';

const MOST_WAITING = 5000;
const BATCH = 200;
const EVERY_MS = 1000;

export class Served {
  private waiting: SmartServed[] = [];
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly services: { database: Database; logger: Logger }) {}

  note(row: SmartServed): void {
    if (this.waiting.length < MOST_WAITING) this.waiting.push(row);
  }

  /** @returns how to stop it */
  keep(): () => void {
    const problem = 'what was recommended could not be noted';
    return repeating(this.services.logger, problem, () => this.flush(), { intervalMs: EVERY_MS });
  }

  /** Of the person's own; undefined: nobody was given it, or it is long ago. */
  async find(recommendationId: string, userId: number): Promise<SmartServed | undefined> {
    const isOwn = (row: SmartServed) => row.recommendation_id === recommendationId && row.user_id === userId;
    const waiting = this.waiting.find(isOwn);
    if (waiting !== undefined) return waiting;
    const row = await this.services.database.currentReader.findOneBy(SmartServed, {
      recommendation_id: recommendationId,
      user_id: userId,
    });
    return row ?? undefined;
  }

  /** Once what waits by now is written. */
  flush(): Promise<void> {
    this.writing = this.writing.catch(() => undefined).then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, BATCH);
      await this.services.database.retryingTransaction(async (tx) => {
        const userIds = [...new Set(batch.map(({ user_id: userId }) => userId))].sort((a, b) => a - b);
        const closed = await closedAmongHeld(tx, userIds);
        const ids = batch.map(({ recommendation_id: id }) => id);
        // The answer to an earlier try may have been lost.
        const there = await tx.manager.find(SmartServed, {
          select: { recommendation_id: true },
          where: { recommendation_id: In(ids) },
        });
        const known = new Set(there.map(({ recommendation_id: id }) => id));
        const rows = batch.filter((row) => !known.has(row.recommendation_id) && !closed.has(row.user_id));
        await insertAll(tx, SmartServed, rows);
      });
      this.waiting = this.waiting.slice(batch.length);
    }
  }
}
