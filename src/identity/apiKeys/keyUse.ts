import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { Logger } from '../../platform/logger.ts';
import { writeUse } from './keyStore.ts';

const WRITE_MS = 60_000;

interface KeyUseServices {
  database: Database;
  clock: Clock;
  logger: Logger;
}

/** When and from where each key was last used: written at most once a minute, and no request waits for it. */
export class KeyUse {
  private readonly writtenAtMs = new Map<number, number>();
  private readonly writing = new Set<Promise<void>>();

  constructor(private readonly services: KeyUseServices) {}

  note(apiKeyId: number, ip: string): void {
    const nowMs = this.services.clock.nowMs();
    const beforeMs = nowMs - WRITE_MS;
    if ((this.writtenAtMs.get(apiKeyId) ?? -Infinity) > beforeMs) return;
    // Keys that were revoked are left in it.
    if (this.writtenAtMs.size >= 2 * LIMITS.apiKeys) this.writtenAtMs.clear();
    this.writtenAtMs.set(apiKeyId, nowMs);
    const writing = this.write({ apiKeyId, ip, nowMs, beforeMs }).finally(() => this.writing.delete(writing));
    this.writing.add(writing);
  }

  /** When what was noted is written. */
  async settled(): Promise<void> {
    await Promise.all(this.writing);
  }

  /** What cannot be written is lost, and costs nothing. */
  private async write(use: Parameters<typeof writeUse>[1]): Promise<void> {
    const { database, logger } = this.services;
    try {
      await database.transaction((tx) => writeUse(tx, use));
    } catch (error) {
      logger.warn({ err: error, apiKeyId: use.apiKeyId }, 'the use of an API key could not be written');
    }
  }
}
