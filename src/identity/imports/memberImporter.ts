import { randomUUID } from 'node:crypto';
import { MemberImport } from '../../../entities/identity/MemberImport.ts';
import { isItemsFault } from '../../platform/actor/itemsFault.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { Logger } from '../../platform/logger.ts';
import { pauseUntil, repeating } from '../../platform/repeating.ts';
import { lifetimeEnd, type Lifetime } from '../../points/settings.ts';
import type { AccessControl } from '../access/accessControl.ts';
import { stepImport, type Stepped } from './importStep.ts';

export interface ImporterServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  access: Pick<AccessControl, 'can'>;
  config: Lifetime;
}

/** Much longer than a step takes. What is of a node that has died is another's by then. */
const LEASE_MS = 5000;
/** At least between two steps; and as long as the step took, so that others have half of the time. */
const PAUSE_MS = 10;

/** Works at the imports that run, on every node: each is gone through by the one that has claimed it. */
export class MemberImporter {
  private readonly nodeId = randomUUID();
  private readonly ending = new AbortController();
  /** Rows of the next batch, where a batch has failed: the one at fault is found by halving. */
  private readonly batches = new Map<number, number>();
  private working: Promise<void> | undefined;
  private stopLooking: (() => void) | undefined;

  constructor(private readonly services: ImporterServices) {}

  start(): void {
    this.stopLooking ??= repeating(this.services.logger, 'imports could not be worked at', () => this.work());
  }

  stop(): void {
    this.ending.abort();
    this.stopLooking?.();
  }

  /** Resolves when no step is under way. */
  async close(): Promise<void> {
    this.stop();
    await this.working?.catch(() => undefined);
  }

  /** At once, of what has just come. */
  begin(): void {
    void this.work().catch((error: unknown) => {
      if (!this.ending.signal.aborted)
        this.services.logger.warn({ err: error }, 'an import could not begin at once');
    });
  }

  /** Goes on until nothing is left that this node may do. */
  work(): Promise<void> {
    return (this.working ??= this.workThrough().finally(() => (this.working = undefined)));
  }

  private async workThrough(): Promise<void> {
    let isMore = true;
    while (isMore && !this.ending.signal.aborted) {
      isMore = false;
      for (const importId of await this.running()) {
        if (this.ending.signal.aborted) return;
        const startedMs = performance.now();
        isMore = (await this.step(importId)) === 'more' || isMore;
        await pauseUntil(this.ending.signal, Math.max(PAUSE_MS, performance.now() - startedMs));
      }
    }
  }

  /** In the order in which they came. */
  private async running(): Promise<number[]> {
    const rows = await this.services.database.currentReader.find(MemberImport, {
      select: { import_id: true },
      where: { status: 'running' },
      order: { import_id: 'ASC' },
    });
    return rows.map(({ import_id: importId }) => importId);
  }

  private async step(importId: number): Promise<Stepped> {
    const { database, clock, logger, access, config } = this.services;
    const rows = this.batches.get(importId) ?? LIMITS.importRowsPerBatch;
    const step = {
      importId,
      nodeId: this.nodeId,
      leaseMs: LEASE_MS,
      rows,
      mayImport: (userId: number) => access.can({ userId }, 'members:import'),
      endMs: (nowMs: number) => lifetimeEnd(config, nowMs),
    };
    const run = (isGivenUp: boolean) =>
      database.retryingTransaction((tx) => stepImport(tx, { ...step, isGivenUp }, clock.nowMs()));
    try {
      const stepped = await run(false);
      if (rows < LIMITS.importRowsPerBatch && stepped === 'more')
        this.batches.set(importId, Math.min(2 * rows, LIMITS.importRowsPerBatch));
      else this.batches.delete(importId);
      return stepped;
    } catch (error) {
      if (!isItemsFault(error)) throw error;
      this.batches.set(importId, Math.ceil(rows / 2));
      if (rows > 1) return 'more';
      logger.warn({ err: error, importId }, 'a row of an import could not be imported');
      return run(true);
    }
  }
}
